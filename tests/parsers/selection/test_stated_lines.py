"""Blocks that repeat the lines of a recipe which the page states."""

from __future__ import annotations

import json

import numpy as np
import pytest

from parsers import extract
from parsers.backends.gristmill_backend import parse
from parsers.selection.stated_lines import stated_rows

LINES = ["2 cups plain flour", "1/2 teaspoon salt", "Heat the oven to 180 degrees and butter a tin well."]


def repeated(html: str, lines: list[str], kept: tuple[int, ...] = ()) -> list[str]:
    parsed = parse(html)
    keep = np.zeros(len(parsed.page.blocks), bool)
    keep[list(kept)] = True
    rows = stated_rows(parsed.page, parsed.roles, parsed.markup, lines, keep)
    return [parsed.inline_text.block_text(int(row)) for row in rows]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ul><li>2 cups plain flour<li>½ teaspoon salt</ul>", ["2 cups plain flour", "½ teaspoon salt"]),
        ("<li><span>2</span> <span>cups</span> <b>Plain Flour</b>", ["2 cups Plain Flour"]),
        ("<div><div>2 cups</div><div>plain flour</div></div><p>Other</p>", ["2 cups", "plain flour"]),
        ("<p>2 cups plain flour (or more)</p>", ["2 cups plain flour (or more)"]),
        ("<p>Heat the oven to 180 degrees</p><p>Then rest</p>", ["Heat the oven to 180 degrees"]),
        ("<p>2 cups plain flour<br>1/2 teaspoon salt</p>", ["2 cups plain flour\n1/2 teaspoon salt"]),
        ("<h3>Dry</h3><ul><li>2 cups plain flour</ul><h3>Wet</h3><p>Milk</p>", ["Dry", "2 cups plain flour"]),
        ("<p>2 cups plain flour</p><aside>2 cups plain flour</aside>", ["2 cups plain flour"]),
        ("<p>Two cups of flour are a lot of flour</p><p>Salt</p>", []),
    ],
)
def test_blocks_that_repeat_a_line(html: str, expected: list[str]) -> None:
    assert repeated(html, LINES) == expected


def test_a_word_alone_repeats_an_ingredient_by_chance() -> None:
    assert repeated("<a>salt</a><p>What the mill ground</p><p>in May</p>", ["salt", "flour"]) == []
    assert repeated("<ul><li>salt<li>flour</ul><p>in May</p>", ["salt", "flour"]) == ["salt", "flour"]


def test_what_is_kept_already_is_not_kept_twice() -> None:
    assert repeated("<p>2 cups plain flour</p><p>2 cups plain flour</p>", LINES, kept=(0,)) == []


def test_microdata_says_the_same() -> None:
    item = '<li itemprop="recipeIngredient">2 cups of plain flour'
    rest = "<p>" + "Words of another kind that are no recipe at all. " * 3 + "</p>"
    assert repeated(f"<ul>{item}<li>Print this page</ul>{rest}", []) == ["2 cups of plain flour"]
    assert repeated(f'<div itemprop="recipeInstructions">{rest}</div><p>Menu</p>', []) == []  # all of the page


def test_lines_in_one_block_are_found() -> None:
    rows = "<div><label>2 cups plain flour</label> <label>1/2 teaspoon salt</label></div><p>2 cups of tea for me</p>"
    assert repeated(rows, LINES) == ["2 cups plain flour 1/2 teaspoon salt"]


NAMED = "<ul class='wprm-recipe-ingredients'>{}</ul><p>Menu</p>"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<li>2 cups flour<li>1 egg<li>salt", ["2 cups flour", "1 egg", "salt"]),
        ("<li>2 cups <a href=/f>flour</a><li>1 <a href=/e>egg</a>", ["2 cups flour", "1 egg"]),
        ("<li><a href=/f>Flour</a> (12)<li><a href=/e>Egg</a> (3)", []),
        ("<li>Flour<li>Eggs<li>Salt", []),
        ("<li>2 cups flour<li>1 egg</ul><ul><li>3 more of it", ["2 cups flour", "1 egg"]),
    ],
)
def test_lists_that_are_named_for_ingredients_are_found(html: str, found: list[str]) -> None:
    assert repeated(NAMED.format(html), []) == found


def test_a_recipe_page_keeps_its_ingredients() -> None:
    prose = "<p>" + "This cake works every time, and it has never failed anybody in this house. " * 4 + "</p>"
    stated = {
        "@type": "Recipe", "recipeIngredient": ["2 cups plain flour", "1 cup milk"],
        "recipeInstructions": [{"@type": "HowToStep", "text": "<p>Mix &amp;amp; bake it all.</p>"}],
    }  # fmt: skip
    head = f"<head><script type=application/ld+json>{json.dumps(stated)}</script></head>"
    box = "<li><input type=checkbox><label><span>{}</span> <span>{}</span></label>"
    items = box.format("2 cups", "plain flour") + box.format("1 cup", "milk")
    html = f"<html>{head}<body><article>{prose}<ul>{items}</ul><p>Mix &amp; bake it all.</p></article></body></html>"
    text = extract(html.encode()).text
    assert "2 cups plain flour\n1 cup milk" in text and "Mix & bake it all." in text


def test_time_is_linear_in_blocks_that_begin_like_a_line() -> None:
    lines = ["abcdefgh" * 600 + str(number) for number in range(5)]
    assert len(repeated("<p>abcdefghx</p>" * 3000, lines)) == 0
