"""Recipes that ship: each loads, its name is its file's, and its filters can be made with its settings."""

from __future__ import annotations

import pytest

from filters.registry import make_filter
from recipes import load
from recipes.loader import shipped


def test_the_recipes_that_ship() -> None:
    assert shipped() == ["c4", "dclm", "fineweb", "llama3", "refinedweb"]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_recipe_can_be_run(name: str) -> None:
    recipe = load(name)
    assert recipe.name == name
    for filter_name, settings in (recipe.heuristics or {}).items():
        assert make_filter(filter_name, settings, {}).name == filter_name
