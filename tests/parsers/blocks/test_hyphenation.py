"""Words that a line end broke are joined where the page shows that they are one."""

from __future__ import annotations

import pytest

from parsers.blocks.hyphenation import PageWords, rejoined, words_of


@pytest.mark.parametrize(
    ("text", "elsewhere", "expected"),
    [
        # A line end behind a hyphen: the whole word is elsewhere, and nowhere with a hyphen.
        ("the mill-\nstone turns", "millstone", "the millstone turns"), ("the mill-\nstone turns", "", "the mill-\nstone turns"),
        ("the mill-\nstone turns", "millstone mill-stone", "the mill-\nstone turns"), ("the Mill-\nstone turns", "millstone", "the Millstone turns"),
        ("the mill-\nStone turns", "millstone", "the mill-\nStone turns"), ("the mill-\nstone turns", "millstones", "the mill-\nstone turns"),
        ("the mill\u2010\nstone", "Millstone", "the millstone"), ("a-\nstone", "astone", "a-\nstone"), ("mill-\ns", "mills", "mill-\ns"),
        ("mill-\nst", "millst", "millst"), ("mi-\nll", "mill", "mill"), ("mill1-\nstone", "millstone", "mill1-\nstone"),
        ("mill-\nstone-\nwork", "millstone", "millstone-\nwork"), ("mill-\nstone mill stone mill stone", "millstone", "millstone mill stone mill stone"),
        # A blank: one half must stand nowhere else.
        ("the mill- stone", "millstone", "the millstone"), ("the mill- stone", "millstone mill stone", "the mill- stone"),
        ("the mill- stone", "millstone mill", "the millstone"), ("the mill- stone", "millstone stone", "the millstone"),
        ("mill - stone", "millstone", "mill - stone"), ("a - b and mill- stone", "millstone", "a - b and millstone"),
        ("pre- and postwar", "", "pre- and postwar"), ("mill-stone", "millstone", "mill-stone"), ("", "", ""),
        # Soft hyphens stand within words alone.
        ("mill\u00ad stone", "", "millstone"), ("mill\u00ad\nstone", "", "millstone"), ("mill\u00adstone", "", "mill\u00adstone"),
        ("mill\u00ad 1", "", "mill\u00ad 1"), ("mill\u00ad _", "", "mill\u00ad _"),
    ],
)  # fmt: skip
def test_broken_words(text: str, elsewhere: str, expected: str) -> None:
    assert rejoined(text, PageWords(f"{text} {elsewhere}".encode())) == expected


def test_words_are_counted_in_lower_case_with_their_hyphens() -> None:
    assert words_of("Mill mill Mill-Stone well\u2010known 1st a_b") == {
        "mill": 2,
        "mill-stone": 1,
        "well-known": 1,
        "st": 1,
        "a": 1,
        "b": 1,
    }
