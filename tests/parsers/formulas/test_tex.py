"""TeX in plain text, and what becomes of HTML's sub- and superscripts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.tex import (
    LONGEST_DISPLAY,
    LONGEST_INLINE,
    as_tex,
    on_one_line,
    own_display,
    script,
    unwrapped,
    without_blank_lines,
    written,
)


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


@pytest.mark.parametrize("inside", ["(" * 200, "." * 200, "a+" * 100, "1 - 2 = " * 25, "x " * 100])
def test_what_is_no_formula_after_many_signs_is_refused_at_once(inside: str) -> None:
    """By a pattern with a repetition within a repetition, forty of them took hours."""
    began = time.process_time()
    assert written(f"from ${inside}é$ on") == []
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "source",
    [
        "%" + 100_000 * " " + "CDATA",
        "CDATA" + 100_000 * " " + "x",
        "CDATA" + 50_000 * "/* ",
        "a\n" + 100_000 * " " + "b",
    ],
)
def test_white_space_in_a_formula_is_read_in_linear_time(source: str) -> None:
    began = time.process_time()
    unwrapped(source)
    on_one_line(source)
    assert time.process_time() - began < 1


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


@pytest.mark.parametrize(
    ("source", "tex", "display"),
    [
        ("x", "x", None), (" x\n", "x", None), ("$x$", "x", False), ("$$x$$", "x", True), (r"\(x\)", "x", False), (r"\[x\]", "x", True),
        ("$ x $", "x", False), ("$$ x $$", "x", True), ("$$", "$$", None), ("$$$$", "$$$$", None), ("$", "$", None), (r"\(\)", r"\(\)", None), ("$x", "$x", None),
        ("$a$ and $b$", "$a$ and $b$", None), (r"$a\$b$", r"a\$b", False), (r"$a\$", r"$a\$", None), (r"\(a\) and \(b\)", r"\(a\) and \(b\)", None),
        (r"\(a \\) b\)", r"a \\) b", False), ("a&lt;b&amp;c", "a<b&c", None), ("a&copy;b", "a&copy;b", None), ("&#39;&#x27;&quot;", "\'\'\"", None),
        ("% <![CDATA[\nx\n%]]>", "x", None), ("//<![CDATA[\nx//]]>", "x", None), ("x CDATA", "x CDATA", None),
        (r"\documentclass{a}\begin{document}$$x$$\end{document}y", "x", True), (r"{\displaystyle x}", "x", None), (r"{\textstyle x}", "x", None),
        (r"\displaystyle x", "x", None), (r"\displaystylex", r"\displaystylex", None), (r"{\displaystyle x}y", r"{\displaystyle x}y", None),
        (r"{\displaystyle {x}{y}}", "{x}{y}", None), (r"{\displaystyle x}+{y}", r"{\displaystyle x}+{y}", None), (r"{\displaystyle \}", r"{\displaystyle \}", None),
        (r"{\displaystyle \} x}", r"\} x", None), (r"{\frac x}", r"{\frac x}", None), ("{x}", "{x}", None), ("", "", None),
        (r"$$\displaystyle x$$", "x", True),
    ],
)  # fmt: skip
def test_what_stands_around_a_formula_is_taken_off(source: str, tex: str, display: bool | None) -> None:
    assert unwrapped(source) == (tex, display)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [(r"\begin{align}x", True), (r"\begin{align*}x", True), (r"\begin{equation}x", True), (r"\begin{matrix}x", False), (r"\begin{aligned}x", False),
     (r"x\begin{align}y", False), ("x", False)],
)  # fmt: skip
def test_environments_that_are_displays(tex: str, expected: bool) -> None:
    assert own_display(tex) is expected


@pytest.mark.parametrize(
    ("tex", "line", "lines"),
    [
        ("x", "x", "x"), ("x % y", "x % y", "x % y"), ("x\ny", "x y", "x\ny"), ("x \n\n y", "x y", "x \n y"), ("x % why\ny", "x y", "x % why\ny"), ("a\\% b\nc", "a\\% b c", "a\\% b\nc"),
        ("x\r\n\r\ny", "x y", "x\ny"), ("\nx\n", "x", "\nx\n"), ("x\n \n\t\ny", "x y", "x\ny"),
    ],
)  # fmt: skip
def test_line_ends_of_formulas(tex: str, line: str, lines: str) -> None:
    assert on_one_line(tex) == line and without_blank_lines(tex) == lines


@pytest.mark.parametrize(
    ("source", "tex"),
    [("$$$n$$$", "$n$"), ("$$$$$$n$$$$$$", "$$n$$"), ("[latex] n [/latex]", "$n$"), ("$latex n$", "$n$"), ("$n$", "$n$"), ("$$n$$", "$$n$$"), (r"\[n\]", r"\[n\]")],
)  # fmt: skip
def test_sites_own_delimiters_become_dollars(source: str, tex: str) -> None:
    assert as_tex(source) == tex


@pytest.mark.parametrize(
    ("opening", "closing", "longest"),
    [("$", "$", LONGEST_INLINE), (r"\(", r"\)", LONGEST_INLINE), ("$$", "$$", LONGEST_DISPLAY), (r"\[", r"\]", LONGEST_DISPLAY)],
)  # fmt: skip
def test_formulas_may_be_so_long(opening: str, closing: str, longest: int) -> None:
    assert (LONGEST_INLINE, LONGEST_DISPLAY) == (1_000, 10_000)
    for size, found in ((longest, True), (longest + 1, False)):
        text = f"so {opening}{'x' * (size - 2)}^2{closing} is"
        assert [text[start:end] for start, end in written(text)] == ([text[3:-3]] if found else [])
    inside = "x" * LONGEST_DISPLAY
    for more, count in (("", 1), ("x", 0)):
        assert len(written(rf"\begin{{align}}{inside}{more}\end{{align}}")) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a $x$ b", ["$x$"]), ("a$x$", []), ("1$x$", []), ("($x$)", ["$x$"]), ("$x$1", []), ("$x$a", []), ("$x$.", ["$x$"]), ("$ x$", []), ("$x $", []),
        ("$x$$y$", []), ("$x", []), ("$$", []), ("$$ $$", []), ("$ $", []), ("$x$ $y$", ["$x$", "$y$"]), ("$x=$", []), ("$f($", []), ("$f(x)$", ["$f(x)$"]),
        ('$"x"=1$', []), ("$a\nb$", []), ("$\\a\nb$", ["$\\a\nb$"]), ("$two words_1$", []), ("$one_1$", ["$one_1$"]), ("$word$", []), ("$a b$", ["$a b$"]), ("$ab$", []),
        ("$a<b$", ["$a<b$"]), ("$5 and x_1$", []), ("$5 and \\pi$", ["$5 and \\pi$"]), ("$5 and so \\pi$", []), ("$5\\pi$", ["$5\\pi$"]), ("$5 - x$", []), ("$5-x$", ["$5-x$"]), ("$5,$", []), ("$5.5$", ["$5.5$"]), ("$x_1$a b", []), ("$x_1$ a", ["$x_1$"]), ("$x_1$, a", ["$x_1$"]), ("a$x_1$ b", []), ("a $x_1$", ["$x_1$"]),
        (r"\(two words\)", []), (r"\(5 million\)", []), (r"\(a b\)", [r"\(a b\)"]), (r"\(\)", []), (r"\(a\n\nb\)".replace(r"\n", "\n"), []), (r"\(a \(b\)", [r"\(b\)"]),
        (r"\(x\]", []), (r"\begin{align}x\end{gather}", []), (r"\begin{align}x\end{gather}\end{align}", []), (r"\end{align}", []), (r"\begin{verbatim}x\end{verbatim}", []),
        (r"\begin{verbatim}$x$\end{verbatim}", ["$x$"]), ("$$$x$$$", ["$$$x$$$"]), ("$$$$x$$$$", ["$$x$$"]), (r"\$x\$ $y$", ["$y$"]), (r"$a\$b$", [r"$a\$b$"]),
    ],
)  # fmt: skip
def test_what_opens_and_closes_a_formula_in_plain_text(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in written(text)] == found


@pytest.mark.parametrize(
    ("kind", "text", "before", "after", "linked", "expected"),
    [
        ("sup", "3", "e", "", True, "[3]"), ("sub", "3", "e", "", True, "3"), ("sup", "n", "e", "", True, "^n"), ("sup", "3", "e", "/", True, "[3]"),
        ("sup", "1", "", "/", False, "1"), ("sup", "1", "2", "/", False, " 1"), ("sup", "1", "x", "/", False, "^1"), ("sup", "1", "2", "x", False, "^1"),
        ("sub", "2", "⁄", "", False, "2"), ("sub", "2", "1/", "", False, "2"), ("sub", "n", "/", "", False, "_n"),
        ("sup", "a" * 24, "x", "1", False, "a" * 24), ("sup", "a" * 25, "x", "", False, " " + "a" * 25 + " "), ("sup", "a b", "1", "", False, "^{a b}"),
        ("sup", "a b c", "1", "", False, " a b c "), ("sup", "(n)", "x", "", False, "^{(n)}"), ("sup", "(abc)", "x", "", False, "(abc)"), ("sup", "(ab)", "x", "", False, "^{(ab)}"),
        ("sup", "(1)", "x", "", False, "(1)"), ("sup", "(n)", "", "", False, "(n)"), ("sup", "(n)", "1", "", False, "(n)"), ("sup", "(n)", "xy", "", False, "(n)"),
        ("sub", "(n)", "x", "", False, "(n)"), ("sup", "tm", "x", "", False, "™"), ("sub", "TM", "x", "", False, "™"), ("sup", "Tm", "x", "", False, "Tm"),
        ("sub", "2", "H", "1", False, "_2"), ("sub", "x", "H", "", False, "_x"), ("sup", "St", "1", "", False, "St"), ("sup", "st", "x", "", False, "st"), ("sup", "e", "x", "", False, "^e"),
        ("sup", "e", "1", "", False, "e"), ("sup", "xy", "a", "", False, "xy"), ("sup", "xy", "1", "", False, "^xy"), ("sup", "x", "a", "", False, "^x"), ("sup", "++", "a", "", False, "++"),
        ("sup", "2+", "a", "", False, "^{2+}"), ("sup", "-1", "a", "", False, "^-1"), ("sup", "1,2", ".", "", False, "[1,2]"), ("sup", "1 2", "”", "", False, "[1 2]"),
        ("sup", "n", ".", "", False, "^n"), ("sup", "1", "a", "", False, "^1"), ("sup", "1.5", "a", "", False, "^1.5"), ("sup", "a,b", "x", "", False, "^{a,b}"), (" sup", " a \n b ", "1", "", False, "^{a b}"),
    ],
)  # fmt: skip
def test_each_rule_of_scripts(kind: str, text: str, before: str, after: str, linked: bool, expected: str) -> None:
    assert script(kind.strip(), text, before, after, linked) == expected
