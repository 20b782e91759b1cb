"""Each reading by hand on one text, against the paper's table, and against slow readings of its sentences."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.peers.gopher_repetition import TABLE_A1, GopherRepetitionFilter
from filters.verdict import Reject
from text.document import Document

READINGS = ("paper", "datatrove", "dclm", "dolma", "dolma_v2", "redpajama")
TEXTS = st.lists(st.sampled_from(["a", "bb", "ccc.", "dd,", "E", "\n", "\n\n"]), min_size=1, max_size=60).map(" ".join)


def score(reading: str, text: str) -> dict[str, float]:
    return dict(GopherRepetitionFilter(reading).score(Document(text)) or {})


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        # "ab cd" stands in 3 lines of 4: 15 of 18 characters of lines. Words without marks: 3 x 4 of 15 characters.
        ("paper", {"duplicate_line_fraction": 3 / 4, "duplicate_line_characters": 15 / 18, "top_2gram": 12 / 15}),
        # Two later copies, of 21 characters of text; the 2-gram has its space.
        ("datatrove", {"duplicate_line_fraction": 2 / 4, "duplicate_line_characters": 10 / 21, "top_2gram": 15 / 21}),
        ("dclm", {"duplicate_line_fraction": 3 / 4, "duplicate_line_characters": 15 / 18, "top_2gram": 12 / 15}),
        ("dolma", {"duplicate_line_fraction": 3 / 4, "duplicate_line_characters": 15 / 15, "top_2gram": 12 / 15}),
        ("redpajama", {"top_2gram": 12 / 15}),
    ],
)
def test_readings_by_hand(reading: str, expected: dict[str, float]) -> None:
    found = score(reading, "ab cd\nab cd\nxyz\nab cd")
    assert {rule: found[rule] for rule in expected} == pytest.approx(expected)


def test_of_overlapping_copies_readings_make_different_shares() -> None:
    # Seven times the same word: six 2-grams, equal all of them.
    text = "ab " * 7
    assert score("paper", text)["top_2gram"] == 1.0
    assert score("dclm", text)["top_2gram"] == score("dolma", text)["top_2gram"] == 24 / 14
    assert score("datatrove", text)["top_2gram"] == 30 / 21
    # Of three 5-grams the second is passed over, and the third does not fit behind it.
    assert score("datatrove", text)["duplicate_5gram"] == 10 / 21
    assert score("paper", text)["duplicate_5gram"] == score("dolma", text)["duplicate_5gram"] == 1.0


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["ab", "cde", "fghi"]), min_size=1, max_size=30))
def test_datatrove_passes_over_what_was_there_before(words: list[str]) -> None:
    text = " ".join(words)
    found = score("datatrove", text)
    for n in range(5, 11):
        seen, place, characters = set(), 0, 0
        while place + n <= len(words):
            ngram = tuple(words[place : place + n])
            characters += sum(map(len, ngram)) * (ngram in seen)
            place += n if ngram in seen else 1
            seen.add(ngram)
        assert found.get(f"duplicate_{n}gram", 0) == pytest.approx(characters / len(text))


def test_blank_lines_are_duplicates_to_the_first_version_of_dolma_alone() -> None:
    text = "one\n\n\ntwo\n\nthree"
    assert score("dolma", text)["duplicate_line_fraction"] == 0.5
    assert score("dolma_v2", text)["duplicate_line_fraction"] == 0.0


def test_without_repetition_some_readings_count_an_ngram_that_comes_once() -> None:
    text = "one two three"
    assert score("datatrove", text)["top_2gram"] == 7 / 13 and score("dolma", text)["top_2gram"] == 6 / 11
    assert "top_2gram" not in score("dclm", text) and score("paper", text)["top_2gram"] == 0.0


def slow_all_copies(tokens: list[str], n: int) -> float:
    ngrams = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    counts = Counter(ngrams)
    covered = {start + step for start, ngram in enumerate(ngrams) if counts[ngram] > 1 for step in range(n)}
    return sum(len(tokens[place]) for place in covered) / max(1, sum(map(len, tokens)))


@settings(max_examples=50)
@given(TEXTS)
def test_copies_over_words_equal_a_slow_reading(text: str) -> None:
    words = text.replace(".", "").replace(",", "").lower().split()
    for n in range(5, 11):
        assert score("redpajama", text).get(f"duplicate_{n}gram", 0.0) == pytest.approx(slow_all_copies(words, n))


def slow_top(tokens: list[str], n: int, longest: bool) -> float:
    """Of n-grams that come more than once the most frequent, of equals the first or the longest; 0 without any."""
    counts = Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))
    copies = [(count, sum(map(len, ngram))) for ngram, count in counts.items() if count > 1]
    most = max(count for count, _ in copies) if copies else 0
    characters = [length for count, length in copies if count == most] or [0]
    return most * (max(characters) if longest else characters[0]) / max(1, sum(map(len, tokens)))


@settings(max_examples=50)
@given(TEXTS)
def test_the_most_frequent_ngram_of_two_to_four_words_equals_a_slow_reading(text: str) -> None:
    words = text.replace(".", "").replace(",", "").split()
    for reading, tokens in (("redpajama", [word.lower() for word in words]), ("dclm", words)):
        found = score(reading, text)
        for n in range(2, 5):
            assert found.get(f"top_{n}gram", 0.0) == pytest.approx(slow_top(tokens, n, longest=reading == "dclm"))
        assert set(found) <= set(TABLE_A1)


@settings(max_examples=30)
@given(TEXTS, st.sampled_from(READINGS))
def test_scores_are_finite_and_not_negative(text: str, reading: str) -> None:
    found = score(reading, text)
    assert set(found) <= set(TABLE_A1) and all(0 <= ratio < 30 for ratio in found.values())


def test_the_table_is_the_paper_s_and_the_first_rule_of_the_authors_order_gives_the_reason() -> None:
    assert list(TABLE_A1.values()) == [0.30, 0.30, 0.20, 0.20, 0.20, 0.18, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.10]
    both = {"duplicate_line_fraction": 1.0, "duplicate_paragraph_characters": 0.25}
    assert GopherRepetitionFilter("paper").decide(both) == Reject("duplicate_line_fraction", 1.0)
    assert GopherRepetitionFilter("datatrove").decide(both) == Reject("duplicate_paragraph_characters", 0.25)
    assert GopherRepetitionFilter("dolma").decide({"duplicate_line_characters": 0.3}) is None
    assert GopherRepetitionFilter(thresholds={"top_2gram": 0.9}).decide({"top_2gram": 0.9}) is None


def test_mistakes_are_sentences() -> None:
    with pytest.raises(ValueError, match="reading is 'gopher'; there are paper, datatrove"):
        GopherRepetitionFilter("gopher")
    with pytest.raises(ValueError, match="'top_5gram', which is no rule"):
        GopherRepetitionFilter(thresholds={"top_5gram": 0.5})
    assert GopherRepetitionFilter().score(Document("...")) is None
