"""Our reading of the repetition rules: hand-computed ratios, and a slow reading of the same sentences."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.repetition import THRESHOLDS, RepetitionFilter
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
    folded = ["0" if any(map(str.isdecimal, token)) else token.casefold() for token in tokens]
    ngrams = [tuple(folded[start : start + n]) for start in range(len(folded) - n + 1)]
    counts = Counter(ngrams)
    repeated = [gram for gram in counts if counts[gram] > 1]
    if top and repeated:
        most = max(counts.values())
        tied = [gram for gram in repeated if counts[gram] == most]

        def characters(gram: tuple[str, ...]) -> int:
            return sum(map(len, tokens[ngrams.index(gram) :][:n]))

        repeated = [max(tied, key=lambda gram: (characters(gram), -ngrams.index(gram)))]
    later = [start for start, gram in enumerate(ngrams) if gram in repeated and ngrams.index(gram) < start]
    covered = {start + step for start in later for step in range(n)}
    return round(sum(len(tokens[place]) for place in covered) / sum(map(len, tokens)), 4)


def assert_slow(tokens: list[str], scale: int = 1) -> None:
    found = scores(" ".join(tokens))
    for n in range(2, 11):
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        assert found[name] == slow_coverage(tokens, n * scale, top=n < 5), name


@given(st.lists(st.sampled_from(["a", "bb", "BB", "dddd", "e1", "22"]), min_size=1, max_size=60))
def test_ngram_ratios_equal_a_slow_reading(tokens: list[str]) -> None:
    assert_slow(tokens)


@given(st.lists(st.sampled_from(["a bb ccc dddd e", "f gg hhh iiii", "jj k", "ll m nnn oo p qq", "r"]), max_size=12))
def test_ratios_of_repeated_phrases_equal_a_slow_reading(phrases: list[str]) -> None:
    assert_slow(" ".join([*phrases, "s", "tt", "uuu"]).split())


@pytest.mark.parametrize(
    "text",
    ["xx xx xx xx yy zz p yy zz q yy zz r", "yy zz p yy zz q yy zz r xx xx xx xx", "xx xx xx xx yyy zz p yyy zz q yyy zz r",
     "xxx xxx xxx xxx yy zz p yy zz q yy zz r", "xx xx xx xx xx yy zz v yy zz v p yy zz v q"],
)  # fmt: skip
def test_of_those_that_are_as_frequent_the_longest_counts_and_then_the_first(text: str) -> None:
    assert_slow(text.split())


def test_of_a_phrase_that_comes_twice_the_second_copy_counts() -> None:
    found = scores("a bb ccc dddd e then ff a bb ccc dddd e end")
    assert found["duplicate_5gram"] == round(11 / 31, 4) and found["duplicate_6gram"] == 0.0


def test_case_and_numbers_make_no_line_new() -> None:
    found = scores("At 12:07 the pump No7 stopped again\nat 9:55 THE pump n31 stopped again")
    assert found["duplicate_5gram"] == round(27 / 55, 4)


@given(st.text(st.sampled_from("ab1 .\n\t日語")))
def test_ratios_are_fractions(text: str) -> None:
    found = ANY.score(Document(text))
    if words(text):
        assert found is not None and set(found) <= set(THRESHOLDS)
        assert all(0 <= ratio < 1 for ratio in found.values())
    else:
        assert found is None


@given(st.lists(st.sampled_from(["one two three", "four five six seven eight", "nine"]), min_size=1, max_size=12))
def test_white_space_around_lines_and_their_case_change_nothing(lines: list[str]) -> None:
    assert scores("\n".join(lines)) == scores("\n".join(f"  {line}\t" for line in lines))
    assert scores("\n".join(lines).upper())["duplicate_5gram"] == scores("\n".join(lines))["duplicate_5gram"]


def test_lines_count_later_copies_without_white_space_around_them() -> None:
    found = scores("abc\n  abc\nabcd\n\nxy")
    assert found["duplicate_line_fraction"] == 0.25  # 1 of 4 lines
    assert found["duplicate_line_characters"] == 0.25  # 3 of 12 characters
    assert found["duplicate_paragraph_fraction"] == 0.0


def test_paragraphs_are_lines_between_blank_lines() -> None:
    found = scores("one\ntwo\n\nthree\n \none\ntwo")
    assert found["duplicate_paragraph_fraction"] == 0.3333
    assert found["duplicate_paragraph_characters"] == round(7 / 19, 4)


def test_few_lines_are_no_evidence() -> None:
    for count in (9, 10):
        found = RepetitionFilter(min_words=1).score(Document("\n".join(f"line{n // 2}" for n in range(count))))
        assert ("duplicate_line_fraction" in found) == (count == 10)
    paragraphs = RepetitionFilter(min_words=1).score(Document("\n\n".join(f"line{n // 5}" for n in range(10))))
    assert paragraphs["duplicate_paragraph_fraction"] == 0.8
    six = "a title\none line\ntwo lines\na title\nthree lines\nfour lines"
    assert RepetitionFilter(min_words=1, min_lines=6).score(Document(six))["duplicate_line_fraction"] == 0.1667


def test_prose_stays_and_a_repeated_message_goes(prose: str) -> None:
    judge = RepetitionFilter()
    assert judge.decide(judge.score(Document(prose, "en"))) is None
    errors = "\n".join(f"Error {number}: the connection to the server was closed by peer" for number in range(40))
    verdict = judge.decide(judge.score(Document(errors, "en")))
    assert verdict == Reject("duplicate_5gram", judge.score(Document(errors, "en"))["duplicate_5gram"])


def test_a_page_that_prints_its_lede_twice_stays(prose: str) -> None:
    judge = RepetitionFilter()
    lede, _, rest = prose.partition(". ")
    assert judge.decide(judge.score(Document(f"{lede}.\n\n{lede}. {rest}", "en"))) is None


def test_code_math_and_tables_are_spared(prose: str) -> None:
    code = "for i in range(10): print(i)\n" * 60
    text = prose + "\n" + code
    judge = RepetitionFilter()
    assert judge.decide(judge.score(Document(text, "en"))) is not None
    for kind in ("code", "math", "table"):
        spared = Document(text, "en", (Span(len(prose) + 1, len(text), kind),))
        assert judge.decide(judge.score(spared)) is None


def test_chinese_words_are_pairs_of_characters() -> None:
    # Two-character words that come back are no five-word phrases that come back.
    text = "水磨坊在河边。" + "风车在山上。" + "农民带着粮食从三个村庄来到磨坊门前等候。" + "水磨坊在冬天停工。"
    assert scores(text)["duplicate_5gram"] == 0.0
    assert scores("磨坊主人每天很早就起床" * 4)["duplicate_5gram"] == 0.75


def test_short_documents_are_not_judged() -> None:
    assert RepetitionFilter().score(Document("again " * 49)) is None
    assert RepetitionFilter().score(Document("again " * 50)) is not None


def test_thresholds_move_the_verdict_not_the_score() -> None:
    document = Document("tick tack " * 50)
    scored = RepetitionFilter().score(document)
    lenient = RepetitionFilter(thresholds=dict.fromkeys(THRESHOLDS, 1.0))
    assert lenient.score(document) == scored
    assert lenient.decide(scored) is None
    strict = RepetitionFilter(thresholds={**dict.fromkeys(THRESHOLDS, 1.0), "top_2gram": 0.9})
    assert strict.decide(scored) == Reject("top_2gram", 0.98)


def test_a_ratio_above_its_number_goes_and_one_that_reaches_it_stays() -> None:
    for rule in THRESHOLDS:
        judge = RepetitionFilter(thresholds={rule: 0.3})
        assert judge.decide({rule: 0.3}) is None
        assert judge.decide({rule: 0.3001}) == Reject(rule, 0.3001)
    both = RepetitionFilter(thresholds={"top_3gram": 0.1, "duplicate_10gram": 0.1})
    assert both.decide({"duplicate_10gram": 1.0, "top_3gram": 0.5}) == Reject("top_3gram", 0.5)


def test_the_shipped_limit() -> None:
    assert RepetitionFilter().decide(dict.fromkeys(THRESHOLDS, 0.5)) is None
    assert RepetitionFilter().decide({"duplicate_5gram": 0.5001}) == Reject("duplicate_5gram", 0.5001)
    # The other rules are there for recipes that want them.
    assert RepetitionFilter().decide({**dict.fromkeys(THRESHOLDS, 1.0), "duplicate_5gram": 0.5}) is None


def test_mistakes_are_sentences() -> None:
    RepetitionFilter(min_words=1, min_lines=2, thresholds={"top_2gram": 0, "top_3gram": 1})
    for settings, sentence in (
        ({"min_words": 0}, "min_words is 0"),
        ({"min_lines": 1}, "min_lines is 1"),
        ({"thresholds": {"top_5gram": 0.5}}, "'top_5gram', which is no rule"),
        ({"thresholds": {"top_2gram": 20}}, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=sentence):
            RepetitionFilter(**settings)


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
    assert_slow(tokens, scale)


def test_the_scale_is_that_of_most_words() -> None:
    again = [*"磨坊" * 10]
    for mills, scale in ((20, 1), (19, 2)):
        tokens = [*again, *["mill"] * mills]
        assert scores(" ".join(tokens))["top_2gram"] == slow_coverage(tokens, 2 * scale, top=True)
    # Four characters come back and eight don't: a phrase of two words in Chinese, and of one in Thai.
    half = [*"磨坊水风", *"กขคง", *"磨坊水风", *"งคขก"]
    assert scores(" ".join(half))["top_2gram"] == 0.25
    assert scores(" ".join([*half, "ก"]))["top_2gram"] == 0.0
