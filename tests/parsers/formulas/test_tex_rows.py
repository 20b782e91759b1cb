"""Pieces side by side: blanks, fences, tables between them, and scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.tex_rows import (
    ATOP,
    BAR,
    CLOSE,
    COMMA,
    EMPTY,
    FUNCTION,
    INFIX,
    LARGE,
    NUMBER,
    OPEN,
    OPERAND,
    POSTFIX,
    TABLE,
    WORD,
    Piece,
    row,
    scripted,
)

LETTERS = {name: Piece(name, raw=name) for name in "abxy"}
SIGNS = {
    "(": Piece("(", OPEN, "("), ")": Piece(")", CLOSE, ")"), "[": Piece("[", OPEN, "["), "]": Piece("]", CLOSE, "]"),
    "{": Piece(r"\{", OPEN, "{"), "}": Piece(r"\}", CLOSE, "}"), "|": Piece("|", BAR, "|"), "‖": Piece(r"\|", BAR, "‖"),
    "+": Piece("+", INFIX, "+"), "-": Piece("-", INFIX, "-"), "=": Piece("=", INFIX, "="), ",": Piece(",", COMMA, ","),
    "!": Piece("!", POSTFIX, "!"), "sin": Piece(r"\sin", FUNCTION, "sin"), "rate": Piece("rate", WORD, "rate"),
    "∑": Piece(r"\sum", LARGE, "∑"), "1": Piece("1", NUMBER, "1"), "2": Piece("2", NUMBER, "2"),
    "α": Piece(r"\alpha", OPERAND, "α"), "table": Piece(r"\begin{matrix} a \\ b \end{matrix}", TABLE, r"a \\ b"),
    "stack": Piece(r"\genfrac{}{}{0pt}{}{n}{k}", ATOP, "{n}{k}"), "nothing": EMPTY,
}  # fmt: skip
PIECES = LETTERS | SIGNS


def written(signs: str) -> str:
    return row(PIECES[sign] for sign in signs.split()).tex


@pytest.mark.parametrize(
    ("signs", "tex"),
    [
        ("", ""), ("a", "a"), ("a nothing", "a"), ("nothing a nothing b", "ab"),
        ("a + b", "a + b"), ("- a", "-a"), ("a = - b", "a = -b"), ("a + + b", "a + +b"), ("= a", "= a"), ("a = = b", "a = = b"),
        ("( - a )", r"\left(-a\right)"), ("( = a )", r"\left(= a\right)"), ("a , - b", "a, -b"), ("a , b", "a, b"),
        ("a ! b", "a!b"), ("- - a", "- -a"),
        ("sin x", r"\sin x"), ("a sin x", r"a \sin x"), ("2 rate x", "2 rate x"), ("∑ x", r"\sum x"), ("2 ∑ x", r"2 \sum x"),
        ("1 2", "1 2"), ("1 x", "1x"), ("x 1", "x1"), ("α x", r"\alpha x"), ("α 1", r"\alpha1"), ("x α", r"x\alpha"),
        ("sin ( x )", r"\sin\left(x\right)"), ("2 ( x )", r"2\left(x\right)"),
        # An unpaired bracket behind a number or another one is no index.
        ("2 [", "2 ["), ("( a ) [", r"\left(a\right) ["), ("a [", "a["), ("2 (", "2("), ("( a ,", "(a,"),
    ],
)  # fmt: skip
def test_blanks_stand_where_people_type_them(signs: str, tex: str) -> None:
    assert written(signs) == tex


@pytest.mark.parametrize(
    ("signs", "tex"),
    [
        ("( a )", r"\left(a\right)"), ("( a", "(a"), ("a )", "a)"), ("[ a )", r"\left[a\right)"),
        ("( ( a ) )", r"\left(\left(a\right)\right)"), ("( ( a )", r"(\left(a\right)"), ("( a ) )", r"\left(a\right))"),
        ("| a |", "|a|"), ("| a ( b |", "|a(b|"), ("( | a )", r"\left(|a\right)"), ("| ( a ) |", r"|\left(a\right)|"),
        ("| a ‖", r"|a\|"), ("( a | b ) |", r"\left(a|b\right)|"),
    ],
)  # fmt: skip
def test_fences_are_paired_and_others_are_signs(signs: str, tex: str) -> None:
    assert written(signs) == tex


@pytest.mark.parametrize(
    ("signs", "name"),
    [("( table )", "pmatrix"), ("[ table ]", "bmatrix"), ("{ table }", "Bmatrix"), ("| table |", "vmatrix"),
     ("‖ table ‖", "Vmatrix"), ("{ table", "cases")],
)  # fmt: skip
def test_tables_between_fences_have_names(signs: str, name: str) -> None:
    environment = rf"\begin{{{name}}} a \\ b \end{{{name}}}"
    assert written(signs) == environment
    assert written("a = " + signs) == "a = " + environment


@pytest.mark.parametrize(
    ("signs", "start"),
    [("( table ]", r"\left(\begin{matrix}"), ("( a table )", r"\left(a\begin{matrix}"), ("[ table", r"[\begin{matrix}"),
     ("{ a table", r"\{a\begin{matrix}"), ("{ } table", r"\left\{\right\}\begin{matrix}"),
     ("( stack ]", r"\left(\genfrac"), ("[ stack ]", r"\left[\genfrac"), ("{ stack", r"\{\genfrac")],
)  # fmt: skip
def test_other_tables_and_stacks_stay(signs: str, start: str) -> None:
    assert written(signs).startswith(start)


def test_a_stack_in_parentheses_is_a_binomial() -> None:
    assert written("( stack )") == r"\binom{n}{k}"


def test_an_exponent_at_the_closing_fence_belongs_to_all_between() -> None:
    for opening, closing, expected in (
        ("(", ")", r"\begin{pmatrix} a \\ b \end{pmatrix}^{2}"), ("{", "}", r"\begin{Bmatrix} a \\ b \end{Bmatrix}^{2}"),
    ):  # fmt: skip
        raised = scripted(PIECES[closing], None, PIECES["2"])
        whole = row([PIECES[opening], PIECES["table"], raised])
        assert (whole.tex, whole.scripts) == (expected, "^")
        assert scripted(whole, PIECES["1"]).tex == expected + "_{1}"
        assert scripted(whole, None, PIECES["1"]).tex == f"{{{expected}}}^{{1}}"


@pytest.mark.parametrize(
    ("signs", "tex"),
    [
        ("a", "a^{2}"), ("( a )", r"\left(a\right)^{2}"), ("a b", "{ab}^{2}"), ("( a ) b", r"{\left(a\right)b}^{2}"),
        ("b ( a )", r"{b\left(a\right)}^{2}"), ("( a ) ( b )", r"{\left(a\right)\left(b\right)}^{2}"),
        ("( ( a ) b )", r"\left(\left(a\right)b\right)^{2}"), ("| a |", "{|a|}^{2}"), ("nothing", "{}^{2}"),
    ],
)  # fmt: skip
def test_a_script_needs_braces_around_all_but_one_pair_of_fences(signs: str, tex: str) -> None:
    assert scripted(row(PIECES[sign] for sign in signs.split()), None, PIECES["2"]).tex == tex


def test_fences_that_carry_a_script_already_get_braces() -> None:
    raised = scripted(PIECES[")"], None, PIECES["2"])
    whole = row([PIECES["("], PIECES["a"], raised])
    assert scripted(whole, None, PIECES["1"]).tex == r"{\left(a\right)^{2}}^{1}"


@pytest.mark.parametrize(
    ("below", "above", "tex"),
    [("1", "", "x_{1}"), ("", "2", "x^{2}"), ("1", "2", "x_{1}^{2}"), ("", "", "x"), ("", "′", "x'"), ("1", "″", "x_{1}''"),
     ("", r"^{\circ}", r"x^{\circ}")],
)  # fmt: skip
def test_scripts(below: str, above: str, tex: str) -> None:
    assert scripted(LETTERS["x"], Piece(below, raw=below), Piece(above, raw=above)).tex == tex


def test_what_carries_a_script_takes_the_other_one_without_braces() -> None:
    below, above = scripted(LETTERS["x"], PIECES["1"]), scripted(LETTERS["x"], None, PIECES["2"])
    assert (below.scripts, above.scripts) == ("_", "^")
    assert scripted(below, None, PIECES["2"]).tex == "x_{1}^{2}" and scripted(below, None, PIECES["2"]).scripts == "_^"
    assert scripted(above, PIECES["1"]).tex == "x^{2}_{1}"
    assert scripted(below, PIECES["1"]).tex == "{x_{1}}_{1}" and scripted(below, PIECES["1"]).scripts == "_"


def test_signs_with_scripts_keep_their_part_in_a_row() -> None:
    one = PIECES["1"]
    for sign in ("+", "∑", "sin", "(", ")"):
        found = scripted(PIECES[sign], one)
        assert (found.kind, found.raw) == (PIECES[sign].kind, PIECES[sign].raw)
    for sign in ("x", "1", "rate", "!"):
        found = scripted(PIECES[sign], one)
        assert (found.kind, found.raw) == (OPERAND, "")


@given(st.lists(st.sampled_from(sorted(PIECES)), max_size=12))
def test_nothing_is_lost_and_fences_are_balanced(signs: list[str]) -> None:
    tex = row(PIECES[sign] for sign in signs).tex
    assert tex.count(r"\left") == tex.count(r"\right")
    assert tex.count("y") == signs.count("y")
