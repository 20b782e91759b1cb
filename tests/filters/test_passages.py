"""Logs go out of a page and the page stays; what is said once, in short or in code, stays too."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.passages import RULE, PassagesFilter
from filters.verdict import LineFilter, Reject
from text.document import Document, Span
from text.segment import count_words

JUDGE = PassagesFilter()


def log(lines: int, seed: int = 3) -> str:
    source = random.Random(seed)
    events = ("connection to the upstream server was refused", "request for the queue timed out and is sent again")
    return "\n".join(
        f"2024-03-{source.randint(1, 28):02d} 12:{source.randint(10, 59)}:07 ERROR [worker-{source.randint(1, 99)}] "
        f"{source.choice(events)} (id {source.getrandbits(32):08x})"
        for _ in range(lines)
    )


def left_of(document: Document) -> str:
    rows, _ = JUDGE.judge_lines(document)
    return "\n".join(row for index, row in enumerate(document.view.rows) if index not in rows)


def test_a_log_in_an_article_goes_and_the_article_stays(prose: str) -> None:
    sentences = prose.split(". ")
    before, behind = ".\n".join(sentences[:4]), ".\n".join(sentences[4:])
    document = Document(f"{before}\n\n{log(40)}\n\n{behind}", "en")
    rows, scores = JUDGE.judge_lines(document)
    assert scores is not None and JUDGE.decide(scores) is None
    first = len(before.split("\n")) + 1
    assert min(rows) > first and max(rows) == first + 39 and len(rows) >= 35 and set(rows.values()) == {RULE}
    assert scores["removed_words"] == sum(count_words(document.view.rows[row]) for row in rows)
    assert scores["left_words"] == count_words(left_of(document)) > count_words(prose)
    assert all(sentence in left_of(document) for sentence in sentences)


def test_a_page_that_is_a_log_goes() -> None:
    rows, scores = JUDGE.judge_lines(Document(log(60), "en"))
    verdict = JUDGE.decide(scores or {})
    assert rows and verdict is not None and verdict.reason == "mostly_repeated" and verdict.score > 0.8


def test_error_messages_word_by_word_go_but_for_the_first() -> None:
    message = "Warning: Undefined array key in /srv/site/functions.php on line"
    document = Document("\n".join([f"{message} 12"] * 30))
    assert JUDGE.judge_lines(document)[0] == dict.fromkeys(range(1, 30), RULE)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"Average cost: ${number}\nResale value: ${3 * number}\n" for number in range(4000, 4040)),
        "\n".join(f"{number}. The {number}th Book of Something Else by Author{number}" for number in range(4)),
        ("Row, row, row your boat\nGently down the stream\nMerrily, merrily\nLife is but a dream\n\n" * 4),
    ],
)
def test_numbers_in_short_lines_and_choruses_stay(text: str) -> None:
    assert JUDGE.judge_lines(Document(text, "en"))[0] == {}


def test_code_and_tables_stay_and_end_a_passage() -> None:
    text = log(40)
    for kind in ("code", "math", "table"):
        assert JUDGE.judge_lines(Document(text, "en", (Span(0, len(text), kind),)))[0] == {}
    middle = text.split("\n")
    start = len("\n".join(middle[:20])) + 1
    cut = Document(text, "en", (Span(start, start + 3, "code"),))
    assert 20 not in JUDGE.judge_lines(cut)[0] and 20 in JUDGE.judge_lines(Document(text, "en"))[0]
    last = Document(text, "en", (Span(len(text) - 3, len(text), "code"),))
    assert 39 not in JUDGE.judge_lines(last)[0] and 38 in JUDGE.judge_lines(last)[0]


def test_a_passage_needs_its_lines_and_words() -> None:
    again = "\n".join(f"line of words {chr(97 + n)} and more of them {chr(97 + n)}" for n in range(12))
    other = "\n".join(f"quite different {chr(110 + n)}{n} words here" for n in range(12))
    document = Document(f"{again}\n{other}\n{again}", "en")
    assert JUDGE.judge_lines(document)[0] == dict.fromkeys(range(24, 36), RULE)
    assert PassagesFilter(min_lines=13).judge_lines(document)[0] == {}
    assert PassagesFilter(min_words=109).judge_lines(document)[0] == {}
    assert PassagesFilter(min_words=108).judge_lines(document)[0] != {}


def test_up_to_so_many_lines_that_are_none_may_stand_in_a_passage() -> None:
    lines = log(40).split("\n")
    lines[20] = "here somebody wrote a sentence of his own"
    lines.insert(31, "and here another one did so too")
    lines.insert(31, "which nobody had expected at that hour")
    rows, _ = JUDGE.judge_lines(Document("\n".join(lines)))
    assert not {20, 31, 32} & set(rows) and {19, 21, 30, 33} <= set(rows)
    assert PassagesFilter(max_gap=0, min_lines=11).judge_lines(Document("\n".join(lines)))[0].keys() <= set(range(20))


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["a b c d e", "f g h", "1 2 3 4 5 6 7 8 9", "", " ", "i j k l m n o"]), max_size=80))
def test_first_copies_stay_and_scores_add_up(lines: list[str]) -> None:
    judge = PassagesFilter(min_lines=2, min_words=10, max_gap=2)
    document = Document("\n".join(lines))
    rows, scores = judge.judge_lines(document)
    assert set(rows) <= set(range(len(document.view.rows)))
    left = [row for index, row in enumerate(document.view.rows) if index not in rows]
    assert set(filter(str.strip, lines)) == set(filter(str.strip, left))
    if scores is not None:
        assert scores["left_words"] == sum(map(count_words, left))
        assert scores["left_words"] + scores["removed_words"] == len(document.view.words)


def test_short_documents_are_not_judged() -> None:
    assert JUDGE.judge_lines(Document("one\n" * 99)) == ({}, None)
    assert JUDGE.judge_lines(Document("one " * 200)) == ({}, None)


def test_too_little_left_is_a_reason_only_where_something_went() -> None:
    assert JUDGE.decide({"removed_words": 0, "left_words": 10, "removed_share": 0.0}) is None
    for left, share, goes in ((50, 0.7, False), (49, 0.7, True), (150, 0.9, False), (149, 0.9, True)):
        verdict = JUDGE.decide({"removed_words": 9, "left_words": left, "removed_share": share})
        assert verdict == (Reject("mostly_repeated", share) if goes else None)


MESSAGE = "warning the array key was not defined"


@settings(max_examples=300)
@given(st.text("rrrnbc", max_size=20), st.integers(0, 3), st.integers(1, 5), st.sampled_from([1, 14, 15, 28]))
def test_passages_are_those_of_a_plain_reading(kinds: str, max_gap: int, min_lines: int, min_words: int) -> None:
    """``r`` are repeated lines, ``n`` new ones, ``b`` blank ones, ``c`` code: one expression says what a passage is."""
    text, spans = MESSAGE, []
    for number, kind in enumerate(kinds):
        start = len(text) + 1
        text += "\n" + {"r": MESSAGE, "b": ""}.get(kind, " ".join(chr(97 + number) + sign for sign in "abcdefg"))
        spans += [Span(start, len(text), "code")] if kind == "c" else []
    gone: list[int] = []
    for passage in re.finditer(rf"r(?:b*(?:nb*){{0,{max_gap}}}r)*", kinds):
        lines = passage[0].count("r")
        if lines >= min_lines and 7 * lines >= min_words:
            gone += [at + 1 for at in range(*passage.span()) if kinds[at] in "rb"]
    judge = PassagesFilter(min_lines=min_lines, min_words=min_words, max_gap=max_gap)
    document = Document(text, "en", tuple(spans))
    total = document.view.word_count
    rows, scores = judge.judge_lines(document)
    if total < min_words or len(kinds) + 1 < min_lines:
        assert (rows, scores) == ({}, None)
        return
    assert rows == dict.fromkeys(gone, RULE)
    removed = 7 * sum(kinds[row - 1] == "r" for row in gone)
    assert scores == {
        "removed_words": removed,
        "left_words": total - removed,
        "removed_share": round(removed / total, 4),
    }


def test_one_word_that_goes_is_something() -> None:
    for removed, goes in ((0, False), (1, True)):
        for share in (0.1, 0.9):
            scores = {"removed_words": removed, "left_words": 10, "removed_share": share}
            assert (JUDGE.decide(scores) is not None) is goes


def test_it_is_a_line_filter_and_mistakes_are_sentences() -> None:
    assert isinstance(JUDGE, LineFilter)
    for name, value in (
        ("ngram", 2), ("min_lines", 0), ("min_words", 0), ("max_gap", -1), ("log_words", 0), ("log_copies", 1),
        ("left_words", -1), ("min_coverage", 2), ("mostly", 2), ("left_of_mostly", -1),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            PassagesFilter(**{name: value})
