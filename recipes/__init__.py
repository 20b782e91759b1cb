"""The YAML of a run: which stages, with which numbers. :func:`load` reads one and refuses what makes no sense."""

from recipes.loader import RecipeError, as_dict, load
from recipes.schema import Recipe

__all__ = ["Recipe", "RecipeError", "as_dict", "load"]
