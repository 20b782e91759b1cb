"""Headings of a recipe's lists, and lists that nothing but such a heading names."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.recipe_sections import keep_recipe_sections

TEXT = "<p>The soup is eaten from October to March.</p>"
AMOUNTS = "<ul><li>200 g barley</li><li>½ leek</li><li>salt</li></ul>"
STEPS = "<ol><li>Rinse the barley until it is clear.</li><li>Simmer it for some forty minutes.</li></ol>"


def kept(html: str, rows: set[int], probability: float = 0.2) -> list[str]:
    """What is kept of a page besides its first paragraph, and besides ``rows``, which are kept before."""
    parsed = parse(f"<html><body>{TEXT}{html}</body></html>")
    before = np.array([row == 0 or row in rows for row in range(len(parsed.page.blocks))])
    likely = np.full(len(before), probability, np.float32)
    after = keep_recipe_sections(parsed.page, parsed.roles, before, likely)
    assert (after | ~before).all()
    return [block.text for block, now, old in zip(parsed.blocks, after, before, strict=True) if now and not old]


@pytest.mark.parametrize(
    "word", ["Ingredients", "Zutaten für 4 Personen", "INGRÉDIENTS :", "Ingredienser", "材料（2人分）"]
)
def test_a_heading_comes_with_the_lines_below_it(word: str) -> None:
    assert kept(f"<h3>{word}</h3><div>4</div>{AMOUNTS}", {3, 4, 5}) == [word]


@pytest.mark.parametrize(
    "html",
    [
        "<h3>Ingredients that I love</h3>" + AMOUNTS,
        "<h3>Ingredients</h3><p>All of them are to be had at the mill in the next village.</p>" + AMOUNTS,
    ],
)
def test_other_headings_stay_out(html: str) -> None:
    rows = {2, 3, 4} if "love" in html else {3, 4, 5}
    assert kept(html, rows) == []


def test_of_two_headings_the_one_right_above_the_lines_comes() -> None:
    assert kept(f"<h3>Ingredients</h3><h3>Method</h3>{STEPS}", {3, 4}) == ["Method"]


def test_labels_between_kept_lines_come() -> None:
    html = f"<h3>Ingredients</h3>{AMOUNTS}<p>For the top:</p><p>Metric</p>{AMOUNTS}"
    assert kept(html.replace("<p>Metric</p>", ""), {1, 2, 3, 4, 6, 7, 8}) == ["For the top:"]
    assert kept(html, {1, 2, 3, 4, 7, 8, 9}) == []


def test_a_list_of_amounts_comes_with_its_steps() -> None:
    html = f"<h3>Ingredients</h3>{AMOUNTS}<h3>Method</h3>{STEPS}"
    lines = ["200 g barley", "½ leek", "salt"]
    steps = ["Rinse the barley until it is clear.", "Simmer it for some forty minutes."]
    assert kept(html, set()) == ["Ingredients", *lines, "Method", *steps]
    assert kept(html, set(), probability=0.05) == ["Ingredients", *lines]  # steps are no list of amounts
    assert kept(f"<h3>Method</h3>{STEPS}", set()) == []


def test_lines_need_no_list_where_the_next_heading_ends_them() -> None:
    lines = "<div>200 g barley</div><div>1 leek</div><div>salt</div>"
    assert kept(f"<h3>Ingredients</h3>{lines}<h3>Method</h3>{STEPS}", {6, 7}, 0.0)[:2] == [
        "Ingredients",
        "200 g barley",
    ]
    assert kept(f"<h3>Ingredients</h3>{lines}", set()) == []


@pytest.mark.parametrize(
    "items",
    [
        "<li>barley</li><li>leek</li><li>salt</li>",
        "<li>200 g barley</li><li>1 leek</li>",
        "<li><a href=/1>200 g barley</a></li><li><a href=/2>1 leek</a></li><li><a href=/3>2 onions</a></li>",
    ],
)
def test_other_lists_stay_out(items: str) -> None:
    assert kept(f"<h3>Ingredients</h3><ul>{items}</ul>", set()) == []


def test_lines_that_are_kept_elsewhere_stay_out() -> None:
    assert kept(f"{AMOUNTS}<h3>Ingredients</h3>{AMOUNTS}", {1, 2, 3}) == []
