"""Reads recipes and turns each mistake into one sentence that names the key."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from recipes.located import Located, SettingsError, change, located, read_yaml
from recipes.reader import read
from recipes.schema import Recipe

_SHIPPED = Path(__file__).parent


class RecipeError(SettingsError):
    """A recipe that can't be run; the message is a sentence for its author."""


def shipped() -> list[str]:
    """Names of the recipes that come with gristmill."""
    return sorted(path.stem for path in _SHIPPED.glob("*.yaml"))


def load(name_or_path: str, changes: list[str] | None = None) -> Recipe:
    """The recipe of that name, or in the file at that path. Raises :class:`RecipeError`.

    ``changes`` are settings such as ``lines.max_count=3`` that take the place of the file's, values in YAML.
    """
    path = _SHIPPED / f"{name_or_path}.yaml"
    if name_or_path not in shipped():
        path = Path(name_or_path)
        if not path.is_file():
            raise RecipeError(
                f"there is no recipe {name_or_path!r}: it is neither a file nor one of those that ship with "
                f"gristmill ({', '.join(shipped())})"
            )
    try:
        tree = read_yaml(path.read_text("utf-8"), path.name)
        for setting in changes or ():
            tree = change(tree, setting)
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not valid YAML: {error}") from error
    except SettingsError as error:
        raise RecipeError(str(error)) from error
    return _parse(tree)


def parse(data: Any) -> Recipe:
    """A recipe from the mapping that its YAML holds. Raises :class:`RecipeError`."""
    return _parse(located(data))


def with_changes(recipe: Recipe, changes: list[str]) -> Recipe:
    """``recipe`` with settings such as ``lines.max_count=3``, values in YAML. Raises :class:`RecipeError`."""
    tree = located(as_dict(recipe))
    try:
        for setting in changes:
            tree = change(tree, setting)
    except SettingsError as error:
        raise RecipeError(str(error)) from error
    return _parse(tree)


def as_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data; ``parse`` gives the same recipe back."""
    return dataclasses.asdict(recipe)


def _parse(tree: Located) -> Recipe:
    try:
        return read(Recipe, tree, "the recipe")
    except SettingsError as error:
        raise RecipeError(str(error)) from error
