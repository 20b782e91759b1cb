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
