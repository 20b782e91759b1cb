"""MathML's layout: missing and surplus children, tables and their numbers, fences, enclosures, scripts before the base."""

from __future__ import annotations

import pytest

from parsers.formulas.mathml import DEPTH, mathml_to_tex

A, B, C, N, X = (f"<mi>{name}</mi>" for name in "abcnx")
ONE, TWO, THREE, NONE = "<mn>1</mn>", "<mn>2</mn>", "<mn>3</mn>", "<none></none>"
SUM, ARROW = "<mo>∑</mo>", "<mo>→</mo>"


def element(name: str, *children: str, **attributes: str) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(children)}</{name}>"


def row(*cells: str) -> str:
    return element("mtr", *(element("mtd", cell) for cell in cells))


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (element("mfrac", A), r"\frac{a}{}"), (element("mfrac"), r"\frac{}{}"), (element("mfrac", A, B, C), r"\frac{a}{bc}"),
        (element("msub", A), "a"), (element("msub", A, B, C), "a_{bc}"), (element("msubsup", A, B), "a_{b}"),
        (element("msubsup", A, B, C, N), "a_{b}^{cn}"), (element("msup", A, "<mi></mi>"), "a"), (element("mroot", A), r"\sqrt{a}"),
        (element("mroot", A, TWO), r"\sqrt[2]{a}"), (element("mroot", A, element("mrow", "<mo>]</mo>")), r"\sqrt[{]}]{a}"),
        (element("msqrt", A, B), r"\sqrt{ab}"), (element("msqrt"), r"\sqrt{}"),
        (element("mfrac", A, B, linethickness="0"), r"\genfrac{}{}{0pt}{}{a}{b}"), (element("mfrac", A, B, linethickness="0.0pt"), r"\genfrac{}{}{0pt}{}{a}{b}"),
        (element("mfrac", A, B, linethickness="0.5px"), r"\frac{a}{b}"), (element("mfrac", A, B, linethickness="1"), r"\frac{a}{b}"),
        (element("mfrac", A, B, linethickness="thin"), r"\frac{a}{b}"), (element("mfrac", A, B, bevelled="true"), "a/b"),
        (element("mfrac", A, B, bevelled="false"), r"\frac{a}{b}"),
        (element("mfrac", element("mrow", A, B), element("mrow", B, "<mo>+</mo>", C), bevelled="true"), r"\left(ab\right)/\left(b + c\right)"),
        (element("msup", element("mfrac", A, B, bevelled="true"), TWO), "{a/b}^{2}"),
    ],
)  # fmt: skip
def test_fractions_roots_and_their_children(markup: str, tex: str) -> None:
    assert mathml_to_tex(f"<math>{markup}</math>") == tex


@pytest.mark.parametrize(
    ("children", "tex"),
    [
        ((X, ONE, TWO), "x_{1}^{2}"), ((X, ONE), "x_{1}"), ((X, NONE, TWO), "x^{2}"), ((X, ONE, TWO, A, B), "{x_{1}^{2}}_{a}^{b}"),
        ((X, ONE, TWO, A), "{x_{1}^{2}}_{a}"), ((X, "<mprescripts></mprescripts>", ONE, TWO), "{}_{1}^{2}x"),
        ((X, A, B, "<mprescripts></mprescripts>", ONE, NONE), "{}_{1}x_{a}^{b}"), ((X, "<mprescripts></mprescripts>", ONE), "{}_{1}x"),
        ((X, "<mprescripts></mprescripts>", ONE, TWO, A, B), "{}_{1}^{2}{}_{a}^{b}x"), ((), ""), ((X,), "x"),
    ],
)  # fmt: skip
def test_scripts_in_pairs_on_both_sides(children: tuple[str, ...], tex: str) -> None:
    assert mathml_to_tex(element("mmultiscripts", *children)) == tex


def test_scripts_before_the_base_make_braces_around_the_whole() -> None:
    before = element("mmultiscripts", X, "<mprescripts></mprescripts>", ONE, TWO)
    assert mathml_to_tex(element("msup", before, THREE)) == "{{}_{1}^{2}x}^{3}"


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (element("mover", X, "<mo>¯</mo>"), r"\bar{x}"), (element("mover", element("mrow", A, B), "<mo>¯</mo>"), r"\overline{ab}"),
        (element("mover", "<mi>AB</mi>", "<mo>¯</mo>"), r"\overline{AB}"), (element("mover", "<mi>α</mi>", "<mo>^</mo>"), r"\hat{\alpha}"),
        (element("munder", X, "<mo>_</mo>"), r"\underline{x}"), (element("munder", X, A), r"\underset{a}{x}"),
        (element("munderover", X, A, B), r"\overset{b}{\underset{a}{x}}"), (element("munderover", X, "<mi></mi>", B), r"\overset{b}{x}"),
        (element("munderover", X, A), r"\underset{a}{x}"), (element("mover", X), "x"),
        (element("munderover", SUM, A, B), r"\sum_{a}^{b}"), (element("mover", SUM, B), r"\sum^{b}"),
        (element("mover", ARROW, A), r"\xrightarrow{a}"), (element("munder", ARROW, A), r"\xrightarrow[a]{}"),
        (element("munderover", "<mo>⇌</mo>", A, B), r"\xrightleftharpoons[a]{b}"), (A + element("mover", ARROW, N) + B, r"a \xrightarrow{n} b"),
        (A + element("mover", "<mo>=</mo>", "<mtext>def</mtext>") + B, r"a \overset{\text{def}}{=} b"), (A + element("mover", X, B) + C, r"a\overset{b}{x}c"),
        (element("mover", element("mover", element("mrow", A, B), "<mo>⏞</mo>"), N), r"\overbrace{ab}^{n}"),
        (element("munder", "<mi>argmax</mi>", X), r"\operatorname*{argmax}_{x}"),
    ],
)  # fmt: skip
def test_what_stands_under_and_over(markup: str, tex: str) -> None:
    assert mathml_to_tex(f"<math>{markup}</math>") == tex


def label(*inside: str) -> str:
    return element(
        "mtable", element("mlabeledtr", element("mtd", *inside), element("mtd", A), element("mtd", B)), row(C, N)
    )


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (element("mtable", row(A)), "a"), (element("mtable", row(A), row(B)), r"\begin{matrix} a \\ b \end{matrix}"),
        (element("mtable", row(A, B)), r"\begin{matrix} a & b \end{matrix}"), (element("mtable", element("mtr")), ""),
        (element("mtable", row(A, ""), row("", B)), r"\begin{matrix} a &  \\  & b \end{matrix}"),
        (element("mtable", row(A, B), row(C, N), columnalign="right left"), r"\begin{aligned} a & b \\ c & n \end{aligned}"),
        (element("mtable", row(A, B), row(C, N), columnalign="left right"), r"\begin{matrix} a & b \\ c & n \end{matrix}"),
        (element("mtable", row(A, B), row(C, N), columnalign="right"), r"\begin{matrix} a & b \\ c & n \end{matrix}"),
        (label("<mtext>(1)</mtext>"), r"\begin{align} a & b \tag{1} \\ c & n \end{align}"), (label("<mtext>1</mtext>"), r"\begin{align} a & b \tag{1} \\ c & n \end{align}"),
        (label("<mtext>(1</mtext>"), r"\begin{align} a & b \tag{(1} \\ c & n \end{align}"), (label("<mtext>1)</mtext>"), r"\begin{align} a & b \tag{1)} \\ c & n \end{align}"),
        (label(), r"\begin{matrix} a & b \\ c & n \end{matrix}"),
        (element("mtable", element("mlabeledtr", element("mtd", ONE), element("mtd", A)), element("mlabeledtr", element("mtd", TWO), element("mtd", B))),
         r"\begin{gather} a \tag{1} \\ b \tag{2} \end{gather}"),
        (element("mtable", element("mlabeledtr", element("mtd", ONE))), r"\tag{1}"), (element("mtable", element("mlabeledtr")), ""),
        (element("msup", element("mtable", row(element("mrow", A, B))), TWO), "{ab}^{2}"),
    ],
)  # fmt: skip
def test_tables_and_numbered_rows(markup: str, tex: str) -> None:
    assert mathml_to_tex(f"<math>{markup}</math>") == tex


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (element("mfenced", A, B), r"\left(a, b\right)"), (element("mfenced", A, B, C, separators=";,"), r"\left(a; b, c\right)"),
        (element("mfenced", A, B, C, N, separators=";,"), r"\left(a; b, c, n\right)"), (element("mfenced", A, B, separators=""), r"\left(ab\right)"),
        (element("mfenced", A, B, separators="|"), r"\left(a | b\right)"), (element("mfenced", A, B, separators="+"), r"\left(a + b\right)"),
        (element("mfenced", A, B, open="", close=""), "a, b"), (element("mfenced", A, open="", close=")"), r"\left.a\right)"),
        (element("mfenced", A, open="[", close=""), r"\left[a\right."), (element("mfenced", open="[", close="]"), r"\left[\right]"),
        (element("mfenced", element("mtable", row(A), row(B)), open="{", close=""), r"\begin{cases} a \\ b \end{cases}"),
        (element("mfenced", A, open="{", close=""), r"\left\{a\right."), (element("mfenced", element("mtable", row(A), row(B))), r"\begin{pmatrix} a \\ b \end{pmatrix}"),
    ],
)  # fmt: skip
def test_fences_with_separators(markup: str, tex: str) -> None:
    assert mathml_to_tex(f"<math>{markup}</math>") == tex


@pytest.mark.parametrize(
    ("notation", "tex"),
    [("box", r"\boxed{a}"), ("circle box", r"\enclose{circle}{a}"), ("unheard box", r"\boxed{a}"), ("unheard", "a"), ("", "a"),
     ("updiagonalstrike", r"\cancel{a}"), ("downdiagonalstrike", r"\bcancel{a}"), ("downdiagonalstrike updiagonalstrike", r"\xcancel{a}"),
     ("actuarial", r"\overline{a|}"), ("longdiv", r"\overline{)a}")],
)  # fmt: skip
def test_enclosures(notation: str, tex: str) -> None:
    assert mathml_to_tex(element("menclose", A, notation=notation)) == tex
    assert (
        mathml_to_tex(element("menclose", notation="box")) == ""
        and mathml_to_tex(element("menclose", A)) == r"\overline{)a}"
    )


@pytest.mark.parametrize(
    ("side", "tex"),
    [('data-mjx-texclass="OPEN"', "OPEN"), ('data-mjx-texclass="CLOSE"', "CLOSE"), ('class="MJX-TeXAtom-OPEN"', "OPEN"),
     ('class="MJX-TeXAtom-CLOSE"', "CLOSE"), ('class="MJX-TeXAtom-ORD"', "BAR"), ("", "BAR")],
)  # fmt: skip
def test_bars_whose_row_says_on_which_side_they_stand(side: str, tex: str) -> None:
    bar = f"<mrow {side}><mo>|</mo></mrow>" if side else "<mrow><mo>|</mo></mrow>"
    markup = mathml_to_tex(f"<math>{bar}{A}<mo>)</mo></math>")
    assert markup == {"OPEN": r"\left|a\right)", "CLOSE": "|a)", "BAR": "|a)"}[tex]
    both = mathml_to_tex(f"<math><mrow {side}><mo>|</mo>{A}</mrow><mo>)</mo></math>")
    assert both == "|a)"


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<math><mi>a</mi></math><math><mi>b</mi></math>", "a"), ("<mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow>", "ab"),
        ("<mi>a<mi>b</mi>", "ab"), ("<mphantom><mi>x</mi><mi>y</mi></mphantom>a", ""), ("<mphantom><mphantom><mi>x</mi></mphantom><mi>y</mi></mphantom><mi>a</mi>", "a"),
        ("<mphantom/><mi>a</mi>", "a"), ("<style>x</style><mi>a</mi>", "a"), ("</mphantom><mi>a</mi>", "a"), ("<mrow>text<mi>a</mi>text</mrow>", "a"),
        ("<mi>a<!-- <mi>b</mi> --></mi>", "a"), ("<!-- x --><mi>a</mi><!-- y", "a"), ("<mi/><mi>a</mi>", "a"), ("<mrow/><mi>a</mi>", "a"),
        ("<mi>a<malignmark></malignmark>b</mi>", "ab"), ("<maction><mi>a</mi><mi>b</mi></maction>", "a"), ("<semantics><mrow></mrow><mi>b</mi></semantics>", "b"),
        ("<mi><mglyph alt='β'/></mi>".replace("'", '"'), r"\beta"), ("<mtext>a</mtext><mtext>b</mtext>", r"\text{a}\text{b}"),
    ],
)  # fmt: skip
def test_what_is_skipped_mended_or_passed_through(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex


def test_an_end_tag_closes_what_was_left_open_a_few_levels_down() -> None:
    def closed(levels: int) -> str:
        return mathml_to_tex("<msup><mrow>" + "<mstyle>" * levels + A + B + "</mrow>" + TWO + "</msup>")

    assert [closed(levels) for levels in (1, 5, 6, 7)] == ["{ab}^{2}"] * 3 + ["ab2"]


def test_elements_nested_too_deep_hand_their_children_on() -> None:
    for depth, roots in ((DEPTH - 1, DEPTH - 1), (DEPTH, DEPTH), (DEPTH + 1, DEPTH), (DEPTH + 9, DEPTH)):
        assert mathml_to_tex("<msqrt>" * depth + A + "</msqrt>" * depth) == r"\sqrt{" * roots + "a" + "}" * roots
        deep = "<msqrt>" * depth + f"<msqrt>{A}<mi/><mrow/></msqrt>{B}" + "</msqrt>" * depth + C
        assert mathml_to_tex(deep).endswith("c") and mathml_to_tex(deep).count("sqrt") == min(depth + 1, DEPTH)


@pytest.mark.parametrize(
    ("code", "tex"),
    [("1D45B", "n"), ("239B", "("), ("23AD", ""), ("239A", "⎚"), ("23AE", "⎮"), ("110000", ""), ("D800", ""), ("DFFF", ""), ("E000", "\ue000"), ("61", "a")],
)  # fmt: skip
def test_glyphs_by_their_codes(code: str, tex: str) -> None:
    assert mathml_to_tex(f'<mjx-mi><mjx-c class="mjx-c{code} TEX-I"></mjx-c></mjx-mi>') == tex


def box(name: str, *inside: str) -> str:
    return f"<mjx-{name}>{''.join(inside)}</mjx-{name}>"


P, Q, R = (f'<mjx-mi><mjx-c class="mjx-c{code}"></mjx-c></mjx-mi>' for code in ("61", "62", "63"))


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (box("msub", P, box("script", Q)), "a_{b}"), (box("msup", P, box("script", Q)), "a^{b}"), (box("msub", P, box("script", Q, R)), "a_{bc}"),
        (box("msubsup", P, box("script", Q, R)), "a_{c}^{b}"), (box("msup", P, Q, box("script", R)), "{ab}^{c}"),
        (box("mroot", box("sqrt", box("root", Q), box("box", P))), r"\sqrt[b]{a}"), (box("msqrt", box("sqrt", box("surd", R), box("box", P))), r"\sqrt{a}"),
        (box("munder", box("row", box("base", P)), box("row", box("under", Q))), r"\underset{b}{a}"), (box("mover", box("over", Q), box("base", P)), r"\overset{b}{a}"),
        (box("munderover", box("over", R), box("base", P), box("under", Q)), r"\overset{c}{\underset{b}{a}}"), (box("mfrac", box("num", P), box("den", Q)), r"\frac{a}{b}"),
        (box("mfrac", box("den", Q)), r"\frac{}{b}"), (box("mtable", box("table", box("itable", box("mtr", box("mtd", P), box("mtd", Q))))), r"\begin{matrix} a & b \end{matrix}"),
    ],
)  # fmt: skip
def test_boxes_of_mathjax_3_say_their_parts(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex
