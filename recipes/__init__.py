"""Recipes: YAML files that say which stages a run has, with which numbers. ``llama3`` is the product.

    load("llama3", ["lines.max_count=3"])     a recipe by name or path, with changes; or :class:`RecipeError`
    as_dict(recipe)                           the recipe as plain data, from which parse gives it back
    with_changes(recipe, ["lines.max_count=3"])

recipes.schema says what a recipe may hold. recipes.located and recipes.reader turn YAML into dataclasses with errors
that name key and place; the trainer reads its configurations with them too.
"""

from recipes.loader import RecipeError, as_dict, load, parse, with_changes
from recipes.schema import Recipe

__all__ = ["Recipe", "RecipeError", "as_dict", "load", "parse", "with_changes"]
