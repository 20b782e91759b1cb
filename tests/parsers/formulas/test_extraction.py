"""Formulas in their hiding places, in plain text, and the scripts of HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas import extraction as formulas
from parsers.formulas.asciimath import from_asciimath
from parsers.formulas.extraction import Formula, formula, is_double, render, same_formula, script, written
from parsers.parsed_page import parse

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
    assert formula(markup) == Formula(tex, display)


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
    found = formula(f"<img {attributes}>")
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
    assert formula(markup) is None


def test_rendering() -> None:
    assert render(Formula("x\n  + y", False)) == "$x + y$"
    assert render(Formula("x % why\n+ y", False)) == "$x + y$"
    assert render(Formula("x\n\n+ y", True)) == "$$x\n+ y$$"
    align = r"\begin{align} a &= b \end{align}"
    assert render(Formula(align, True)) == align
    assert render(Formula(r"\begin{pmatrix}a\end{pmatrix}", True)) == r"$$\begin{pmatrix}a\end{pmatrix}$$"


def test_neighbours_that_are_one_formula() -> None:
    made, source = Formula(r"\frac{1}{2} \leq x_{1}", False), Formula(r"\frac12 \le x_1", False)
    assert same_formula(made, source) and same_formula(source, source)
    assert not same_formula(Formula("x", False), Formula("y", False))
    assert not same_formula(Formula("x_1", False), Formula("x_2", False))
    assert not same_formula(Formula("", False), Formula("y", False))


def test_doubles_are_told_by_their_class() -> None:
    assert is_double('<span class="MathJax_Preview">x</span>') and is_double('<div class="a MathJax_Display">x</div>')
    assert not is_double('<span class="math">MathJax_Preview</span>') and not is_double("MathJax")


TEX = '<script type="math/tex">{}</script>'
DISPLAY = '<script type="math/tex; mode=display">{}</script>'
PREVIEW = '<span class="MathJax_Preview">{}</span>'
MATHML = '<span class="MathJax"><math><msub><mi>x</mi><mn>1</mn></msub><mo>+</mo><mi>y</mi></math></span>'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"Let {TEX.format('x^2')} be", "Let $x^2$ be"),
        (f"Let {PREVIEW.format('x2')}{TEX.format('x^2')} be", "Let $x^2$ be"),
        (f"Let {PREVIEW.format('x2')} be {TEX.format('x^2')}", "Let x2 be $x^2$"),
        (f"Let {PREVIEW.format('x1+y')}{MATHML} {TEX.format('x_1+y')} be", "Let $x_1+y$ be"),
        # Two formulas that are alike, and not doubles of each other.
        (f"{TEX.format('f(x_1)')} {TEX.format('f(x_2)')}", "$f(x_1)$ $f(x_2)$"),
        (f"as {DISPLAY.format('a=b')}. Then", "as\n$$a=b$$.\nThen"),
        (f"as {DISPLAY.format('a=b')} ,  and", "as\n$$a=b$$ ,\nand"),
        (f"{DISPLAY.format('a')} {DISPLAY.format('b')}", "$$a$$\n$$b$$"),
        ("10<sup>6</sup> of H<sub>2</sub>O", "10^6 of H2O"),
        ("1<sup>1</sup>/<sub>2</sub> cups, <sup>3</sup>⁄<sub>4</sub> cup", "1 1/2 cups, 3⁄4 cup"),
        ("as known<sup><a href='#n1'>1</a></sup> at 10<sup>3</sup>/mL", "as known[1] at 10^3/mL"),
        ("see <img src='a.jpg' alt='a dog'> and <img class='latex' src='b.png' alt='x^2'>", "see and $x^2$"),
        ("<span class='math'>A <b>lesson</b> in prose</span>", "A lesson in prose"),
    ],
)
def test_formulas_in_their_block(html: str, expected: str) -> None:
    (found,) = parse(f"<p>{html}</p>").blocks
    assert found.text == expected


@pytest.mark.parametrize("text", [r"so \(x^2\) is", "so $x_1$ is", r"so \[ a = b \] is", "for $5 or $6"])
def test_formulas_that_authors_wrote_are_marked(text: str) -> None:
    (found,) = parse(f"<p>{text}</p>").blocks
    assert found.text == text
    assert ("\x02" in found.marked_text) == ("$5" not in text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It costs $5 and $10.", []),
        ("between $5 and 10$ a day", []),
        ("US$5 million, AU$6", []),
        ("$100-$200, $40,000 - $50,000", []),
        ("export PATH=$HOME/bin:$PATH", []),
        (r"\$5 and \$6", []),
        (r"\[citation needed\], \[2pt\]", []),
        (r"a \\[2pt] b \\(c\\)", []),
        ("let $x$ be $n+1$", ["$x$", "$n+1$"]),
        ("$F = ma$, $2\\pi$ and $12 \\times 5$", ["$F = ma$", "$2\\pi$", "$12 \\times 5$"]),
        ("$$E=mc^2$$", ["$$E=mc^2$$"]),
        (r"\(a\) \[F = ma\]", [r"\(a\)", r"\[F = ma\]"]),
        (r"\begin{align}a&=b\end{align}", [r"\begin{align}a&=b\end{align}"]),
        (
            r"\begin{align}\begin{matrix}a\end{matrix}\end{align}",
            [r"\begin{align}\begin{matrix}a\end{matrix}\end{align}"],
        ),
        (r"\begin{document}a\end{document}", []),
        ("$a\n\nb$", []),
        ("given $$$n$$$ and $$$$$$a_i$$$$$$", ["$$$n$$$", "$$$$$$a_i$$$$$$"]),
        ("Pasta $$$, fish $$$", []),
        ("$$a$$$$b$$", ["$$a$$", "$$b$$"]),
        (r"[latex]\frac{a}{b}[/latex], [latex]x[/latex]", [r"[latex]\frac{a}{b}[/latex]", "[latex]x[/latex]"]),
    ],
)
def test_formulas_in_plain_text(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in written(text)] == found


@pytest.mark.parametrize("unit", ["$", "$$", "\\(", "\\[", "\\begin{align}", "$a ", "\\end{x}\\begin{align}", "$x^",
                                  "$$$", "$$$a", "[latex]", "[latex][/latex]"])  # fmt: skip
def test_long_runs_of_marks_are_read_in_linear_time(unit: str) -> None:
    assert isinstance(written(unit * 50_000), list)


@pytest.mark.parametrize("unit", ['class="mjx-math" ', '<title id="MathJax-', '<span class="eqno">', "<p> "])
def test_long_runs_of_markup_are_read_in_linear_time(unit: str) -> None:
    assert formula(f'<span class="mjpage math eqno">{unit * 20_000}</span>') is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("$$$n$$$", "$n$"),
        ("$$$$$$n$$$$$$", "$$n$$"),
        ("[latex]n[/latex]", "$n$"),
        ("$latex n_1$", "$n_1$"),
        ("$n$", "$n$"),
        ("$$n$$", "$$n$$"),
        (r"\[n\]", r"\[n\]"),
    ],
)
def test_delimiters_that_only_one_site_has_become_those_of_tex(written: str, shown: str) -> None:
    (found,) = parse(f"<p>Let {written} be with \\(x\\).</p>").blocks
    assert found.text == f"Let {shown} be with \\(x\\)."


@pytest.mark.parametrize(
    ("kind", "text", "before", "after", "expected"),
    [
        ("sup", "6", "0", "", "^6"),
        ("sup", "-3", "0", "", "^-3"),
        ("sup", "n+1", "x", "", "^{n+1}"),
        ("sup", "2", "m", " ", "^2"),
        ("sup", "st", "1", "", "st"),
        ("sup", "th", "", "", "th"),
        ("sup", "me", "M", "", "me"),
        ("sup", "[1]", "e", "", "[1]"),
        ("sup", "*", "e", "", "*"),
        ("sup", "12", ".", "", "[12]"),
        ("sup", "(n)", "f", "", "^{(n)}"),
        ("sup", "TM", "e", "", "™"),
        ("sup", "", "e", "", ""),
        ("sub", "2", "H", "O", "2"),
        ("sub", "2", "1", "", "_2"),
        ("sub", "10", "g", "1", "_10"),
        ("sub", "2", "", "", "_2"),
        ("sub", "i", "x", "", "_i"),
        ("sub", "i+1", "x", "", "_{i+1}"),
        ("sub", "a note in small print", "x", "", " a note in small print "),
        ("sup", "1", " ", "/", "1"),
        ("sup", "1", "2", "⁄", " 1"),
        ("sup", "6", "0", "/m", "^6"),
        ("sup", "2", "m", "/", "^2"),
        ("sub", "2", "/", " ", "2"),
    ],
)
def test_scripts_of_html(kind: str, text: str, before: str, after: str, expected: str) -> None:
    assert script(kind, text, before, after) == expected


@given(st.sampled_from(["sub", "sup"]), st.from_regex(r"[0-9]{1,6}", fullmatch=True), st.sampled_from("0123456789"))
def test_digits_never_fuse_with_a_number(kind: str, text: str, digit: str) -> None:
    glued = script(kind, text, digit, "")
    assert text in glued and not glued[0].isdigit()


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("sum_(i=1)^n i^3=((n(n+1))/2)^2", r"\sum_{i = 1}^{n}i^{3} = \left(\frac{n\left(n + 1\right)}{2}\right)^{2}"),
        ("sqrt 2 <= alpha", r"\sqrt{2} \leq \alpha"),
    ],
)
def test_asciimath(source: str, tex: str) -> None:
    assert from_asciimath(source) == tex


WORDS = st.sampled_from(sorted(formulas.ROOT_CLASS_WORDS))
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
        found = formula(markup)
        assert found is None or (found.tex.strip() and found.tex in render(found)) or "\n" in found.tex


@given(st.text(alphabet="$\\()[]{}ab1 \n^_=begind,", max_size=80))
def test_ranges_lie_in_order_and_do_not_overlap(text: str) -> None:
    position = 0
    for start, end in written(text):
        assert position <= start < end <= len(text)
        position = end


def test_deep_and_long_asciimath_is_bounded() -> None:
    assert isinstance(from_asciimath("sqrt" * 400), str)
    assert isinstance(from_asciimath("(" * 1_500), str)
    assert from_asciimath("x" * 10_000) == ""
