"""Each count that the scanner keeps of a block, by its name, on blocks that a reader can count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.scanner import page as p

COUNTS = {
    "words": p.WORDS, "link_words": p.LINK_WORDS, "bold_words": p.BOLD_WORDS, "code_words": p.CODE_WORDS,
    "letters": p.LETTERS, "digits": p.DIGITS, "upper": p.UPPER, "capitals": p.CAPITALS, "stops": p.STOPS,
    "commas": p.COMMAS, "symbols": p.SYMBOLS, "links": p.LINKS, "images": p.IMAGES, "formulas": p.FORMULAS,
    "tags": p.TAGS, "controls": p.CONTROLS, "breaks": p.BREAKS,
}  # fmt: skip
UNIT = {"words": 10, "link_words": 10, "bold_words": 10, "code_words": 10}


def counts(inside: str) -> dict[str, float]:
    """Of the one block of a page all counts that are not 0; words in words."""
    (row,) = parse(f"<html><body><p>{inside}</p></body></html>").page.blocks.tolist()
    return {name: row[column] / UNIT.get(name, 1) for name, column in COUNTS.items() if row[column]}


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("two words", {"words": 2, "letters": 8}),
        ("Two WORDS here", {"words": 3, "letters": 12, "upper": 6, "capitals": 2}),
        ("in 1887 or 3b", {"words": 4, "letters": 10, "digits": 5}),
        ("été Élan", {"words": 2, "letters": 7}),  # capitals of ASCII alone
        ("a. b! c? d… e", {"words": 5, "letters": 5, "stops": 4}),
        ("是。吗？！", {"words": 1.2, "letters": 4, "stops": 3}),
        ("a؟ b।", {"words": 2, "letters": 2, "stops": 2}),
        ("a, b; c、d，e；f", {"words": 6, "letters": 6, "commas": 5}),
        ("a، b؛ c", {"words": 3, "letters": 3, "commas": 2}),
        ("a | b © » > • · /", {"words": 2, "letters": 2, "symbols": 7}),
        ("a: (b) \"c\" 'd' [e] + - %", {"words": 5, "letters": 5}),
        ("日本の", {"words": 1.8, "letters": 6}),
        ("ไทย", {"words": 0.6, "letters": 3}),
        ("it's a re-start v2.0", {"words": 4, "letters": 14, "digits": 2, "stops": 1}),
        ('one <a href="/">two three</a>', {"words": 3, "letters": 11, "link_words": 2, "links": 1, "tags": 1}),
        ("one <a>two</a> <a href=''>three</a>", {"words": 3, "letters": 11, "tags": 2}),
        ("one <b>two</b> <strong>three</strong>", {"words": 3, "letters": 11, "bold_words": 2, "tags": 2}),
        ("one <code>two</code> <samp>three</samp>", {"words": 3, "letters": 11, "code_words": 2, "tags": 2}),
        ('<b>a <a href="/">b</a></b> <i>c</i>',
         {"words": 3, "letters": 3, "bold_words": 2, "link_words": 1, "links": 1, "tags": 3}),
        ("a <img src='x.png'> b <img src='y.png'>", {"words": 2, "letters": 2, "images": 2}),
        ("a <math><mi>x</mi></math> b", {"words": 3, "letters": 3, "formulas": 1, "tags": 1}),
        ("a <script type='math/tex'>x</script>", {"words": 2, "letters": 1, "formulas": 1}),
        ("a <button>b</button> <input> <label>c</label>", {"words": 3, "letters": 3, "controls": 3, "tags": 2}),
        ("a<br>b<br>c", {"words": 3, "letters": 3, "breaks": 2}),
        ("a&amp;b &lt;c&gt;", {"words": 3, "letters": 3, "symbols": 1}),
    ],
)  # fmt: skip
def test_counts_of_a_block(inside: str, expected: dict[str, float]) -> None:
    assert counts(inside) == expected


@pytest.mark.parametrize(
    ("inside", "first", "last"),
    [
        ("Upper lower", p.UPPERCASE, p.LOWERCASE), ("lower UPPER", p.LOWERCASE, p.UPPERCASE), ("1 of 2", p.DIGIT, p.DIGIT),
        ("a stop.", p.LOWERCASE, p.STOP_MARK), ("a colon:", p.LOWERCASE, p.COLON), ("• item;", p.SYMBOL, p.SYMBOL),
        ("“Quoted.”", p.SYMBOL, p.STOP_MARK), ("(or so)", p.SYMBOL, p.SYMBOL), ("磨坊。", p.LOWERCASE, p.STOP_MARK),
        ("¿Qué?", p.SYMBOL, p.STOP_MARK), ("…and", p.STOP_MARK, p.LOWERCASE), ("磨坊：", p.LOWERCASE, p.COLON),
    ],
)  # fmt: skip
def test_what_a_block_begins_and_ends_with(inside: str, first: int, last: int) -> None:
    (row,) = parse(f"<p>{inside}</p>").page.blocks
    assert (row[p.FIRST], row[p.LAST_CHARACTER]) == (first, last)


@given(st.lists(st.text("abcXYZ019", min_size=1, max_size=6), min_size=1, max_size=8))
def test_counts_of_latin_words(words: list[str]) -> None:
    text = "".join(words)
    assert counts(" ".join(words)) == {name: count for name, count in {
        "words": len(words),
        "letters": len(text),
        "digits": sum(each.isdigit() for each in text),
        "upper": sum(each.isupper() for each in text),
        "capitals": sum(word[0].isupper() for word in words),
    }.items() if count}  # fmt: skip


def test_counts_end_with_their_block() -> None:
    first, second = parse("<div>One, <b>two</b>.<p>Three</p></div>").page.blocks
    assert first[[p.WORDS, p.BOLD_WORDS, p.STOPS, p.COMMAS]].tolist() == [20, 10, 1, 1]
    assert second[[p.WORDS, p.BOLD_WORDS, p.STOPS, p.COMMAS]].tolist() == [10, 0, 0, 0]
