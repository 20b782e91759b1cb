"""Elements that promise a formula or code: what is read of them, and which turn out to be content as any other."""

from __future__ import annotations

import pytest

from parsers.formulas.formula import Formula
from parsers.markup.lexbor import normal_form
from parsers.scanner.atoms import read_atoms
from parsers.scanner.page import START, STOP, Page
from parsers.scanner.scan import scan_page

KATEX = (
    '<span class="katex"><span class="katex-mathml"><math><semantics><mrow></mrow>'
    '<annotation encoding="application/x-tex">x^2</annotation></semantics></math></span>'
    '<span class="katex-html">x2</span></span>'
)
PREVIEW, SCRIPT = '<span class="MathJax_Preview">x2</span>', '<script type="math/tex">x^2</script>'
CODE = "a = 1\nb = 2\nc = 3"


def _scanned(markup: str) -> Page:
    return scan_page(normal_form(markup.encode()))


def _texts(page: Page) -> list[str]:
    return [page.text[start:stop].tobytes().decode() for start, stop in page.blocks[:, START : STOP + 1].tolist()]


def test_an_element_with_a_formula_stays_one_atom() -> None:
    page = _scanned(f"<p>Let {KATEX} be square.</p>")
    assert list(page.readings.values()) == [Formula("x^2", display=False)]
    assert len(page.atoms) == 1 and "x2" not in "".join(_texts(page))


def test_an_element_without_one_is_content() -> None:
    page = _scanned('<p>Let <span class="katex">plain words</span> be.</p>')
    assert len(page.atoms) == 0 and page.readings == {}
    assert _texts(page) == ["Let plain words be."]


def test_a_double_goes_beside_its_formula_and_stays_elsewhere() -> None:
    beside = _scanned(f"<p>See {PREVIEW} {SCRIPT} here.</p>")
    assert sorted(map(str, beside.readings.values())) == sorted(["", str(Formula("x^2", display=False))])
    apart = _scanned(f"<p>See {PREVIEW} and then {SCRIPT} here.</p>")
    assert list(apart.readings.values()) == [Formula("x^2", display=False)] and "See x2 and then" in _texts(apart)[0]
    alone = _scanned(f"<p>See {PREVIEW} here.</p>")
    assert alone.readings == {} and _texts(alone) == ["See x2 here."]


@pytest.mark.parametrize(
    ("numbers", "is_gutter"),
    [("1\n2\n3", True), ("1\n2", True), ("1\n2\n3\n4", True), ("1", False), ("1\n2\n3\n4\n5", False)],
)
def test_a_pre_of_numbers_goes_beside_one_of_as_many_lines_give_or_take_one(numbers: str, is_gutter: bool) -> None:
    page = _scanned(f"<table><tr><td><pre>{numbers}</pre></td><td><pre>{CODE}</pre></td></tr></table>")
    assert list(page.readings.values()) == ([""] if is_gutter else [])


def test_numbers_are_looked_for_in_the_cell_or_the_element_beside() -> None:
    lines = "<pre>1\n2\n3</pre>"
    beside = f"<div><div>{lines}</div><div><pre>{CODE}</pre></div></div>"
    deep = f"<table><tr><td><div><div>{lines}</div></div></td><td><pre>{CODE}</pre></td></tr></table>"
    other_row = f"<table><tr><td>{lines}</td></tr><tr><td><pre>{CODE}</pre></td></tr></table>"
    assert [list(_scanned(markup).readings.values()) for markup in (beside, deep, other_row)] == [[""], [""], []]


def test_what_was_read_is_not_read_again() -> None:
    markup = normal_form(f"<p>Let {KATEX} be square.</p>".encode())
    page = scan_page(markup)
    before = dict(page.readings)
    assert read_atoms(markup, page) == [] and page.readings == before


def test_numbers_of_the_last_lines_are_a_gutter_where_they_begin_later() -> None:
    code = "<pre># File 'lid.rb', line 12\n\ndef lift\n  height\nend</pre>"
    page = _scanned(f"<table><tr><td><pre>12\n13\n14</pre></td><td>{code}</td></tr></table>")
    assert page.readings[int(page.atoms[0, 0])] == ""
    assert int(_scanned(f"<table><tr><td><pre>1\n2\n3</pre></td><td>{code}</td></tr></table>").atoms[0, 0]) not in (
        _scanned(f"<table><tr><td><pre>1\n2\n3</pre></td><td>{code}</td></tr></table>").readings
    )


def test_enlighters_lines_go_where_what_they_were_made_of_follows() -> None:
    drawn = (
        '<div class="box"><div class="enlighter"><div><div>int a;</div></div><div><div>int b;</div></div></div></div>'
    )
    origin = '<pre class="EnlighterJSRAW">int a;\nint b;</pre>'
    assert list(_scanned(drawn + origin).readings.values()) == [""]
    assert list(_scanned(drawn).readings.values()) == ["int a;\nint b;"]
