"""Gopher's repetition rules by hand-computed ratios, and against a slow reading of the same sentences."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.repetition import TABLE_A1, RepetitionFilter
from filters.verdict import Reject
from text.document import Document, Span
from text.segment import words

ANY = RepetitionFilter(min_words=1, min_lines=2)


def scores(text: str, *spans: Span) -> dict[str, float]:
    found = ANY.score(Document(text, "en", spans))
    assert found is not None
    return dict(found)


def slow_coverage(tokens: list[str], n: int, top: bool) -> float:
    """The rule word by word, as the docstring states it."""
    ngrams = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    counts = Counter(ngrams)
    repeated = [gram for gram in counts if counts[gram] > 1]
    if top and repeated:
        most = max(counts.values())
        tied = [gram for gram in repeated if counts[gram] == most]
        repeated = [max(tied, key=lambda gram: (sum(map(len, gram)), -ngrams.index(gram)))]
    covered = {start + step for start, gram in enumerate(ngrams) if gram in repeated for step in range(n)}
    return round(sum(len(tokens[place]) for place in covered) / sum(map(len, tokens)), 4)


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "e"]), min_size=1, max_size=60))
def test_ngram_ratios_equal_a_slow_reading(tokens: list[str]) -> None:
    found = scores(" ".join(tokens))
    for n in range(2, 11):
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        assert found[name] == slow_coverage(tokens, n, top=n < 5), name


@given(st.lists(st.sampled_from(["a bb ccc dddd e", "f gg hhh iiii", "jj k", "ll m nnn oo p qq", "r"]), max_size=12))
def test_ratios_of_repeated_phrases_equal_a_slow_reading(phrases: list[str]) -> None:
    tokens = " ".join([*phrases, "s", "tt", "uuu"]).split()
    found = scores(" ".join(tokens))
    for n in range(2, 11):
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        assert found[name] == slow_coverage(tokens, n, top=n < 5), name


def test_a_phrase_of_five_words_that_comes_twice_is_counted_with_its_characters() -> None:
    found = scores("a bb ccc dddd e then ff a bb ccc dddd e end")
    assert found["duplicate_5gram"] == round(22 / 31, 4) and found["duplicate_6gram"] == 0.0


@given(st.text(st.sampled_from("ab .\n\t日語")))
def test_ratios_are_fractions(text: str) -> None:
    found = ANY.score(Document(text))
    if words(text):
        assert found is not None and set(found) <= set(TABLE_A1)
        assert all(0 <= ratio <= 1 for ratio in found.values())
    else:
        assert found is None


def test_lines_count_all_copies_without_white_space_around_them() -> None:
    found = scores("abc\n  abc\nabcd\n\nxy")
    assert found["duplicate_line_fraction"] == 0.5  # 2 of 4 lines
    assert found["duplicate_line_characters"] == 0.5  # 6 of 12 characters
    assert found["duplicate_paragraph_fraction"] == 0.0


def test_paragraphs_are_lines_between_blank_lines() -> None:
    found = scores("one\ntwo\n\nthree\n \none\ntwo")
    assert found["duplicate_paragraph_fraction"] == 0.6667
    assert found["duplicate_paragraph_characters"] == round(14 / 19, 4)


def test_few_lines_are_no_evidence() -> None:
    six = "a title\none line\ntwo lines\na title\nthree lines\nfour lines"
    assert "duplicate_line_fraction" not in RepetitionFilter(min_words=1).score(Document(six))
    assert RepetitionFilter(min_words=1, min_lines=6).score(Document(six))["duplicate_line_fraction"] == 0.3333


def test_prose_stays_and_a_repeated_message_goes(prose: str) -> None:
    gopher = RepetitionFilter()
    assert gopher.decide(gopher.score(Document(prose, "en"))) is None
    errors = "\n".join(f"Error {number}: the connection to the server was closed by peer" for number in range(40))
    verdict = gopher.decide(gopher.score(Document(errors, "en")))
    assert verdict is not None and verdict.reason in TABLE_A1 and verdict.score > TABLE_A1[verdict.reason]


def test_code_math_and_tables_are_spared(prose: str) -> None:
    code = "for i in range(10): print(i)\n" * 30
    text = prose + "\n" + code
    gopher = RepetitionFilter()
    assert gopher.decide(gopher.score(Document(text, "en"))) is not None
    for kind in ("code", "math", "table"):
        spared = Document(text, "en", (Span(len(prose) + 1, len(text), kind),))
        assert gopher.decide(gopher.score(spared)) is None


def test_chinese_words_are_pairs_of_characters() -> None:
    # Two-character words that come back are no five-word phrases that come back.
    text = "水磨坊在河边。" + "风车在山上。" + "农民带着粮食从三个村庄来到磨坊门前等候。" + "水磨坊在冬天停工。"
    assert scores(text)["duplicate_5gram"] == 0.0
    assert scores("磨坊主人每天很早就起床" * 4)["duplicate_5gram"] == 1.0


def test_short_documents_are_not_judged() -> None:
    assert RepetitionFilter().score(Document("again " * 49)) is None
    assert RepetitionFilter().score(Document("again " * 50)) is not None


def test_thresholds_move_the_verdict_not_the_score() -> None:
    document = Document("tick tack " * 50)
    scored = RepetitionFilter().score(document)
    lenient = RepetitionFilter(thresholds=dict.fromkeys(TABLE_A1, 1.0))
    assert lenient.score(document) == scored
    assert lenient.decide(scored) is None
    strict = RepetitionFilter(thresholds={**dict.fromkeys(TABLE_A1, 1.0), "top_2gram": 0.99})
    assert strict.decide(scored) == Reject("top_2gram", 1.0)


def test_mistakes_are_sentences() -> None:
    with pytest.raises(ValueError, match="min_words is 0"):
        RepetitionFilter(min_words=0)
    with pytest.raises(ValueError, match="'top_5gram', which is no rule"):
        RepetitionFilter(thresholds={"top_5gram": 0.5})
    with pytest.raises(ValueError, match="between 0 and 1"):
        RepetitionFilter(thresholds={"top_2gram": 20})


# Rae et al. 2021, table A1, copied from the paper.
PAPER = {
    "duplicate_line_fraction": 0.30,
    "duplicate_paragraph_fraction": 0.30,
    "duplicate_line_characters": 0.20,
    "duplicate_paragraph_characters": 0.20,
    "top_2gram": 0.20,
    "top_3gram": 0.18,
    "top_4gram": 0.16,
    "duplicate_5gram": 0.15,
    "duplicate_6gram": 0.14,
    "duplicate_7gram": 0.13,
    "duplicate_8gram": 0.12,
    "duplicate_9gram": 0.11,
    "duplicate_10gram": 0.10,
}


@pytest.mark.parametrize(("rule", "threshold"), PAPER.items())
def test_a_ratio_above_the_paper_s_number_goes_and_one_that_reaches_it_stays(rule: str, threshold: float) -> None:
    assert list(TABLE_A1) == list(PAPER)
    assert RepetitionFilter().decide({rule: threshold}) is None
    above = round(threshold + 0.0001, 4)
    assert RepetitionFilter().decide({rule: above}) == Reject(rule, above)


def test_the_first_rule_of_the_table_that_fires_gives_the_reason() -> None:
    assert RepetitionFilter().decide({"duplicate_10gram": 1.0, "top_3gram": 0.5}) == Reject("top_3gram", 0.5)


def test_ten_lines_are_evidence() -> None:
    for count in (9, 10):
        found = RepetitionFilter(min_words=1).score(Document("\n".join(f"line{n // 2}" for n in range(count))))
        assert ("duplicate_line_fraction" in found) == (count == 10)
    paragraphs = RepetitionFilter(min_words=1).score(Document("\n\n".join(f"line{n // 5}" for n in range(10))))
    assert paragraphs["duplicate_paragraph_fraction"] == 1.0


def test_lines_that_repeat_are_counted_with_their_characters() -> None:
    found = scores("one\nthree\none\nthree\none\nseven")
    assert found["duplicate_line_fraction"] == round(5 / 6, 4)
    assert found["duplicate_line_characters"] == round(19 / 24, 4)


CHINESE, THAI = "磨坊水风", "กขคง"


@pytest.mark.parametrize(("letters", "scale"), [(CHINESE, 2), (THAI, 4), ("日\u3042\uac00a", None)])
@given(data=st.data())
def test_ngrams_of_unspaced_scripts_equal_a_slow_reading_of_so_many_characters(
    letters: str, scale: int | None, data: st.DataObject
) -> None:
    tokens = data.draw(st.lists(st.sampled_from(letters), min_size=1, max_size=90))
    if scale is None:  # Korean and Latin words among characters: what most of the words are, decides
        unspaced = sum(token in "日\u3042" for token in tokens)
        scale = 2 if 2 * unspaced > len(tokens) else 1
    found = scores(" ".join(tokens))
    for n in range(2, 11):
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        assert found[name] == slow_coverage(tokens, n * scale, top=n < 5), name


def test_the_scale_is_that_of_most_words() -> None:
    again = "磨 坊 " * 10
    assert scores(again + "mill " * 20)["top_2gram"] == slow_coverage([*"磨坊" * 10, *["mill"] * 20], 2, top=True)
    assert scores(again + "mill " * 19)["top_2gram"] == slow_coverage([*"磨坊" * 10, *["mill"] * 19], 4, top=True)
    # Four characters come back and eight don't: a phrase of two words in Chinese, and of one in Thai.
    half = [*"磨坊水风", *"กขคง", *"磨坊水风", *"งคขก"]
    assert scores(" ".join(half))["top_2gram"] == 0.5
    assert scores(" ".join([*half, "ก"]))["top_2gram"] == 0.0


def test_the_least_numbers() -> None:
    RepetitionFilter(min_words=1, min_lines=2, thresholds={"top_2gram": 0, "top_3gram": 1})
    with pytest.raises(ValueError, match="min_lines is 1"):
        RepetitionFilter(min_lines=1)
