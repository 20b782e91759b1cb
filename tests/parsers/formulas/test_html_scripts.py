"""Formulas that HTML sets with italics, sub- and superscripts alone."""

from __future__ import annotations

import pytest

from parsers.formulas.html_scripts import LONGEST, from_html


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<i>n</i> ≤ 10<sup>5</sup>", r"n \leq 10^{5}"), ("a<sub>i</sub>", "a_{i}"), ("a<sub>i<sup>2</sup></sub>", "a_{i^{2}}"),
        ("<sup>2</sup>x", "{}^{2}x"), ("a<sup>2", "a^{2}"), ("a<sub>1<sup>2", "a_{1^{2}}"), ("a</sup>", "a"), ("a<sub>1</sub></sub>b", "a_{1}b"),
        ("sin x", r"\sin x"), ("sin(x)", r"\sin(x)"), ("rate x", "rate x"), ("α x", r"\alpha x"), ("α<i>x</i>", r"\alpha x"), ("a  \n b", "a b"),
        ("ab12", "ab12"), ("é", "é"), ("", ""), ("<i></i>", ""), ("two words", "two words"), ("one two three", "one two three"),
        ("three words are one too many", ""), ("is it on me so", "is it on me so"), ("abc abc abc a", ""), ("max min lim x", r"\max \min \lim x"),
        ("abc abc a abc", "abc abc a abc"),
    ],
)  # fmt: skip
def test_scripts_and_signs(markup: str, tex: str) -> None:
    assert from_html(markup) == tex


def test_a_paragraph_is_no_formula() -> None:
    assert from_html("x" * LONGEST) == "x" * 2_000 and from_html("x" * (LONGEST + 1)) == ""
