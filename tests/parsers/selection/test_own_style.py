"""What a page's own style sheet hides."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.own_style import drop_hidden

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has for years.</p>"
TRAP = '<div class="wide hp"><p>Nobody should ever read this</p></div>'


def stays(style: str, body: str = TRAP + PROSE, more: str = "") -> int:
    parsed = parse(f"<html><head><style>{style}</style>{more}</head><body>{body}</body></html>")
    return int(drop_hidden(parsed.page, parsed.markup, np.ones(len(parsed.page.blocks), bool)).sum())


@pytest.mark.parametrize(
    "style",
    [
        ".hp{display:none}",
        "p { color: red }\n.x, div.hp { margin: 0; display: none !important; }",
        "/* traps */ .hp{visibility:hidden}",
        ".hp { display : none }",
    ],
)
def test_what_a_rule_of_the_page_hides_goes(style: str) -> None:
    assert stays(style) == 1


@pytest.mark.parametrize(
    "style",
    [
        ".hp{display:block}",
        ".hp{display:none} .open .hp{display:block}",
        ".menu .hp{display:none}",
        "@media print{.hp{display:none}}",
        ".hpx{display:none}",
        ".hp p{display:none}",
        "",
    ],
)
def test_other_rules_say_nothing(style: str) -> None:
    assert stays(style) == 2


def test_what_scripts_may_show_stays() -> None:
    assert stays(".hp{display:none}", more="<script>$('.hp').show()</script>") == 2


def test_a_page_whose_text_is_hidden_waits_for_its_scripts() -> None:
    assert stays(".hp{display:none}", f'<div class="hp">{PROSE}</div><p>Loading</p>') == 2


def test_an_id_hides_as_well() -> None:
    assert stays("#trap{display:none}", f'<div id="trap"><p>Nobody reads this</p></div>{PROSE}') == 1


def stay(style: str, body: str) -> list[str]:
    parsed = parse(f"<html><head><style>{style}</style></head><body>{body}</body></html>")
    kept = drop_hidden(parsed.page, parsed.markup, np.ones(len(parsed.page.blocks), bool))
    return [parsed.inline_text.block_text(int(row)) for row in np.flatnonzero(kept)]


@pytest.mark.parametrize(
    ("style", "hides"),
    [
        # Names, rules, bytes of a rule: as many as are read, and one more.
        ("".join(f".n{n}{{display:none}}" for n in range(9)) + ".hp{display:none}", True),
        ("".join(f".n{n}{{display:none}}" for n in range(10)) + ".hp{display:none}", False),
        (".a .b{display:none}" * 199 + ".hp{display:none}", True), (".a .b{display:none}" * 200 + ".hp{display:none}", False),
        (".a .b{display:none}" * 200 + ".hp{visibility:hidden}", False), (f".hp{{{'x' * 298};display:none}}", True), (f".hp{{{'x' * 299};display:none}}", False),
        # Each form of each declaration, and what only looks like one.
        (".hp{display:none}", True), (".hp{display: none}", True), (".hp{display :none}", True), (".hp{display : none}", True), (".hp{visibility:hidden}", True),
        (".hp{visibility: hidden}", True), (".hp{display:non}", False), (".hp{displa:none}", False), (".hp{xdisplay:none}", True), (".hp{visibility:hidde}", False), (".hp{yyyyyyy}", False),
        ("y{}.hp{display:none}", True), (".hp{display:none", True), (".hp{display:non", False), ("display:none}.hp{}", False), (".hp{}display:none", False), (".hp{color:red}/* display:none */", False),
        # Selectors.
        (".x{}.hp{display:none}", True), (".x{} /* y */ .hp{display:none}", True), (".a,.hp{display:none}", True), ("div.hp{display:none}", True), ("#hp{display:none}", True),
        (".hp:hover{display:none}", False), (".a>.hp{display:none}", False), (".hp.b{display:none}", False), ("*{display:none}", False), ("div{display:none}", False),
    ],
)  # fmt: skip
def test_which_rules_are_read(style: str, hides: bool) -> None:
    assert stay(style, TRAP + PROSE)[0].startswith("The mill" if hides else "Nobody")


@pytest.mark.parametrize(("size", "hides"), [(200_000, True), (200_001, False)])
def test_a_large_sheet_is_that_of_a_whole_site(size: int, hides: bool) -> None:
    assert len(stay(".hp{display:none}".ljust(size, "/"), TRAP + PROSE)) == (1 if hides else 2)


@pytest.mark.parametrize(("levels", "hides"), [(0, True), (58, True), (59, False)])
def test_how_far_above_a_block_the_hidden_element_may_stand(levels: int, hides: bool) -> None:
    trap = f'<div class="hp">{"<div>" * levels}<p>Nobody reads</p>{"</div>" * levels}</div>'
    assert len(stay(".hp{display:none}", trap + PROSE)) == (1 if hides else 2)


@pytest.mark.parametrize(("others", "hides"), [(4, False), (5, False), (6, True)])
def test_less_than_half_of_the_words_may_be_hidden(others: int, hides: bool) -> None:
    body = f'<p class="hp">{"so " * 5}</p><p>{"no " * others}</p>'
    assert len(stay(".hp{display:none}", body)) == (1 if hides else 2)


@pytest.mark.parametrize("tag", ["main", "article", "section", "span"])
def test_what_holds_the_page_is_not_hidden(tag: str) -> None:
    found = stay(".hp{display:none}", f'<{tag} class="hp"><p>Nobody reads</p></{tag}>{PROSE}')
    assert len(found) == (2 if tag in ("main", "article") else 1)


def test_all_that_a_hidden_element_holds_goes_and_nothing_else() -> None:
    body = f'<p>before it</p><div class="a hp b"><p>one</p><div class="hp"><p>two</p></div><p>three</p></div><p>after</p>{PROSE}'
    assert stay(".hp{display:none}", body)[:2] == ["before it", "after"]
    assert stay("#x{display:none}", f'<div id="x">one</div><div id="xy">two</div>{PROSE}')[0] == "two"


def test_names_of_several_sheets_and_in_none_of_their_other_rules() -> None:
    for second in ("p{x:y}", "</style><style>p{x:y}", "</style><style>.other{display:none}"):
        assert len(stay(".hp{display:none}" + second, TRAP + PROSE)) == 1
        assert len(stay(second + "</style><style>.hp{display:none}", TRAP + PROSE)) == 1
    assert len(stay(".hp{display:none}</style><style>.hp{display:block}", TRAP + PROSE)) == 2
