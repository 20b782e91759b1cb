"""Formulas in their hiding places: annotations, attributes, scripts, images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.extraction import FORMULA_ROOT_CLASSES, extract_formula, is_double, render_formula, same_formula
from parsers.formulas.formula import Formula

SOURCE = '<annotation encoding="application/x-tex">{}</annotation>'
DRAWN = '<span class="katex-html" aria-hidden="true"><span class="mord">x</span></span>'
QUOTED = "&lt;math&gt;&lt;mi&gt;&amp;#x3B1;&lt;/mi&gt;&lt;/math&gt;"
MOODLE = "«math xmlns=¨http://www.w3.org/1998/Math/MathML¨»«mi»§#945;«/mi»«/math»"
PART = '<mjx-mi data-latex="a"></mjx-mi>'
SPOKEN = '<span class="mjpage"><span class="mjx-chtml"><span class="mjx-math" aria-label="{}">1</span></span></span>'
TITLED = '<span class="mjpage mjpage__block"><svg><title id="MathJax-SVG-2-Title">{}</title></svg></span>'
NUMBER = '<span class="eqno">(2)<a class="headerlink" href="#e">¶</a></span>'
LABELLED = f'<semantics><mstyle displaystyle="true"><mi>x</mi></mstyle>{SOURCE}'
WIKI = '<span class="mwe-math-element"><math>{}</semantics></math><img alt="{}"></span>'
SUBSTACK = "{&quot;persistentExpression&quot;:&quot;\\\\frac{a}{b}&quot;,&quot;id&quot;:&quot;A&quot;}"
ASSISTIVE = "<mjx-assistive-mml><math><msub><mi>x</mi><mn>1</mn></msub></math></mjx-assistive-mml>"


@pytest.mark.parametrize(
    ("markup", "tex", "display"),
    [
        (f"<math><semantics><mi>x</mi>{SOURCE.format('x&lt;y')}</semantics></math>", "x<y", False),
        ('<math display="block" alttext="{\\displaystyle x^{2}}"><mi>x</mi></math>', "x^{2}", True),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x^{2}", False),
        ('<script type="math/tex">E_u</script>', "E_u", False),
        ('<script type="math/tex; mode=display">% <![CDATA[\na<b\n%]]></script>', "a<b", True),
        ('<script type="math/mml"><math display="block"><mi>x</mi></math></script>', "x", True),
        ('<script type="math/asciimath">sqrt(x)/2</script>', r"\frac{\sqrt{x}}{2}", False),
        (f'<span class="katex"><math><mi>x</mi>{SOURCE.format("x_n")}</math>{DRAWN}</span>', "x_n", False),
        (f'<span class="katex-display"><span class="katex">{SOURCE.format("x")}</span></span>', "x", True),
        (f'<span class="math-inline" data-math="\\forall x">{DRAWN}</span>', r"\forall x", False),
        (f'<span class="MathJax" data-mathml="{QUOTED}"><nobr>a</nobr></span>', r"\alpha", False),
        (f'<mjx-container display="true"><svg><path></path></svg>{ASSISTIVE}</mjx-container>', "x_{1}", True),
        (f'<mjx-container><mjx-math data-latex="a+b">{PART}</mjx-math></mjx-container>', "a+b", False),
        (f'<span class="mwe-math-element"><math alttext="x+y">{DRAWN}</math><img alt="x+y"></span>', "x+y", False),
        (WIKI.format(LABELLED.format("{\\displaystyle x_{\\min }}"), "x_\\min"), "x_\\min", False),
        (WIKI.format(LABELLED.format("{\\displaystyle x_{1}}"), "x sub one"), "x_{1}", False),
        (SPOKEN.format("\\frac{1}{2}"), r"\frac{1}{2}", False),
        (TITLED.format("x = \\sum_i y_i"), r"x = \sum_i y_i", True),
        (f'<div class="latex-rendered" data-attrs="{SUBSTACK}"></div>', r"\frac{a}{b}", True),
        (f'<div class="math notranslate">{NUMBER}\\[a = b\\]</div>', r"a = b \tag{2}", True),
        (f'<div class="math"><p>{NUMBER}<img src="_images/math/1.png" alt="a^2"></p></div>', r"a^2 \tag{2}", True),
        ("<tex-math>\\documentclass{x}\\begin{document}$$a$$\\end{document}</tex-math>", "a", True),
        ('<span class="math inline">\\(a\\)</span>', "a", False),
        ('<div class="math notranslate">\n\\[a=b\\]</div>', "a=b", True),
        ('<span class="tex">x^2</span>', "x^2", False),
        ('<tex-math>x^2</tex-math>', "x^2", False),
        ('<d-math>x^2</d-math>', "x^2", False),
        ('<d-math block="">\\frac{a}{b}</d-math>', "\\frac{a}{b}", True),
        ('<math-renderer class="js-inline-math">$x^2$</math-renderer>', "x^2", False),
        ('<span class="tex-span"><i>n</i> ≤ 10<sup class="upper-index">5</sup></span>', r"n \leq 10^{5}", False),
        ('<p class="hurmet-tex" data-entry="E = mc^2"><math display="block"><mi>E</mi></math></p>', "E = mc^2", True),
    ],
)  # fmt: skip
def test_elements(markup: str, tex: str, display: bool) -> None:
    assert extract_formula(markup) == Formula(tex, display)


@pytest.mark.parametrize(
    ("attributes", "tex"),
    [
        ('src="https://latex.codecogs.com/svg.image?%5Cfrac%7Ba%7D%7Bb%7D"', r"\frac{a}{b}"),
        ('src="http://latex.codecogs.com/gif.latex?\\inline&amp;space;\\dpi{150}&amp;space;a+b"', "a+b"),
        ('src="https://chart.apis.google.com/chart?cht=tx&amp;chl=%5Calpha%2B%5Cbeta"', r"\alpha+\beta"),
        ('src="https://s0.wp.com/latex.php?latex=%5Cdisplaystyle+x%5E2&amp;bg=ffffff" alt="x" class="latex"', "x^2"),
        ('src="https://www.zhihu.com/equation?tex=a%5E2" alt="a^2" eeimg="1"', "a^2"),
        ('src="https://math.vercel.app/?from=%5Clog%20x"', r"\log x"),
        ('src="/formula/%5Cfrac%7Bm%7D%7Bv%7D"', r"\frac{m}{v}"),
        ('src="eq.svg" alt="\\operatorname{fn}(x)"', r"\operatorname{fn}(x)"),
        ('src="eq.svg" alt="$x$"', "x"),
        ('class="tex" src="/m/1.png" alt="x_1"', "x_1"),
        ('class="formula inline" source="x^2" data-tex="inline" src="a.svg"', "x^2"),
        ('src="https://math.jianshu.com/math?formula=n" alt="n"', "n"),
        ('src="https://i.upmath.me/svg/x%5E2%2B1"', "x^2+1"),
        ('src="https://render.githubusercontent.com/render/math?math=e%5E%7Bi+%5Cpi%7D" alt=""', r"e^{i \pi}"),
        ('src="/NumberedEquation1.svg" class="numberedequation" alt=" x^2=r^2. "', "x^2=r^2."),
        (f'class="Wirisformula" alt="alpha" data-mathml="{MOODLE}"', r"\alpha"),
    ],
)
def test_images(attributes: str, tex: str) -> None:
    found = extract_formula(f"<img {attributes}>")
    assert found is not None and found.tex == tex


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="dog.jpg" alt="A dog">',
        '<img src="shot.png" alt="C:\\Windows\\System32">',
        '<img src="price.png" alt="From $5 to $10">',
        '<img class="latex" src="latex-logo.png" alt="The LaTeX logo on a mug">',
        '<h1 class="title mathjax">Attention Is All You Need</h1>',
        '<blockquote class="abstract mathjax">We show that $x$ is \\(y\\) and more.</blockquote>',
        '<div class="math"><p>Let \\(x\\) be given.</p></div>',
        '<span class="math">\\(x\\) and \\(y\\)</span>',
        '<span class="math">Let <math><mi>x</mi></math> be given.</span>',
        f'<div class="math"><math>{SOURCE.format("x")}</math> is given.</div>',
        '<div class="math">Let <script type="math/tex">x</script> be given.</div>',
        '<span class="math inline"><em>x</em><sup>2</sup></span>',
        '<span class="latex">L<sup>a</sup>T<sub>e</sub>X</span>',
        f'<div class="math">{SOURCE.format("x")} and {SOURCE.format("y")}</div>',
        '<div data-math="true"><span>text</span></div>',
        '<article data-formula="x=1"><p>An article on algebra.</p></article>',
        '<mjx-container class="CtxtMenu_Attached_0"><mjx-lazy data-mjx-lazy="42"></mjx-lazy></mjx-container>',
        '<script type="text/javascript">x</script>',
        "<math></math>",
        "no markup",
    ],
)
def test_no_formulas(markup: str) -> None:
    assert extract_formula(markup) is None


def test_rendering() -> None:
    assert render_formula(Formula("x\n  + y", False)) == "$x + y$"
    assert render_formula(Formula("x % why\n+ y", False)) == "$x + y$"
    assert render_formula(Formula("x\n\n+ y", True)) == "$$x\n+ y$$"
    align = r"\begin{align} a &= b \end{align}"
    assert render_formula(Formula(align, True)) == align
    assert render_formula(Formula(r"\begin{pmatrix}a\end{pmatrix}", True)) == r"$$\begin{pmatrix}a\end{pmatrix}$$"


def test_neighbours_that_are_one_formula() -> None:
    made, source = Formula(r"\frac{1}{2} \leq x_{1}", False), Formula(r"\frac12 \le x_1", False)
    assert same_formula(made, source) and same_formula(source, source)
    assert not same_formula(Formula("x", False), Formula("y", False))
    assert not same_formula(Formula("x_1", False), Formula("x_2", False))
    assert not same_formula(Formula("", False), Formula("y", False))


def test_doubles_are_told_by_their_class() -> None:
    assert is_double('<span class="MathJax_Preview">x</span>') and is_double('<div class="a MathJax_Display">x</div>')
    assert not is_double('<span class="math">MathJax_Preview</span>') and not is_double("MathJax")


@pytest.mark.parametrize("unit", ['class="mjx-math" ', '<title id="MathJax-', '<span class="eqno">', "<p> "])
def test_long_runs_of_markup_are_read_in_linear_time(unit: str) -> None:
    assert extract_formula(f'<span class="mjpage math eqno">{unit * 20_000}</span>') is None


WORDS = st.sampled_from(sorted(FORMULA_ROOT_CLASSES))
PIECES = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        ["<math>", "</math>", "<mi>x</mi>", "<annotation", SOURCE.format("x"), "<mjx-c>", "\\(", "\\)", "<img alt=",
         '<script type="math/tex">', "</script>", "<sup>", "</sup>", "sqrt", *'$"=<>{}\\`(/']
    ),
)  # fmt: skip


ROOTS = st.sampled_from(["span", "div", "img", "math", "script", "mjx-container", "tex-math"])


@given(ROOTS, WORDS, st.lists(PIECES, max_size=12))
def test_never_raises_and_renders_what_it_finds(name: str, word: str, pieces: list[str]) -> None:
    inside = "".join(pieces)
    attribute = inside.replace('"', "&quot;")
    for markup in (
        inside,
        f'<{name} class="{word}">{inside}</{name}>',
        f'<{name} class="{word}" alt="{attribute}" src="{attribute}">',
        f'<{name} data-tex="{attribute}" data-mathml="{attribute}"></{name}>',
        f'<script type="math/asciimath">{inside}</script>',
    ):
        found = extract_formula(markup)
        assert found is None or (found.tex.strip() and found.tex in render_formula(found)) or "\n" in found.tex


@pytest.mark.parametrize("attribute", ["data-formula", "data-equation", "data-expr"])
@pytest.mark.parametrize(
    ("value", "is_formula"), [("x", True), ("é", True), ("x_1", True), ("\\alpha", True), ("alpha", False), ("xy", False), ("7", False), ("+", False), ("true", False), (" ", False)]
)  # fmt: skip
def test_a_name_that_others_use_too_promises_a_formula_with_a_sign_of_tex_or_a_letter(
    attribute: str, value: str, is_formula: bool
) -> None:
    found = extract_formula(f'<span {attribute}="{value}"></span>')
    assert found == (Formula(value, False) if is_formula else None)
