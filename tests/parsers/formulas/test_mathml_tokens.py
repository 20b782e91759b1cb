"""The token elements of MathML: identifiers, numbers, operators, text and space, each as a piece of TeX."""

from __future__ import annotations

import pytest

from parsers.formulas import tex_rows as rows
from parsers.formulas.mathml_tokens import Frame, mi, mn, mo, ms, mspace, mtext, words
from parsers.formulas.tex_rows import Piece


def frame(text: str, source: str = "") -> Frame:
    return Frame("mi", source, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  a \n b ", "a b"), ("&amp;&lt;", "&<"), ("a\u2062b", "ab"), ("\u200b", ""), ("", ""), ("&#x3B1;", "α"), ("a&b", "a&b")],
)  # fmt: skip
def test_words_of_a_leaf(text: str, expected: str) -> None:
    assert words(frame(text)) == expected


@pytest.mark.parametrize(
    ("text", "source", "tex", "kind", "raw"),
    [
        ("x", "", "x", rows.OPERAND, "x"), ("ab", "", "ab", rows.WORD, "ab"), ("1b", "", "1b", rows.OPERAND, "1b"),
        ("α", "", r"\alpha", rows.OPERAND, "α"), ("sin", "", r"\sin", rows.FUNCTION, "sin"), ("lim", "", r"\lim", rows.LARGE, "lim"),
        ("argmax", "", r"\operatorname*{argmax}", rows.LARGE, "argmax"), ("det", "", r"\det", rows.LARGE, "det"),
        ("x", ' mathvariant="bold"', r"\mathbf{x}", rows.OPERAND, "x"), ("x", ' mathvariant="normal"', r"\mathrm{x}", rows.OPERAND, "x"),
        ("α", ' mathvariant="normal"', r"\alpha", rows.OPERAND, "α"), ("α", ' mathvariant="bold"', r"\boldsymbol{\alpha}", rows.OPERAND, "α"),
        ("x", ' mathvariant="unheard"', "x", rows.OPERAND, "x"), ("x", ' mathvariant="italic"', "x", rows.OPERAND, "x"),
    ],
)  # fmt: skip
def test_identifiers(text: str, source: str, tex: str, kind: str, raw: str) -> None:
    assert mi(frame(text, source)) == Piece(tex, kind, raw)


@pytest.mark.parametrize(
    ("text", "source", "tex"),
    [("12", "", "12"), ("1,000", "", "1,000"), ("2", ' mathvariant="bold"', r"\mathbf{2}"), ("2", ' mathvariant="normal"', "2"),
     ("2", ' class="a"', "2"), ("∞", "", r"\infty")],
)  # fmt: skip
def test_numbers(text: str, source: str, tex: str) -> None:
    assert mn(frame(text, source)) == Piece(tex, rows.NUMBER, text)


@pytest.mark.parametrize(
    ("text", "source", "tex", "kind"),
    [
        ("=", "", "=", rows.INFIX), ("≤", "", r"\leq", rows.INFIX), ("+", "", "+", rows.INFIX), ("−", "", "-", rows.INFIX),
        ("(", "", "(", rows.OPEN), ("⟨", "", r"\langle", rows.OPEN), (")", "", ")", rows.CLOSE), ("}", "", r"\}", rows.CLOSE),
        ("∑", "", r"\sum", rows.LARGE), (",", "", ",", rows.COMMA), (";", "", ";", rows.COMMA), ("′", "", "'", rows.POSTFIX),
        ("!", "", "!", rows.POSTFIX), ("°", "", r"^{\circ}", rows.POSTFIX), ("?", "", "?", rows.OPERAND), ("∂", "", r"\partial", rows.OPERAND),
        ("|", "", "|", rows.BAR), ("‖", "", r"\|", rows.BAR), ("|", ' form="prefix"', "|", rows.OPEN), ("|", ' form="postfix"', "|", rows.CLOSE),
        ("|", ' form="infix"', "|", rows.BAR), ("|", ' data-mjx-texclass="OPEN"', "|", rows.OPEN),
        ("|", ' data-mjx-texclass="CLOSE" form="prefix"', "|", rows.CLOSE),
        ("sin", "", r"\sin", rows.FUNCTION), ("max", "", r"\max", rows.LARGE), ("...", "", r"\ldots", rows.OPERAND),
        ("..", "", "..", rows.OPERAND), ("lim sup", "", r"\limsup", rows.LARGE), ("lim inf", "", r"\liminf", rows.LARGE),
        ("mod", "", r"\operatorname{mod}", rows.FUNCTION), ("a b", "", r"\operatorname{a b}", rows.FUNCTION), (":=", "", ":=", rows.INFIX),
        ("<>", "", "<>", rows.INFIX),
    ],
)  # fmt: skip
def test_operators(text: str, source: str, tex: str, kind: str) -> None:
    found = mo(frame(text, source))
    assert (found.tex, found.kind, found.raw) == (tex, kind, text)


@pytest.mark.parametrize(
    ("text", "tex"),
    [("if x", r"\text{if x}"), (" a  b ", r"\text{ a b }"), ("50%", r"\text{50\%}"), ("a&amp;b", r"\text{a\&b}"),
     ("&nbsp;", ""), ("", ""), ("a\u200bb", r"\text{ab}")],
)  # fmt: skip
def test_texts(text: str, tex: str) -> None:
    assert mtext(frame(text)).tex == tex


def test_strings_have_quotation_marks() -> None:
    assert ms(frame("a")).tex == r'\text{"a"}'
    assert ms(frame("a", ' lquote="«" rquote="»"')).tex == r"\text{«a»}"


@pytest.mark.parametrize("token", [mi, mo, mtext])
def test_without_a_text_of_its_own_a_token_is_what_it_holds(token) -> None:
    outer = frame(" ")
    outer.children = [Piece("a"), Piece("b")]
    assert token(outer).tex == "ab"


@pytest.mark.parametrize(
    ("width", "tex"),
    [("0.89em", ""), ("0.9em", r"\quad"), ("1em", r"\quad"), ("1.89em", r"\quad"), ("1.9em", r"\qquad"), ("2em", r"\qquad"),
     ("1.2.3em", ""), ("20px", ""), ("", "")],
)  # fmt: skip
def test_spaces_of_an_em_and_more(width: str, tex: str) -> None:
    found = mspace(Frame("mspace", f' width="{width}"'))
    assert found.tex == tex and (found.kind == rows.COMMA) is bool(tex)
