"""AsciiMath to TeX."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.asciimath import LONGEST, from_asciimath


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("sum_(i=1)^n i^3=((n(n+1))/2)^2", r"\sum_{i = 1}^{n}i^{3} = \left(\frac{n\left(n + 1\right)}{2}\right)^{2}"),
        ("sqrt 2 <= alpha", r"\sqrt{2} \leq \alpha"),
        ("` x `", "x"), ("", ""), ("   ", ""), ("``", ""),
        ("a/b", r"\frac{a}{b}"), ("a/b/c", r"\frac{a}{b}/c"), ("a/", r"\frac{a}{}"), ("(a+b)/(c)", r"\frac{a + b}{c}"),
        ("x_1", "x_{1}"), ("x^2", "x^{2}"), ("x_1^2", "x_{1}^{2}"), ("x_(i+1)^(n)", "x_{i + 1}^{n}"), ("x^", "x"), ("x_", "x"),
        ("x^2_1", "x^{2}1"), ("sqrt(x)", r"\sqrt{x}"), ("hat x", r"\hat{x}"), ("frac(a)(b)", r"\frac{a}{b}"),
        ("root(3)(x)", r"\sqrt[3]{x}"), ("stackrel(a)(=)", r"\overset{a}{=}"), ("root 3 x", r"\sqrt[3]{x}"),
        ("bb(x)", r"\mathbf{x}"), ("bbb R", r"\mathbb{R}"), ("sqrt", r"\sqrt{}"), ("frac", r"\frac{}{}"),
        ("[a,b)", r"\left[a,b\right)"), ("{a}", r"\left\{a\right\}"), ("(a", r"\left(a\right."), ("a)", "a)"), ("(a]", r"\left(a\right]"),
        ('"if x"', r"\text{if x}"), ("text(if x)", r"\text{if x}"), ('""', r"\text{}"), ("text()", r"\text{}"),
        ('a "b_c"', r"a\text{b\_c}"), ("12.5x", "12.5x"), ("1.x", "1.x"), ("1 2", "12"),
        ("a->b", r"a \to b"), ("a!=b", r"a \neq b"), ("a=>b", r"a \Rightarrow b"), ("a>=b", r"a \geq b"), ("a-b", "a - b"),
        ("a<b", "a < b"), ("a>b", "a > b"), ("a=b", "a = b"), ("-a", "- a"), ("a*b", r"a\cdot b"), ("a xx b", r"a\times b"),
        ("a in RR", r"a\in\mathbb{R}"), ("{:a:}", "a"), ("AA x", r"\forall x"), ("sin x", r"\sin x"), ("a;b", "a;b"),
        ("a%b", r"a\%b"), ("α", r"\alpha"),
    ],
)  # fmt: skip
def test_asciimath(source: str, tex: str) -> None:
    assert from_asciimath(source) == tex


def test_deep_and_long_asciimath_is_bounded() -> None:
    assert isinstance(from_asciimath("sqrt" * 400), str)
    assert isinstance(from_asciimath("(" * 1_500), str)
    assert from_asciimath("y" * LONGEST) == "y" * 2_000 and from_asciimath("y" * (LONGEST + 1)) == ""


@pytest.mark.parametrize(("unit", "made"), [("sqrt ", r"\sqrt"), ("(", r"\left")], ids=["sqrt", "bracket"])
def test_fifty_levels_are_read(unit: str, made: str) -> None:
    assert [from_asciimath(unit * depth + "x").count(made) for depth in (49, 50, 51)] == [49, 50, 50]


@given(st.text('ab12+-=/_^()[]{}"` <>!|:sqrtfnco', max_size=40))
def test_braces_are_balanced_and_nothing_raises(source: str) -> None:
    tex = from_asciimath(source)
    assert len(re.findall(r"\\left(?![a-z])", tex)) == len(re.findall(r"\\right(?![a-z])", tex))  # no \rightarrow
