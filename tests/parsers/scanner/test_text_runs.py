"""What each character counts as, beside a plain reading of the same rules, at both ends of every range of characters; and each
count of a block by its name, on blocks that a reader can count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.markup.lexbor import normal_form
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page

BLANKS = {" ", "\u00a0", "\u2028", "\u3000", *map(chr, range(0x2000, 0x200B))}
STOPS = set(".!?。！？…\u061f\u06d4\u0964\u0965")  # the last four: of Arabic, Urdu and Hindi
COMMAS = set(",;、，；\u060c\u061b")
SYMBOLS = set("|©»>•·/")
WITHIN_WORDS = set("'\u2019-.")
# Without blanks between words: 0.6 of a word each, and 0.2 where several characters write one syllable.
IDEOGRAPHS = [(0x3040, 0xA4CF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]
SYLLABLES = [(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)]
SIGNS = [
    (0x21, 0x7F),
    (0xA1, 0xBF),
    (0x2010, 0x206F),
    (0x2190, 0x2BFF),
    (0x3001, 0x303F),
    (0xFF01, 0xFF65),
    (0x1F000, 0x1FFFF),
]
QUOTES = [(0x2018, 0x201F), (0x300A, 0x3011)]
ENDS = sorted(
    {point for ends in (*IDEOGRAPHS, *SYLLABLES, *SIGNS, *QUOTES) for end in ends for point in (end - 1, end, end + 1)}
    | {ord(sign) + by for sign in BLANKS | STOPS | COMMAS | SYMBOLS for by in (-1, 0, 1)}
    | {0x21, 0x22, 0x28, 0x29, 0x3A, 0xFF1A, 0xFFFD, 0xFFFC}
)
# Letters and digits of ASCII have tests of their own, "<" and "&" begin something, and controls are no text.
POINTS = [
    point
    for point in ENDS
    if point >= 0xA0 or not (chr(point).isalnum() or chr(point) in "<&" or point in (0x1F, *range(0x7F, 0xA0)))
]


def _within(point: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= point <= last for first, last in ranges)


def expected(point: int) -> dict[str, float]:
    """Of the block ``a?b`` with the character in the middle."""
    sign = chr(point)
    found = {"words": 2.0, "letters": 2, "stops": int(sign in STOPS), "commas": int(sign in COMMAS), "symbols": 0}
    if sign in BLANKS or sign in STOPS | COMMAS or _within(point, SIGNS) or point == 0xFFFD:
        found["symbols"] = int(sign in SYMBOLS)
        found["words"] = 1.0 if sign in WITHIN_WORDS else 2.0
    elif _within(point, IDEOGRAPHS):
        found |= {"words": 2.0 + p.IDEOGRAPH / p.WORD, "letters": 4}
    elif _within(point, SYLLABLES):
        found |= {"words": 2.0 + p.SYLLABLE / p.WORD, "letters": 3}
    else:
        found |= {"words": 1.0, "letters": 3}  # a letter like those beside it
    return found


def scanned(inside: str) -> tuple[dict[str, float], bytes]:
    page = scan_page(normal_form(f"<p>{inside}</p>".encode()))
    (row,) = page.blocks
    columns = {"letters": p.LETTERS, "stops": p.STOPS, "commas": p.COMMAS, "symbols": p.SYMBOLS}
    counts = {"words": row[p.WORDS] / p.WORD} | {name: int(row[column]) for name, column in columns.items()}
    return counts, bytes(page.text[row[p.START] : row[p.STOP]])


@pytest.mark.parametrize("point", POINTS, ids=[f"U+{point:04X}" for point in POINTS])
def test_a_character_between_two_letters(point: int) -> None:
    found, text = scanned(f"a{chr(point)}b")
    assert found == expected(point)
    assert text.decode() == f"a{' ' if chr(point) in BLANKS else chr(point)}b"


COUNTS = {
    "words": p.WORDS, "link_words": p.LINK_WORDS, "bold_words": p.BOLD_WORDS, "code_words": p.CODE_WORDS,
    "letters": p.LETTERS, "digits": p.DIGITS, "upper": p.UPPER, "capitals": p.CAPITALS, "stops": p.STOPS,
    "commas": p.COMMAS, "symbols": p.SYMBOLS, "links": p.LINKS, "images": p.IMAGES, "formulas": p.FORMULAS,
    "tags": p.TAGS, "controls": p.CONTROLS, "breaks": p.BREAKS,
}  # fmt: skip
UNIT = {"words": 10, "link_words": 10, "bold_words": 10, "code_words": 10}


def counts(inside: str) -> dict[str, float]:
    """Of the one block of a page all counts that are not 0; words in words."""
    (row,) = scan_page(normal_form(f"<p>{inside}</p>")).blocks.tolist()
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
    (row,) = scan_page(normal_form(f"<p>{inside}</p>")).blocks
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
    first, second = scan_page(normal_form("<div>One, <b>two</b>.<p>Three</p></div>")).blocks
    assert first[[p.WORDS, p.BOLD_WORDS, p.STOPS, p.COMMAS]].tolist() == [20, 10, 1, 1]
    assert second[[p.WORDS, p.BOLD_WORDS, p.STOPS, p.COMMAS]].tolist() == [10, 0, 0, 0]


@pytest.mark.parametrize(
    ("reference", "sign"), [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", " ")]
)
def test_references_are_what_they_stand_for(reference: str, sign: str) -> None:
    """The scanner takes any markup with these five, also where the normal form has no need of them."""
    (row,) = (page := scan_page(f"<p>a{reference}b c</p>".encode())).blocks.tolist()
    assert bytes(page.text[row[p.START] : row[p.STOP]]).decode() == f"a{sign}b c"
    assert (row[p.WORDS], row[p.STOPS], row[p.COMMAS], row[p.SYMBOLS]) == (30, 0, 0, sign == ">")
    (row,) = (page := scan_page(f"<p>c{reference}</p>".encode())).blocks.tolist()
    assert bytes(page.text[row[p.START] : row[p.STOP]]).decode() == f"c{sign}".strip()


# Written without blanks between words: a line end of the source between two of these is nothing. The ends of each range.
WIDE = [(0x3001, 0x312F), (0x3190, 0xA4CF), (0xF900, 0xFAFF), (0xFF01, 0xFF60), (0x20000, 0x3FFFF)]
MARKS = [0x2018, 0x201D, 0x2014, 0x2026]
BESIDE = [
    0x2017,
    0x201E,
    0x2013,
    0x2015,
    0x2025,
    0x2027,
    0x3130,
    0x318F,
    0xA4D0,
    0xAC00,
    0xFB00,
    0xFF61,
    0xF8FF,
    0x1F600,
    0xE9,
]


@pytest.mark.parametrize(
    "point", [*(end for ends in WIDE for end in ends), *MARKS, *BESIDE], ids=lambda point: f"U+{point:04X}"
)
def test_line_ends_of_the_source_between_wide_characters(point: int) -> None:
    sign, wide = chr(point), any(first <= point <= last for first, last in WIDE)
    for other, joins in (("磨", wide or point in MARKS), ("“", wide), ("x", False), ("𠀀", wide or point in MARKS)):
        for before, after in ((sign, other), (other, sign)):
            for start in ("", "x", "磨"):
                shown = scanned(f"{start}{before}\n {after}")[1].decode()
                assert shown == f"{start}{before}{'' if joins else ' '}{after}", (before, after)
        assert scanned(f"{sign} {other}")[1].decode() == f"{sign} {other}"
