"""MathML to TeX: what each element becomes, and that nothing breaks it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.mathml import DEPTH, mathml_to_tex

QUADRATIC = (
    "<math><mi>x</mi><mo>=</mo><mfrac><mrow><mo>−</mo><mi>b</mi><mo>±</mo><msqrt><msup><mi>b</mi><mn>2</mn></msup>"
    "<mo>−</mo><mn>4</mn><mi>a</mi><mi>c</mi></msqrt></mrow><mrow><mn>2</mn><mi>a</mi></mrow></mfrac></math>"
)
CELLS = [f"<mtd><mi>{name}</mi></mtd>" for name in "abcd"]
TABLE = f"<mtable><mtr>{CELLS[0]}{CELLS[1]}</mtr><mtr>{CELLS[2]}{CELLS[3]}</mtr></mtable>"
SUM = "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"


def balanced(tex: str) -> bool:
    depth = 0
    for sign in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (QUADRATIC, r"x = \frac{-b \pm \sqrt{b^{2} - 4ac}}{2a}"),
        ("<mi>sin</mi><mi>α</mi>", r"\sin \alpha"),
        ("<mi>α</mi><mi>x</mi>", r"\alpha x"),
        ("<mn>2</mn><mi>rate</mi><mi>t</mi>", "2 rate t"),
        ("<mo>⟨</mo><mi>p</mi><mo>⟩</mo>", r"\left\langle p\right\rangle"),
        ("<mi>f</mi><mo>(</mo><mi>x</mi><mo>,</mo><mi>y</mi><mo>)</mo>", r"f\left(x, y\right)"),
        ("<mo>[</mo><mn>0</mn><mo>,</mo><mn>1</mn><mo>)</mo>", r"\left[0, 1\right)"),
        ("<mo>(</mo><mi>a</mi>", "(a"),
        ("<mo>{</mo><mi>a</mi><mo>}</mo>", r"\left\{a\right\}"),
        ("<mi>n</mi><mo>!</mo>", "n!"),
        ("<mi>a</mi><mo>&amp;</mo><mi>b</mi><mo>&lt;</mo><mi>c</mi>", r"a\&b < c"),
        ("<mi>a</mi><mo>\u2062</mo><mi>b</mi>", "ab"),
        ("<mtext>if x_1 holds</mtext>", r"\text{if x\_1 holds}"),
        ("<ms>a</ms>", r'\text{"a"}'),
        ("<mi>a</mi><mspace width='2em'></mspace><mi>b</mi>".replace("'", '"'), r"a\qquad b"),
    ],
)
def test_rows_and_tokens(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<msub><mi>x</mi><mn>1</mn></msub>", "x_{1}"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_{i}^{2}"),
        ("<msup><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></msup>", "x_{1}^{2}"),
        ("<msub><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></msub>", "{x_{1}}_{2}"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "{a + b}^{2}"),
        ("<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup>", r"\left(a\right)^{2}"),
        ("<mo>(</mo><mi>a</mi><msup><mo>)</mo><mn>2</mn></msup>", r"\left(a\right)^{2}"),
        ("<msup><mi>f</mi><mo>″</mo></msup>", "f''"),
        ("<msup><mi></mi><mn>2</mn></msup>", "{}^{2}"),
        ("<msup><mn>90</mn><mo>°</mo></msup><mi>f</mi><mo>′</mo>", r"90^{\circ}f'"),
        ("<mn>1,000</mn>", "1,000"),
        ("<mmultiscripts><mi>U</mi><mprescripts></mprescripts><mn>92</mn><mi>A</mi></mmultiscripts>", "{}_{92}^{A}U"),
        (SUM + "<msub><mi>x</mi><mi>i</mi></msub>", r"\sum_{i = 1}^{n} x_{i}"),
        ("<munder><mo>lim</mo><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mi>x</mi>", r"\lim_{x \to 0} x"),
        ("<mover><mi>x</mi><mo>^</mo></mover><mover><mi>AB</mi><mo>^</mo></mover>", r"\hat{x}\widehat{AB}"),
        ("<mover><mi>v</mi><mo>→</mo></mover>", r"\vec{v}"),
        ("<mover><mi>a</mi><mi>b</mi></mover>", r"\overset{b}{a}"),
        ("<mover><mo>→</mo><mi>f</mi></mover>", r"\xrightarrow{f}"),
        (
            "<munder><munder><mrow><mi>a</mi><mi>b</mi></mrow><mo>⏟</mo></munder><mi>n</mi></munder>",
            r"\underbrace{ab}_{n}",
        ),
    ],
)
def test_scripts_limits_and_accents(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ('<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>', r"\genfrac{}{}{0pt}{}{n}{k}"),
        ('<mo>(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>', r"\binom{n}{k}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ('<menclose notation="box"><mi>x</mi></menclose>', r"\boxed{x}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", r"\left(a, b\right)"),
        ('<mfenced open="[" close="]" separators=";"><mi>a</mi><mi>b</mi></mfenced>', r"\left[a; b\right]"),
        (TABLE, r"\begin{matrix} a & b \\ c & d \end{matrix}"),
        (f"<mo>(</mo>{TABLE}<mo>)</mo>", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        (f"<mo>|</mo>{TABLE}<mo>|</mo>", r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}"),
        (f"<mi>f</mi><mo>=</mo><mo>{{</mo>{TABLE}<mo></mo>", r"f = \begin{cases} a & b \\ c & d \end{cases}"),
        ("<mphantom><mi>x</mi></mphantom><mi>y</mi>", "y"),
        ("<mstyle><mpadded><mi>x</mi></mpadded></mstyle>", "x"),
        ("<unknown><mi>x</mi></unknown>", "x"),
        ("<semantics><mi>x</mi><annotation>nothing</annotation></semantics>", "x"),
        ("<mtable><mlabeledtr><mtd><mtext>(1)</mtext></mtd><mtd><mi>a</mi></mtd></mlabeledtr></mtable>", r"a \tag{1}"),
        (
            (
                "<mtable><mlabeledtr><mtd><mtext>(</mtext><mi>⋆</mi><mtext>)</mtext></mtd><mtd><mi>a</mi></mtd>"
                "</mlabeledtr></mtable>"
            ),
            r"a \tag*{$(\star)$}",
        ),
        ("<mtable><mlabeledtr><mtd><mo>⋆</mo></mtd><mtd><mi>a</mi></mtd></mlabeledtr></mtable>", r"a \tag*{$\star$}"),
    ],
)
def test_layout(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ('<mi mathvariant="double-struck">R</mi>', r"\mathbb{R}"),
        ("<mi>ℝ</mi>", r"\mathbb{R}"),
        ("<mi>𝑧</mi>", "z"),
        ("<mi>𝐱</mi>", r"\mathbf{x}"),
        ("<mi>𝛼</mi>", r"\alpha"),
        ('<mi mathvariant="bold">α</mi>', r"\boldsymbol{\alpha}"),
        ('<mi mathvariant="normal">d</mi><mi>x</mi>', r"\mathrm{d}x"),
        ('<mi mathvariant="normal">Ω</mi>', r"\Omega"),
        ('<mi class="MJX-tex-caligraphic" mathvariant="script">L</mi>', r"\mathcal{L}"),
        ("<mi>速</mi>", r"\text{速}"),
    ],
)
def test_alphabets(markup: str, tex: str) -> None:
    assert mathml_to_tex(markup) == tex


def apply(operator: str, *arguments: str) -> str:
    return f"<apply><{operator}></{operator}>{''.join(arguments)}</apply>"


A, B, X, TWO = "<ci>a</ci>", "<ci>b</ci>", "<ci>x</ci>", "<cn>2</cn>"
LOW = "<lowlimit><cn>0</cn></lowlimit>"


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        (apply("plus", A, apply("times", TWO, apply("power", X, TWO))), "a + 2 x^{2}"),
        (apply("times", apply("plus", A, B), X), r"\left(a + b\right) x"),
        (apply("minus", A, apply("minus", B, X)), r"a - \left(b - x\right)"),
        (apply("minus", apply("minus", A, B), X), "a - b - x"),
        (apply("power", apply("plus", A, B), TWO), r"\left(a + b\right)^{2}"),
        (apply("eq", X, apply("divide", A, B)), r"x = \frac{a}{b}"),
        (apply("root", "<degree><cn>3</cn></degree>", X), r"\sqrt[{3}]{x}"),
        (apply("sin", X), r"\sin x"),
        (
            apply("int", f"<bvar>{X}</bvar>", LOW, "<uplimit><infinity></infinity></uplimit>", X),
            r"\int_{0}^{\infty} x\, dx",
        ),
        (
            apply("sum", "<bvar><ci>i</ci></bvar>", LOW, "<uplimit><ci>n</ci></uplimit>", X),
            r"\sum_{i = 0}^{n} x",
        ),
        (apply("limit", f"<bvar>{X}</bvar>", LOW, X), r"\lim_{x \to 0} x"),
        (apply("diff", f"<bvar>{X}<degree>{TWO}</degree></bvar>", A), r"\frac{d^{2}}{dx^{2}} a"),
        ('<cn type="rational">1<sep></sep>2</cn>', r"\frac{1}{2}"),
        (f"<apply><ci>f</ci>{X}{A}</apply>", r"f\left(x, a\right)"),
        (f"<set>{A}{B}</set>", r"\left\{a, b\right\}"),
        (f"<lambda><bvar>{X}</bvar>{apply('sin', X)}</lambda>", r"x \mapsto \sin x"),
        (f"<interval closure=\"open\">{A}{B}</interval>", r"\left(a, b\right)"),
        (
            f"<matrix><matrixrow>{A}{B}</matrixrow><matrixrow>{B}{A}</matrixrow></matrix>",
            r"\begin{pmatrix} a & b \\ b & a \end{pmatrix}",
        ),
        (apply("forall", f"<bvar>{X}</bvar>", apply("gt", X, A)), r"\forall x\colon \left(x > a\right)"),
    ],
)  # fmt: skip
def test_content_markup(markup: str, tex: str) -> None:
    assert mathml_to_tex(f"<math>{markup}</math>") == tex


def test_the_boxes_of_mathjax_3_are_read_where_the_style_sheet_draws_the_glyphs() -> None:
    glyph = '<mjx-mi class="mjx-i"><mjx-c class="mjx-c1D45B TEX-I"></mjx-c></mjx-mi>'
    one = '<mjx-mn><mjx-c class="mjx-c31"></mjx-c></mjx-mn>'
    fraction = (
        f"<mjx-mfrac><mjx-frac><mjx-num><mjx-nstrut></mjx-nstrut>{one}</mjx-num><mjx-dbox><mjx-dtable><mjx-line>"
        f"</mjx-line><mjx-row><mjx-den><mjx-dstrut></mjx-dstrut>{glyph}</mjx-den></mjx-row></mjx-dtable></mjx-dbox>"
        "</mjx-frac></mjx-mfrac>"
    )
    scripts = f"<mjx-msubsup>{glyph}<mjx-script>{one}<mjx-spacer></mjx-spacer>{glyph}</mjx-script></mjx-msubsup>"
    boxes = f"<mjx-container><mjx-math>{fraction}{scripts}</mjx-math></mjx-container>"
    assert mathml_to_tex(boxes) == r"\frac{1}{n}n_{n}^{1}"


def test_missing_and_surplus_tags_are_mended() -> None:
    assert mathml_to_tex("<math><mrow><mi>a</mi><mo>+<mi>b</mi></math>") == "a + b"
    assert mathml_to_tex("<math><mfrac><mi>a</mi></mfrac></mrow></math>") == r"\frac{a}{}"
    assert mathml_to_tex("<math><mi>a</mi></math><p>prose</p>") == "a"


def test_prefixed_and_self_closing_elements_as_they_stand_in_attributes() -> None:
    markup = '<m:math><m:mi>&#x3B1;</m:mi><m:mspace width="1em" /><m:mi>b</m:mi></m:math>'
    assert mathml_to_tex(markup) == r"\alpha\quad b"


def test_depth_is_bounded_and_the_work_linear() -> None:
    deep = "<mrow>" * 50_000 + "<mi>x</mi>" + "</mrow>" * 50_000
    assert mathml_to_tex(deep) == "x"
    roots = "<msqrt>" * 20_000 + "<mi>x</mi>" + "</msqrt>" * 20_000
    assert mathml_to_tex(roots).count("sqrt") <= DEPTH
    assert len(mathml_to_tex("<mi>x</mi>" * 50_000)) == 50_000
    assert len(mathml_to_tex("<mo>(</mo>" * 20_000 + "</mo>" * 20_000 + "<!--" * 20_000)) == 20_000


def drawn(node: str, *inside: str) -> str:
    return f'<g data-mml-node="{node}" transform="translate(0,-1)">{"".join(inside)}</g>'


def glyph(character: str) -> str:
    return f'<use data-c="{ord(character):X}" xlink:href="#MJX"></use>'


P, Q, R = (drawn("mi", glyph(name)) for name in "𝑎𝑏𝑐")
ROOT = drawn("mo", glyph("√")) + '<rect width="1"></rect>'


@pytest.mark.parametrize(
    ("inside", "tex"),
    [
        (drawn("mfrac", P, drawn("mrow", Q, drawn("mo", glyph("+")), R), "<rect></rect>"), r"\frac{a}{b + c}"),
        (drawn("msubsup", P, drawn("TeXAtom", Q), R), "a_{c}^{b}"),
        (drawn("munderover", drawn("mo", glyph("∑")), P, Q), r"\sum_{b}^{a}"),
        (drawn("msqrt", f"<g>{P}{Q}</g>", ROOT), r"\sqrt{ab}"),
        (drawn("mroot", f"<g>{P}</g>", drawn("mn", glyph("3")), ROOT), r"\sqrt[3]{a}"),
        (drawn("mo", *map(glyph, "⎛⎜⎝")) + P + drawn("mo", *map(glyph, "⎞⎟⎠")), r"\left(a\right)"),
        (drawn("mtext", '<text data-variant="normal">если</text>'), r"\text{если}"),
    ],
)
def test_drawings_of_mathjax_3(inside: str, tex: str) -> None:
    defined = '<defs><path id="MJX-1" d="M1 2"></path></defs>'
    assert mathml_to_tex(f"<mjx-container><svg>{defined}<g>{drawn('math', inside)}</g></svg></mjx-container>") == tex


def test_fences_that_mathjax_3_stretches_over_several_boxes() -> None:
    parts = "<mjx-beg><mjx-c></mjx-c></mjx-beg><mjx-ext><mjx-c></mjx-c></mjx-ext><mjx-mark></mjx-mark>"
    fence = f'<mjx-mo><mjx-stretchy-v class="mjx-c{{}}">{parts}</mjx-stretchy-v></mjx-mo>'
    x = '<mjx-mi><mjx-c class="mjx-c1D465"></mjx-c></mjx-mi>'
    assert mathml_to_tex(fence.format(28) + x + fence.format(29)) == r"\left(x\right)"


NAMES = st.sampled_from(
    "mi mn mo mtext mrow mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mfenced menclose "
    "mmultiscripts mprescripts none mspace semantics apply plus minus times power int diff bvar degree ci cn sep set "
    "mjx-mfrac mjx-num mjx-den mjx-msub mjx-script mjx-c mjx-stretchy-v g use text mlabeledtr "
    "sin ceiling abs limit lowlimit".split()
)
TEXTS = st.sampled_from(["", "a b", "sum", "&amp;", *"x2()|{}\\^_→∑′%𝐱"])
FORMULAS = st.recursive(
    st.builds("<{0}>{1}</{0}>".format, NAMES, TEXTS),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@given(FORMULAS)
def test_braces_of_the_tex_are_balanced(markup: str) -> None:
    assert balanced(mathml_to_tex(markup))


TAGS = st.one_of(st.builds("<{}>".format, NAMES), st.builds("</{}>".format, NAMES))


@given(st.lists(st.one_of(st.text(max_size=8), TAGS), max_size=20))
def test_never_raises(parts: list[str]) -> None:
    assert isinstance(mathml_to_tex("".join(parts)), str)
