"""Settings into dataclasses: every key must be known and every value possible; what isn't is one sentence.

    settings = read(Recipe, read_yaml(text, "mine.yaml"), "the recipe")

Field names are the keys, type hints say what a value may be: ``int``, ``float``, ``str``, ``bool``, ``Any``, a
``Literal``, another dataclass, ``list``, ``tuple[X, ...]`` and ``dict`` of them, ``X | None`` where null may stand,
and ``Annotated[X, Bound(low, high)]``. What hints can't say a dataclass checks in ``__post_init__``, with a
``ValueError`` that begins with the key. Recipes and the trainer's configurations are both read here.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from typing import Any, Literal, NamedTuple, TypeVar

from recipes.located import Located, SettingsError, plain

T = TypeVar("T")
_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


class Bound(NamedTuple):
    """The smallest and the largest value that makes sense, both included."""

    low: float
    high: float


def read(cls: type[T], tree: Located, whole: str) -> T:
    """``tree`` as an instance of the dataclass ``cls``. ``whole`` is what sentences call it ("the recipe").

    Raises :class:`SettingsError` with the key, what it must be, and the place.
    """
    return _dataclass(cls, tree, "", whole)


def _dataclass(cls: Any, tree: Located, key: str, called: str) -> Any:
    entries = _mapping(tree, called)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for name, item in entries.items():
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"it knows {', '.join(fields)}"
            raise _error(item, f"{called} has no key {name!r}; {hint}")
    hints = typing.get_type_hints(cls, include_extras=True)
    values = {}
    for name, field in fields.items():
        path = f"{key}.{name}" if key else name
        if name not in entries:
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise _error(tree, f"{path} is missing")
            continue
        if entries[name].value is None and not _may_be_null(hints[name]):
            optional = [other for other in fields if _may_be_null(hints[other])]
            only = f"; of the keys beside it null may stand for {', '.join(optional)}" if optional else ""
            raise _error(entries[name], f"{path} must be {_wanted(hints[name])}, not null{only}")
        values[name] = _convert(hints[name], entries[name], path)
    try:
        return cls(**values)
    except ValueError as error:
        at = _descend(tree, str(error).partition(" ")[0].split("."))
        raise _error(at, f"{key}.{error}" if key else str(error)) from None


def _convert(hint: Any, tree: Located, key: str) -> Any:
    origin, arguments, value = typing.get_origin(hint), typing.get_args(hint), tree.value
    if hint is Any:
        return plain(tree)
    if origin is typing.Annotated:
        found, bound = _convert(arguments[0], tree, key), arguments[1]
        if not bound.low <= found <= bound.high:
            raise _error(tree, f"{key} is {found}, and must lie between {bound.low:g} and {bound.high:g}")
        return found
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _convert(next(kind for kind in arguments if kind is not type(None)), tree, key)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, tree, key, key)
    if origin is dict and isinstance(value, dict):
        return {name: _convert(arguments[1], item, f"{key}.{name}") for name, item in value.items()}
    if origin in (list, tuple) and isinstance(value, list):
        return origin(_convert(arguments[0], item, f"{key}.{n}") for n, item in enumerate(value))
    if origin is Literal and value in arguments and not isinstance(value, bool):
        return value
    # A bool is an int to Python, and an int a float to people.
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    # 1e9 and 6.0 are whole numbers too, as far as floats are exact.
    if hint is int and isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    if hint in (int, str, bool) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise _error(tree, f"{key} must be {_wanted(hint)}, not {_shown(tree)}{_advice(hint, value)}")


def _mapping(tree: Located, key: str) -> dict[str, Located]:
    if not isinstance(tree.value, dict):
        raise _error(tree, f"{key} must be a mapping of keys to values, not {_shown(tree)}")
    return tree.value


def _may_be_null(hint: Any) -> bool:
    if hint is Any:
        return True
    return typing.get_origin(hint) in (types.UnionType, typing.Union) and type(None) in typing.get_args(hint)


def _wanted(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _wanted(arguments[0])
    if origin in (types.UnionType, typing.Union):
        return _wanted(next(kind for kind in arguments if kind is not type(None)))
    if origin is Literal:
        return f"one of {', '.join(str(choice) for choice in arguments)}"
    if origin in (list, tuple):
        return "a list"
    return _WORDS.get(hint, "a mapping of keys to values")


def _advice(hint: Any, value: Any) -> str:
    if isinstance(value, bool) and (hint is str or typing.get_origin(hint) is Literal):
        return "; YAML reads a bare yes, no, on and off as true or false, so put it in quotes"
    if value is None and typing.get_origin(hint) is dict:
        return "; {} is an empty one"
    if isinstance(value, str) and hint in (int, float) and _is_number(value):
        return "; take the quotes off"
    return ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _shown(tree: Located) -> str:
    value = plain(tree)
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _descend(tree: Located, steps: list[str]) -> Located:
    """The deepest value that some of ``steps``, from the first on, lead to."""
    for step in steps:
        if isinstance(tree.value, dict) and step in tree.value:
            tree = tree.value[step]
        elif isinstance(tree.value, list) and step.isdecimal() and int(step) < len(tree.value):
            tree = tree.value[int(step)]
        else:
            break
    return tree


def _error(tree: Located, sentence: str) -> SettingsError:
    return SettingsError(f"{sentence} ({tree.place})" if tree.place else sentence)
