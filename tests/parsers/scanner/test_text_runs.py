"""What each character counts as, beside a plain reading of the same rules: at both ends of every range of characters."""

from __future__ import annotations

import pytest

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
