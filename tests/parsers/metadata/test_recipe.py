"""Ingredients and steps that a page states."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from parsers.metadata.metadata import read_metadata
from parsers.metadata.recipe import recipe_lines


def stated(node: object) -> tuple[str, ...]:
    return read_metadata(f'<script type="application/ld+json">{json.dumps(node)}</script>').recipe


def test_ingredients_and_steps_in_the_forms_that_pages_use() -> None:
    steps = [
        "Rinse the rice.",
        {"@type": "HowToStep", "name": "Cook", "text": "Cook it<br>for ten minutes."},
        {"@type": "HowToSection", "itemListElement": [{"@type": "HowToStep", "text": "Let it rest &amp; serve."}]},
    ]
    recipe = {"@type": ["Recipe"], "recipeIngredient": ["200 g rice", " 1 l water "], "recipeInstructions": steps}
    assert stated({"@graph": [{"@type": "WebPage"}, recipe]}) == (
        "200 g rice", "1 l water", "Rinse the rice.", "Cook", "Cook it", "for ten minutes.", "Let it rest & serve.",
    )  # fmt: skip


def test_other_texts_are_left_alone() -> None:
    assert stated({"@type": "NewsArticle", "articleBody": "The mill burnt down.", "recipeIngredient": ["salt"]}) == ()
    assert stated({"@type": "Recipe", "review": {"reviewBody": "Too salty."}, "name": "Rice"}) == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "name", "x"]), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["recipeIngredient", "ingredients", "recipeInstructions"]), _JSON))
def test_any_json_gives_lines(node: dict) -> None:
    assert all(line.strip() == line != "" for line in recipe_lines(node))


def test_lines_are_bounded() -> None:
    assert sum(map(len, recipe_lines({"recipeIngredient": ["x" * 9_000] * 2_000}))) <= 30_000
