"""TeX in plain text, and what becomes of HTML's sub- and superscripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.tex import script, written


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


@given(st.text(alphabet="$\\()[]{}ab1 \n^_=begind,", max_size=80))
def test_ranges_lie_in_order_and_do_not_overlap(text: str) -> None:
    position = 0
    for start, end in written(text):
        assert position <= start < end <= len(text)
        position = end


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
