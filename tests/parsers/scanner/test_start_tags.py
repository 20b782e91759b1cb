"""What the attributes of a start tag make of its element, beside slow and plain readings of the same rules."""

from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formulas.images import IMAGE_URL_HINTS
from parsers.markup.lexbor import normal_form
from parsers.markup.names import (
    BIT,
    COLUMN_SPAN,
    FAMILIES,
    HAS_ITEM_TYPE,
    IS_MONOSPACED,
    MOST_COLUMNS,
    MOST_ROWS,
    ROLES,
    ROW_SPAN,
    TAG,
)
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page

FORMULA = '<annotation encoding="application/x-tex">x^2</annotation>'
LINES = "a = 1;<br>b = 2;"
_SPANS = MOST_COLUMNS << COLUMN_SPAN | MOST_ROWS << ROW_SPAN


def scanned(html: str) -> p.Page:
    return scan_page(normal_form(f"<body>{html}</body>"))


def row(page: p.Page) -> int:
    """The first element inside the body."""
    return page.elements[:, p.TAG_].tolist().index(TAG["body"]) + 1


def context(html: str) -> set[str]:
    """The names of the context bits of the first element of a page."""
    page = scanned(html)
    bits = int(page.context[row(page)])
    found = {name for name, bit in BIT.items() if bits & int(bit)}
    return found | ({"item type"} if bits & int(HAS_ITEM_TYPE) else set())


def signature(html: str) -> int:
    page = scanned(html)
    return int(page.signature[row(page)])


def tag(html: str) -> int:
    page = scanned(html)
    return int(page.elements[row(page), p.TAG_])


def texts(html: str) -> list[str]:
    page = scanned(html)
    return [bytes(page.text[block[p.START] : block[p.STOP]]).decode().replace("\x01", "*") for block in page.blocks]


def families(value: str) -> set[str]:
    """The families of a value's words, which end where letters do and where a capital follows a small letter."""
    words = {word.lower() for word in re.findall("[A-Z]*[a-z]+|[A-Z]+", value)}
    return {name for name, listed in FAMILIES if words & set(listed.split())}


KNOWN = st.sampled_from(["nav", "comment", "sidebar", "Footer", "POST", "menu", "ad"])
VALUES = st.lists(KNOWN | st.text("abNX09-_ é", max_size=4), max_size=5).map("".join)


@given(VALUES, st.sampled_from(["class", "id", "itemprop", "data-x", "title"]))
def test_words_of_names_give_their_families(value: str, name: str) -> None:
    expected = families(value) if name in ("class", "id", "itemprop") else set()
    assert context(f'<div {name}="{value}">x</div>') == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("class=navBar", {"menu"}), ("class=NAV", {"menu"}), ("class=navbarx", set()), ("class=nav1", {"menu"}),
        ("id=comments class=post", families("comments") | families("post")), ("itemtype=https://schema.org/Thing", {"item type"}),
        ("itemscope", set()), ("hidden", {"hidden"}), ("hidden=until-found", {"hidden"}), ("aria-hidden=true", {"hidden"}),
        ("aria-hidden=false", set()), ("aria-hidden=''", set()), ("CLASS=nav", {"menu"}), ("class", set()), ("class=''", set()),
    ],
)  # fmt: skip
def test_attributes_that_say_where_text_stands(attributes: str, expected: set[str]) -> None:
    assert context(f"<div {attributes}>x</div>") == expected


@pytest.mark.parametrize("role", sorted(ROLES))
def test_roles_give_the_family_of_what_they_are_like(role: str) -> None:
    assert context(f"<div role={role}>x</div>") == {ROLES[role]}
    assert context(f"<div role={role}s>x</div>") == context(f"<div data-role={role}>x</div>") == set()


@pytest.mark.parametrize(
    ("style", "hidden", "shows"),
    [
        ("display:none", True, False), ("display: none", True, False), ("DISPLAY:NONE", True, False), ("display :  none", True, False),
        ("color:red;display:none;top:0", True, False), ("visibility:hidden", True, True), ("overflow:hidden", True, True),
        ("overflow:HIDDEN", True, True), ("float:none", False, True), ("background:none", False, True), ("none", False, True),
        ("display:non", False, True), ("display:block", False, True), ("hid:dxn", False, True), ("hadden", False, True),
        ("hicden", False, True), ("hidcen", False, True), ("nxne:y:nome:nonf", False, True), ("", False, True), ("y:none", True, False),
    ],
)  # fmt: skip
def test_styles_that_hide(style: str, hidden: bool, shows: bool) -> None:
    assert context(f'<div style="{style}">x</div>') == ({"hidden"} if hidden else set())
    assert texts(f'<p>See <b style="{style}">0041</b> mills</p>') == ["See 0041 mills" if shows else "See mills"]


@pytest.mark.parametrize(
    ("name", "value", "is_code"),
    [
        ("style", "font-family:monospace", True), ("style", "font-family:Courier", True), ("style", "font-family:courier", True),
        ("style", "font-family: Consolas, serif", True), ("style", "FONT-FAMILY:MONOSPACE", True), ("face", "Courier New", True),
        ("face", "courier", True), ("face", "MONOSPACE", True), ("style", "font-family:serif", False), ("style", "color:red", False),
        ("face", "Arial", False), ("title", "font-family:monospace", False), ("style", "", False),
    ],
)  # fmt: skip
def test_letters_of_a_typewriter(name: str, value: str, is_code: bool) -> None:
    page = scanned(f'<div {name}="{value}">{LINES}</div>')
    assert (page.blocks[:, p.KIND] == p.CODE_BLOCK).any() == is_code


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("<p class=a>", "<p class=a>", True), ("<p class=a>", "<p class=b>", False), ("<p class=a1>", "<p class=a29>", True),
        ("<p class=a>", "<p>", False), ("<p class='a b'>", "<p class='b a'>", False), ("<p class=A>", "<p class=a>", False),
        ("<p class='a '>", "<p class=a>", False), ("<p>", "<div>", False), ("<p id=a>", "<p id=b>", True), ("<p id=a>", "<p>", True),
        ("<p itemprop=a>", "<p>", True), ("<p class=0>", "<p>", True), ("<p class=9>", "<p>", True), ("<p class=/>", "<p>", False),
        ("<p class=:>", "<p>", False), ("<a href=x>", "<a>", False), ("<a href=x>", "<a href=y>", True), ("<a href=''>", "<a>", True),
    ],
)  # fmt: skip
def test_signatures_are_equal_for_elements_of_one_template(one: str, other: str, alike: bool) -> None:
    assert (signature(one + "x") == signature(other + "x")) is alike
    assert signature(one + "x") & 1 == ("href=x" in one)


@pytest.mark.parametrize(
    ("name", "is_formula"),
    [("katex", True), ("KaTeX", True), ("a katex b", True), ("\tkatex\n", True), ("katexx", False), ("xkatex", False),
     ("katex-", False), ("a-katex", False), ("katex katex-display", True), ("", False)],
)  # fmt: skip
def test_tokens_of_a_class_promise_formulas(name: str, is_formula: bool) -> None:
    assert texts(f'<p>so <span class="{name}">{FORMULA}</span> is</p>') == ["so * is" if is_formula else "so x^2 is"]
    assert texts(f'<p>so <span id="{name}">{FORMULA}</span> is</p>') == ["so x^2 is"]


def test_attributes_promise_formulas_by_being_there() -> None:
    assert texts('<p>so <span data-tex="x^2">x2</span> is</p>') == ["so * is"]
    assert texts('<p>so <span data-text="x^2">x2</span> is</p>') == ["so x2 is"]


@pytest.mark.parametrize(
    ("kind", "is_atom"),
    [("math/tex", True), ("MAth/tex", True), ("math/mml", True), ("text/javascript", False), ("xath/tex", False),
     ("mxth/tex", False), ("maxh/tex", False), ("", False)],
)  # fmt: skip
def test_scripts_of_mathjax(kind: str, is_atom: bool) -> None:
    assert len(scanned(f'<p>so <script type="{kind}">x^2</script> is</p>').atoms) == is_atom
    assert len(scanned(f'<p>so <button type="{kind}">x^2</button> is</p>').atoms) == 0


@pytest.mark.parametrize("hint", IMAGE_URL_HINTS)
def test_addresses_with_a_hint_draw_formulas(hint: str) -> None:
    for address in (
        f"https://a.example/{hint}&x",
        f"https://a.example/{hint}",
        hint,
        f"{hint[0]}{hint}",
        f"L{hint.upper()}",
    ):
        assert len(scanned(f'<p>x <img src="{escape(address)}"></p>').atoms) == 1, address
    assert len(scanned(f'<p>x <img title="{escape(hint)}"></p>').atoms) == 0


@pytest.mark.parametrize(
    ("address", "is_atom"),
    [("data:latex", False), ("d:latex", True), ("dog/latex", True), ("eata:latex", True), ("data/latex", True), ("late", False),
     ("latEX", True), ("latfx", False), ("l@tex", False), ("", False), ("x" * 50, False)],
)  # fmt: skip
def test_addresses_without_a_hint_and_drawings_in_themselves(address: str, is_atom: bool) -> None:
    assert len(scanned(f'<p>x <img src="{address}"></p>').atoms) == is_atom


def test_images_with_an_alternative_text_are_atoms() -> None:
    assert [len(scanned(f"<p>x <img {alt}></p>").atoms) for alt in ("alt=y", "alt=''", "alt", "title=y")] == [
        1,
        0,
        0,
        0,
    ]


def test_links_lead_somewhere() -> None:
    counts = [
        scanned(f"<p>x <a {href}>y</a></p>").blocks[0, p.LINKS] for href in ("href=/", "href=''", "href", "name=y")
    ]
    assert counts == [1, 0, 0, 0]


def test_the_content_of_a_shadow_root_shows() -> None:
    page = (
        b'<body><div><template shadowrootmode="open"><p>in</p></template></div><template><p>out</p></template></body>'
    )
    found = scan_page(page)
    assert bytes(found.text) == b"in"


def spans(cell: str) -> tuple[int, int]:
    """How many columns and rows a cell extends over."""
    page = scanned(f"<table><tr>{cell}")
    bits = int(page.context[-1])
    return (bits >> COLUMN_SPAN & MOST_COLUMNS) + 1, (bits >> ROW_SPAN & MOST_ROWS) + 1


@pytest.mark.parametrize(
    ("value", "columns", "rows"),
    [("1", 1, 1), ("2", 2, 2), ("0", 1, MOST_ROWS + 1), ("255", 255, 255), ("256", 256, 256), ("257", 256, 257), ("1023", 256, 1023),
     ("1024", 256, 1024), ("1025", 256, 1024), ("99999999999999999999", 256, 1024), ("", 1, 1), ("x", 1, 1), ("2x9", 2, 2),
     ("-2", 1, 1), ("00", 1, MOST_ROWS + 1), ("02", 2, 2), ("19", 19, 19), ("90", 90, 90), ("3:", 3, 3), ("3/", 3, 3)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["td", "th"])
def test_spans_of_cells(name: str, value: str, columns: int, rows: int) -> None:
    columns = min(columns, MOST_COLUMNS + 1)
    assert spans(f'<{name} colspan="{value}">x') == (columns, 1)
    assert spans(f'<{name} rowspan="{value}">x') == (1, rows)
    assert spans(f'<{name} rowspan="{value}" colspan="{value}" class=nav>x') == (columns, rows)


def test_spans_of_other_elements_mean_nothing() -> None:
    page = scanned("<div colspan=3 rowspan=4 class=nav itemtype=x>x</div>")
    bits = int(page.context[row(page)])
    assert bits & _SPANS == 0 and bits & int(HAS_ITEM_TYPE) and bits & int(BIT["menu"])
    page = scanned("<table><tr><td colspan=3 rowspan=4 class=nav itemtype=x>x")
    assert int(page.context[-1]) & ~_SPANS == int(HAS_ITEM_TYPE) | int(BIT["menu"]) | int(BIT["cell"])


@pytest.mark.parametrize(
    ("role", "name"),
    [("table", "table"), ("grid", "table"), ("treegrid", "table"), ("row", "tr"), ("cell", "td"), ("gridcell", "td"),
     ("columnheader", "th"), ("rowheader", "th"), ("rowgroup", "tbody"), ("Table", None), ("", None)],
)  # fmt: skip
def test_roles_of_tables_count_on_elements_that_say_nothing_themselves(role: str, name: str | None) -> None:
    for neutral in ("div", "span", "section", "article", "ul", "p", "x-cell"):
        assert tag(f'<{neutral} role="{role}">x') == TAG[name or (neutral if neutral in TAG else "")]
    for other in ("form", "h2", "b", "blockquote"):
        assert tag(f'<{other} role="{role}">x') == TAG[other]


def test_parts_of_a_table_by_role_have_its_context_and_spans() -> None:
    assert context("<div role=cell>x</div>") == {"cell"} and context("<div role=grid>x</div>") == {"table"}
    page = scanned("<div role=cell colspan=3>x</div>")
    assert int(page.context[row(page)]) >> COLUMN_SPAN & MOST_COLUMNS == 2


@pytest.mark.parametrize(
    "markup", [b'<p class="nav"x>', b'<p  class="nav">', b'<p/class="nav"/>', b'<p a class="nav">', b'<p a=b class="nav">',
               b'<p =a class="nav">', b'<p\nclass="nav"\n>', b'<p a="b"class="nav">', b'<p a="<>" class="nav">'],
)  # fmt: skip
def test_attributes_are_found_whatever_stands_between_them(markup: bytes) -> None:
    page = scan_page(markup + b"x</p>")
    assert bytes(page.text) == b"x" and int(page.context[0]) == int(BIT["menu"] | BIT["paragraph"])


@pytest.mark.parametrize(
    ("name", "marked"), [("div", True), ("p", True), ("span", True), ("td", False), ("th", False)]
)
def test_elements_in_letters_of_a_typewriter_are_marked(name: str, marked: bool) -> None:
    page = scanned(f'<table><tr><{name} style="font-family:monospace">x')
    styled = [int(bits) & int(IS_MONOSPACED) > 0 for bits in page.context]
    assert any(styled) is marked
    assert not any(int(bits) & int(IS_MONOSPACED) for bits in scanned(f"<{name} style='font-family:serif'>x").context)
