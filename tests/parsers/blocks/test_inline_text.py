"""Formulas, sub- and superscripts and images within the text of their block."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse

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
        # An image that says nothing is a blank between words, and nothing elsewhere.
        ("see<img src='a.jpg' alt='a dog'>and", "see and"),
        ("see<img src='a.jpg' alt='a dog'>, and", "see, and"),
        ("(<img src='a.jpg' alt='a dog'>and)", "(and)"),
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
    ("html", "shown"),
    [
        ("{a}{b}{c} it is", "ABC it is"), ("so {a}{b} it is", "so AB it is"), ("so{a}{b} it is", "so it is"), ("so {a} {b} it is", "so it is"), ("so {a}{x}{b} it is", "so it is"),
        ("so {a}{b}", "so AB"), ("so {a}{b} and {b}{c}", "so AB and BC"), ("so {a}", "so"), ("({a}{b})", "(AB)"), ("so {a}{b}{x} it is", "so AB it is"),
    ],
)  # fmt: skip
def test_words_that_are_spelled_in_images(html: str, shown: str) -> None:
    images = {name: f"<img src={name}.png alt='{name.upper()}'>" for name in "abc"} | {
        "x": "<img src=x.png alt='a dog'>"
    }
    (found,) = parse(f"<p>{html.format(**images)}</p>").blocks
    assert found.text == shown


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("<img class=smilies src=/s/sad.gif alt=':('>", "dry :(."),
        ("<img src=/smileys/grin.gif alt=';-)'>", "dry ;-)."),
        ("<img src=/s/sad.gif alt=':('>", "dry ."),
        ("<img class=smilies src=/s/sad.gif alt='sad'>", "dry ."),
    ],
)
def test_smileys_of_ascii_are_text_where_their_image_says_that_it_is_one(image: str, shown: str) -> None:
    (found,) = parse(f"<p>The mill is dry {image}.</p>").blocks
    assert found.text == f"The mill is {shown}"
