"""Characters of mathematics as TeX, and where a blank keeps a command from running into a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.symbols import character, characters, ends_in_command, escaped_text, in_style, joined


@pytest.mark.parametrize(
    ("symbol", "tex"),
    [
        ("α", r"\alpha"), ("≤", r"\leq"), ("∑", r"\sum"), ("⟨", r"\langle"), ("x", "x"), ("1", "1"), ("?", "?"), ("\t", " "), ("$", r"\$"),
        ("^", r"\wedge"), ("ℝ", r"\mathbb{R}"), ("𝔤", r"\mathfrak{g}"), ("ℭ", r"\mathfrak{C}"), ("𝒜", r"\mathcal{A}"), ("𝚊", r"\mathtt{a}"),
        ("𝖺", r"\mathsf{a}"), ("𝐱", r"\mathbf{x}"), ("𝒙", r"\boldsymbol{x}"), ("𝑥", "x"), ("𝛂", r"\boldsymbol{\alpha}"), ("𝟏", r"\mathbf{1}"),
        ("é", "é"), ("я", r"\text{я}"), ("速", r"\text{速}"), ("Ͱ", r"\text{Ͱ}"), ("ͯ", "ͯ"), ("ŉ", "ŉ"), ("½", "½"), ("★", r"\bigstar"),
        ("☃", "☃"), ("ﬁ", r"\text{ﬁ}"), ("²", "²"), ("₂", "₂"), ("①", "1"), ("Ａ", "A"), ("\x7f", "\x7f"),
    ],
)  # fmt: skip
def test_one_character(symbol: str, tex: str) -> None:
    assert character(symbol) == tex


@pytest.mark.parametrize(
    ("text", "tex"),
    [("abc1", "abc1"), ("αx", r"\alpha x"), ("α1", r"\alpha1"), ("αβ", r"\alpha\beta"), ("xα", r"x\alpha"), ("", ""), ("a-b", "a-b"),
     ("ab α", r"ab \alpha"), ("α≤x", r"\alpha\leq x"), ("ℝx", r"\mathbb{R}x")],
)  # fmt: skip
def test_runs_of_characters(text: str, tex: str) -> None:
    assert characters(text) == tex


@pytest.mark.parametrize(
    ("tex", "expected"),
    [(r"\alpha", True), (r"x\alpha", True), (r"\a", True), ("alpha", False), (r"\alpha1", False), (r"\{", False), ("", False), ("\\", False),
     (r"\mathbf{x}", False), (r"\alpha ", False), ("\\" + "a" * 23, True), ("\\" + "a" * 24, False)],
)  # fmt: skip
def test_where_a_letter_would_be_read_as_part_of_a_name(tex: str, expected: bool) -> None:
    assert ends_in_command(tex) is expected
    assert joined(tex, "b") == (f"{tex} b" if expected else f"{tex}b")
    assert joined(tex, "1") == f"{tex}1" and joined(tex, "") == tex and joined(tex, "\\b") == f"{tex}\\b"


@pytest.mark.parametrize(
    ("command", "tex", "expected"),
    [("", "x", "x"), (r"\mathbf", "x", r"\mathbf{x}"), (r"\mathbf", r"\alpha", r"\boldsymbol{\alpha}"), (r"\mathsf", r"\alpha", r"\mathsf{\alpha}")],
)  # fmt: skip
def test_styles(command: str, tex: str, expected: str) -> None:
    assert in_style(command, tex) == expected


def test_signs_of_tex_in_texts() -> None:
    assert escaped_text("50% of a_b & {c}$#") == r"50\% of a\_b \& \{c\}\$\#"
    assert escaped_text("\\^~") == r"\textbackslash{}\textasciicircum{}\textasciitilde{}"


@given(st.text(max_size=20))
def test_any_text_is_written(text: str) -> None:
    assert isinstance(characters(text), str)
