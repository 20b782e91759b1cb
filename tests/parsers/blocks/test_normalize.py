"""The text of a block as it is written: white space, invisible characters, marks of formulas."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks.normalize import MATH_START, MATH_STOP, clean, inline, is_debris, tidy, unmarked


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", "a b"), ("a  b", "a b"), (" a ", "a"), ("a\tb", "a b"), ("a \n\n b\nc", "a\nb\nc"), ("a\u00a0\u00a0b", "a b"), ("a\u200bb", "ab"), ("e\u0301", "é"), ("", ""), ("\n \n", "")],
)  # fmt: skip
def test_white_space_and_what_is_not_seen(text: str, expected: str) -> None:
    assert tidy(text) == expected
    assert tidy(text, "heading") == tidy(text, "cell") == inline(text) == " ".join(expected.split())
    assert tidy(f"{MATH_START}{text}x{MATH_STOP}").startswith(MATH_START)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aujourd\x92hui", "aujourd\u2019hui"),
        ("c\x9cur \x96 \x93a\x94", "c\u0153ur \u2013 \u201ca\u201d"),
        ("Core\x99 i5", "Core\u2122 i5"),
        ("a\x81b\x85c", "ab c"),  # windows-1252 has no 81; U+0085 ends a line
        ("\u00e2\x80\x99 and \u00c3\x83", "\u00e2 and \u00c3"),  # a text that was decoded twice
    ],
)
def test_controls_that_windows_takes_for_signs_are_these_signs(text: str, expected: str) -> None:
    assert tidy(text) == inline(text) == expected
    assert tidy(text, "code") == text


def test_lines_of_code_stay_as_they_are() -> None:
    assert tidy("\n  a  b\r\n\n\tc \r\n", "code") == "  a  b\n\n\tc "
    assert clean("a\r\nb\rc") == "a\nb\nc"


def test_marks_of_formulas_go_where_they_are_to_go() -> None:
    assert unmarked(f"a {MATH_START}$x$ b") == unmarked(f"a $x${MATH_STOP} b") == "a $x$ b" == unmarked("a $x$ b")
    assert unmarked(f"{MATH_START}a{MATH_STOP}{MATH_START}b{MATH_STOP}") == "ab"


@given(st.text(max_size=40))
def test_any_text_is_written_once_and_for_all(text: str) -> None:
    for kind in ("paragraph", "heading", "code", "cell"):
        once = tidy(text, kind)
        assert tidy(once, kind) == once == unicodedata.normalize("NFC", once)
    assert not any(map(is_debris, inline(text).replace("\u200c", "").replace("\u200d", ""))) or text
