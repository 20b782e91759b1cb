"""Entries are found as whole words and phrases, and shipped lists are fit to use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.vocabulary import (
    DATA,
    Meaning,
    Vocabulary,
    folded_words,
    read_contexts,
    read_vocabularies,
    read_vocabulary,
)
from text.view import TextView

LETTERS = st.text("abc", min_size=1, max_size=2)


def count(entries: list[str], text: str) -> dict[str, int]:
    return dict(Vocabulary(entries).count(TextView(text).folded_hashes))


def test_words_are_matched_whole_and_in_any_case() -> None:
    assert count(["cunt", "ass"], "Scunthorpe is a class act; ASS, Ass's") == {"ass": 1}


def test_phrases_are_matched_over_white_space_and_marks() -> None:
    assert count(["fake id", "fake"], "Fake-ID, fake\nid and fake") == {"fake id": 2, "fake": 1}


def test_unspaced_scripts_match_inside_a_sentence() -> None:
    assert count(["色情网站"], "这里有色情网站的广告") == {"色 情 网 站": 1}


@given(st.lists(LETTERS, min_size=1, max_size=4), st.lists(LETTERS, max_size=30))
def test_single_words_are_counted_like_a_bag(entries: list[str], text: list[str]) -> None:
    assert count(entries, " ".join(text)) == {word: text.count(word) for word in entries if word in text}


@given(st.lists(st.lists(LETTERS, min_size=1, max_size=3), min_size=1, max_size=4), st.lists(LETTERS, max_size=30))
def test_hits_never_overlap(entries: list[list[str]], text: list[str]) -> None:
    found = count([" ".join(entry) for entry in entries], " ".join(text))
    assert sum(len(entry.split()) * hits for entry, hits in found.items()) <= len(text)


def plainly_counted(entries: list[str], text: str) -> Counter[str]:
    """Entries found one word after the other, the longest first."""
    parts = sorted({tuple(folded_words(entry)) for entry in entries}, key=lambda entry: (-len(entry), entry))
    words, at, found = folded_words(text), 0, Counter[str]()
    while at < len(words):
        entry = next((entry for entry in parts if tuple(words[at : at + len(entry)]) == entry), None)
        if entry:
            found[" ".join(entry)] += 1
        at += len(entry) if entry else 1
    return found


@given(
    st.lists(st.lists(LETTERS | st.sampled_from(["ẞ", "Ab", "中"]), min_size=1, max_size=3), min_size=1, max_size=8),
    st.lists(LETTERS | st.sampled_from(["SS", "aB", "中", "x" * 200]), max_size=40),
)
def test_entries_are_found_as_if_word_by_word(entries: list[list[str]], text: list[str]) -> None:
    listed, said = [" ".join(entry) for entry in entries], " ".join(text)
    assert count(listed, said) == plainly_counted(listed, said)


def test_lists_have_comments_and_one_file_a_language(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("# ours\nbad word # both\n\nawful\n", "utf-8")
    lists = read_vocabularies(tmp_path)
    assert list(lists) == ["en"] and len(lists["en"]) == 2


def test_empty_lists_and_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no word list"):
        read_vocabularies(tmp_path)
    (tmp_path / "en.txt").write_text("# nothing yet\n", "utf-8")
    with pytest.raises(ValueError, match=r"en\.txt cannot be used: .* no entries"):
        read_vocabularies(tmp_path)
    with pytest.raises(ValueError, match="'!' of a vocabulary holds no word"):
        Vocabulary(["!"])


@pytest.mark.parametrize("kind", ["dirty_words", "adult", "harm"])
def test_shipped_lists_hold_each_entry_once_in_order(kind: str) -> None:
    lists = read_vocabularies(DATA / kind)
    assert "en" in lists
    for language, vocabulary in lists.items():
        lines = (DATA / kind / f"{language}.txt").read_text("utf-8").splitlines()
        entries = [line.partition(" | ")[0] for line in lines if not line.startswith("#")]
        assert entries == sorted(set(entries))
        assert len(vocabulary) == len({tuple(folded_words(entry)) for entry in entries})


def test_an_entry_may_have_a_weight_and_contexts(tmp_path: Path) -> None:
    path = tmp_path / "en.txt"
    path.write_text("cock | 0.5 | birds poultry  # of a farm\nBlowjob | 2\nmilf\nnude | | clothing\n", "utf-8")
    vocabulary = read_vocabularies(tmp_path)["en"]
    assert vocabulary.meaning("cock") == Meaning(0.5, ("birds", "poultry"))
    assert [vocabulary.meaning(entry).weight for entry in ("blowjob", "milf", "nude")] == [2, 1, 1]
    assert vocabulary.contexts() == {"birds", "poultry", "clothing"}


@pytest.mark.parametrize("line", ["cock | heavy", "cock | 0", "cock | 11", "| 1", "a | 1 | b | c", "cock | nan"])
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "en.txt").write_text(f"milf\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"en\.txt, line 2"):
        read_vocabulary(tmp_path / "en.txt")


def test_contexts_of_several_lines_add_up(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("# ours\n@golf: tee, pro shop\n@golf: fairway\n", "utf-8")
    golf = read_contexts(tmp_path)["en"]["golf"]
    assert golf.count(TextView("The Pro Shop by the fairway").folded_hashes) == {"pro shop": 1, "fairway": 1}
    (tmp_path / "de.txt").write_text("golf: Loch\n", "utf-8")
    read_contexts.cache_clear()
    with pytest.raises(ValueError, match=r"de\.txt, line 1"):
        read_contexts(tmp_path)
    with pytest.raises(FileNotFoundError, match="holds no contexts"):
        read_contexts(tmp_path / "none")
