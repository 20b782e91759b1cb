"""Switches of recipe programs, and products beside a recipe."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.recipe_cards import drop_recipe_switches, may_be_recipe

LINES = ("300 g lentils", "2 onions")
LIST = "<h3>Ingredients</h3><ul><li>300 g lentils</li><li>2 onions</li></ul>"


def left(html: str, lines: tuple[str, ...] = LINES) -> list[str]:
    parsed = parse(f"<html><body>{LIST}{html}</body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    kept = drop_recipe_switches(parsed.page, parsed.roles, kept, lines)
    return [block.text for block, stays in zip(parsed.blocks, kept, strict=True) if stays][3:]


@pytest.mark.parametrize(
    "line",
    [
        "Jump to Recipe · Print Recipe",
        "US Customary - Metric",
        "Cook Mode Prevent your screen from going dark",
        "Add all to cart",
        "Zum Rezept springen",
        "Imprimer la recette",
        "Tried this recipe? Mention @tilda or tag #tilda!",
        "As an Amazon Associate I earn from qualifying purchases.",
    ],
)
def test_switches_go(line: str) -> None:
    assert left(f"<div>{line}</div>") == []


@pytest.mark.parametrize(
    "line", ["Print the dough with a stamp.", "Save some for tomorrow", "–", "Scale the fish first"]
)
def test_steps_stay(line: str) -> None:
    parsed = parse(f"<html><body>{LIST}<div>{line}</div></body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    assert drop_recipe_switches(parsed.page, parsed.roles, kept, LINES).all()


def test_headings_and_terms_are_no_switches() -> None:
    assert left("<h2>Scale</h2><dl><dt>pin</dt><dd>Holds a gate where it is.</dd></dl>", ())[:2] == ["Scale", "pin"]


CARD = '<div class="card"><p>Green Hill lentils 400 g</p><p>£1.20</p></div>'


def test_products_with_prices_go_with_their_heading() -> None:
    assert left(f"<h3>Recommended products</h3>{CARD * 2}<p>Fry them.</p>") == ["Fry them."]


def test_stated_lines_with_prices_stay_as_does_a_single_price() -> None:
    lines = '<div class="card"><p>300 g lentils</p><p>£1.20</p></div>' * 2
    assert len(left(lines)) == 4
    assert len(left(CARD)) == 2
    assert len(left(CARD * 2, lines=())) == 4


def test_a_page_may_be_a_recipe_where_it_speaks_of_ingredients() -> None:
    assert may_be_recipe(parse(f"<html><body>{LIST}</body></html>").page)
    assert may_be_recipe(parse("<html><body><h3>Zutaten</h3></body></html>").page)
    assert not may_be_recipe(parse("<html><body><p>The mill stands by the river.</p></body></html>").page)
