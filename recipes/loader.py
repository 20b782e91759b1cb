"""Reads recipes and turns each mistake into one sentence that names the key."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from pathlib import Path
from typing import Any

import yaml

from recipes.schema import Bound, Recipe

_SHIPPED = Path(__file__).parent


class RecipeError(ValueError):
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
        data = yaml.load(path.read_text("utf-8"), _UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not valid YAML: {error}") from error
    for change in changes or ():
        _require_mapping(data, "the recipe")
        _change(data, change)
    return parse(data)


def _change(data: dict, change: str) -> None:
    key, separator, value = change.partition("=")
    *path, name = key.strip().split(".")
    if not separator or not name:
        raise RecipeError(f"--set {change} is not of the form key.key=value")
    for step in path:
        if not isinstance(data.get(step), dict):
            raise RecipeError(f"--set {change}: the recipe has no section {step!r}")
        data = data[step]
    try:
        data[name] = yaml.load(value, _UniqueKeys)
    except yaml.YAMLError as error:
        raise RecipeError(f"--set {change}: {value!r} is not valid YAML") from error


def parse(data: Any) -> Recipe:
    """A recipe from the mapping that its YAML holds. Raises :class:`RecipeError`."""
    recipe = _build(Recipe, data, "")
    if recipe.mix is not None and abs(sum(recipe.mix.targets.values()) - 1.0) > 1e-6:
        raise RecipeError(f"mix.targets must add up to 1, and add up to {sum(recipe.mix.targets.values()):g}")
    if recipe.block is not None and not recipe.block.lists:
        raise RecipeError("block.lists is empty, so nothing could ever be blocked; name a list or set block to null")
    if recipe.identify is not None and recipe.identify.languages == []:
        raise RecipeError("identify.languages is empty, so every page would go; name languages, or null for all")
    return recipe


def as_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data; ``parse`` gives the same recipe back."""
    return dataclasses.asdict(recipe)


class _UniqueKeys(yaml.SafeLoader):
    """YAML silently takes the last of two equal keys; in a recipe that is a mistake."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, True)
            if isinstance(key, list | dict):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a name", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _build(cls: type, data: Any, path: str) -> Any:
    where = path or "the recipe"
    _require_mapping(data, where)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in data:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"it knows {', '.join(fields)}"
            raise RecipeError(f"{where} has no key {key!r}; {hint}")
    hints = typing.get_type_hints(cls, include_extras=True)
    values = {}
    for name, field in fields.items():
        key = f"{path}.{name}" if path else name
        if name in data:
            values[name] = _convert(hints[name], data[name], key)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise RecipeError(f"{key} is missing")
    return cls(**values)


def _convert(hint: Any, value: Any, key: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _bounded(_convert(arguments[0], value, key), arguments[1], key)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _convert(next(a for a in arguments if a is not type(None)), value, key)
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, key)
    if origin is list:
        if not isinstance(value, list):
            raise RecipeError(f"{key} must be a list, not {_describe(value)}")
        return [_convert(arguments[0], item, f"{key}[{index}]") for index, item in enumerate(value)]
    if origin is dict:
        _require_mapping(value, key)
        return {str(k): _convert(arguments[1], item, f"{key}.{k}") for k, item in value.items()}
    if hint is Any:
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        kind = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[hint]
        raise RecipeError(f"{key} must be {kind}, not {_describe(value)}")
    return value


def _require_mapping(value: Any, key: str) -> None:
    if not isinstance(value, dict):
        raise RecipeError(f"{key} must be a mapping of keys to values, not {_describe(value)}")


def _bounded(value: Any, bound: Bound, key: str) -> Any:
    if not bound.low <= value <= bound.high:
        raise RecipeError(f"{key} is {value}, and must lie between {bound.low:g} and {bound.high:g}")
    return value


def _describe(value: Any) -> str:
    return "nothing" if value is None else repr(value)
