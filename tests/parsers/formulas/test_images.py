"""Images of formulas: which attributes say so, and the TeX that they show."""

from __future__ import annotations

import pytest

from parsers.formulas.images import may_be_formula, source


def shown(promised: bool = False, **given: str) -> tuple[str, bool]:
    names = {"data_tex": "data-tex", "data_latex": "data-latex", "data_formula": "data-formula",
             "data_eeimg": "data-eeimg", "class_": "class"}  # fmt: skip
    return source({names.get(name, name): value for name, value in given.items()}, promised)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('alt="\\alpha"', True), ('alt="$x$"', True), ('src="a%5Cb"', True), ('src="a%5cb"', True), ('class="TeX"', True),
        ('class="Formula"', True), ('eeimg="1"', True), ('src="?cht=tx"', True), ('class="a eq b"', True),
        ('class="eq"', True), ('class="eq left"', True), ('class="left eq"', True), ('src="photo.jpg" alt="A dog"', False),
        ('class="sequence"', False), ("", False),
    ],
)  # fmt: skip
def test_signs_of_a_formula_in_a_tag(tag: str, expected: bool) -> None:
    assert may_be_formula(tag) is expected


@pytest.mark.parametrize("name", ["data_tex", "data_latex", "data_formula", "source"])
def test_attributes_of_tex(name: str) -> None:
    assert shown(**{name: "x^2"}, alt="y", src="/latex/%5Calpha") == ("x^2", False)
    for switch in ("inline", "display", "true", "false", ""):
        assert shown(**{name: switch}, alt="$y$") == ("$y$", False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"alt": "x", "eeimg": "1"}, ("x", False)), ({"alt": "x", "data_eeimg": "true"}, ("x", False)),
        ({"alt": "x"}, ("", False)), ({"alt": "[公式]", "eeimg": "1", "src": "https://z.example/equation?tex=a%5E2"}, ("a^2", False)),
        ({"alt": "y", "eeimg": "1", "data_tex": "x"}, ("x", False)),
        ({"alt": "x\\\\", "eeimg": "1"}, ("x", True)), ({"alt": "x \\\\ ", "eeimg": "1"}, ("x", True)),
        ({"alt": "x_1\\\\", "class_": "latexcenter"}, ("x_1", True)), ({"alt": "x_1\\\\", "class_": "latex", "promised": True}, ("x_1\\\\", False)),
        ({"alt": "a \\\\ bc", "eeimg": "1"}, ("a \\\\ bc", False)),
    ],
)  # fmt: skip
def test_alternative_texts_of_zhihu_and_line_ends_of_displays(
    given: dict[str, object], expected: tuple[str, bool]
) -> None:
    assert shown(**given) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["numberedequation", "ql-img-displayed-equation", "latexcenter"])
def test_classes_that_say_display(word: str) -> None:
    assert shown(alt="x^2", class_=f"a {word.upper()}") == ("x^2", True)


@pytest.mark.parametrize("word", ["formula", "equation", "eq", "inlineformula", "texrender", "mathimg"])
def test_classes_that_promise_a_formula(word: str) -> None:
    assert shown(alt="x^2", class_=f"{word} left") == ("x^2", False)
    assert shown(alt="x^2", class_=f"no{word}") == ("", False)


@pytest.mark.parametrize(
    ("alt", "promised", "expected"),
    [
        ("x", True, True), ("xy", True, False), ("x=y", True, True), ("x=y", False, False), (r"\alpha", False, True),
        (r"\a", False, False), (r"\a", True, True), (r"\(x\)", False, True), ("$x$", False, True), ("$$", False, False),
        ("$x", False, False), ("x$", False, False), (r"C:\Windows", False, False), (r"ab\cos", False, True),
        (r"four plain words here \alpha", False, False), (r"three plain words \alpha", False, True),
        ("four plain words here x_1", True, False), ("$four plain words here$", False, False),
        (r"\text{four plain words here} x", True, True), (r"\text{five plain words in here} x", True, False), ("", True, False),
    ],
)  # fmt: skip
def test_alternative_texts_that_are_tex(alt: str, promised: bool, expected: bool) -> None:
    assert shown(promised, alt=alt) == (alt if expected else "", False)
    if promised:
        assert shown(alt=alt, src="/images/math/1.png") == (alt if expected else "", False)  # the address promises it


@pytest.mark.parametrize(
    ("address", "tex"),
    [
        ("https://latex.codecogs.com/gif.latex?x%5E2&amp;y", "x^2&y"), ("https://latex.codecogs.com/svg.image?a&space;b&plus;c", "a b+c"),
        ("https://latex.codecogs.com/svg.image?a+b", "a+b"), ("https://chart.example/chart?cht=tx&chl=a+b%2B1&chs=20", "a b+1"),
        ("https://chart.example/chart?cht=tx&chs=20&chl=x", "x"), ("https://math.now.sh?from=x%5E2", "x^2"),
        ("https://i.upmath.me/svg/x", "x"), ("https://s2cms.ru/png/x", "x"),
        ("https://a.example/latex?tex=x%5E2", "x^2"), ("https://a.example/latex?tex=x", ""), ("https://a.example/a?tex=x^2", "x^2"),
        ("https://a.example/a?math=x^2", ""), ("https://a.example/a?eq=x^2", ""), ("https://a.example/latex.php?eq=x^2#top", "x^2"),
        ("/formula/%5Calpha?x", r"\alpha"), ("/formula/alpha", ""), ("/other/%5Calpha", ""), ("/ieq/%5cbeta", r"\beta"),
        ("data:image/png;base64,codecogs.com/svg.image?x", ""), ("", ""), ("photo.jpg?a=1", ""), ("codecogs.com/svg.image", ""),
    ],
)  # fmt: skip
def test_addresses_of_services_that_draw(address: str, tex: str) -> None:
    assert shown(src=address)[0] == tex


@pytest.mark.parametrize(
    ("asked", "tex"),
    [(r"\inline x", "x"), (r"\dpi{150}\bg_white \large x", "x"), (r"\largest x", r"\largest x"), (r"x \inline", r"x \inline")],
)  # fmt: skip
def test_sizes_and_backgrounds_are_no_part_of_the_formula(asked: str, tex: str) -> None:
    assert shown(data_tex=asked) == (tex, False)
