"""YAML in which every value knows where it was written, so that an error can say so; and changes to single settings.

tree = read_yaml("lines:\\n  max_count: 6\\n", "mine.yaml")
tree = change(tree, "lines.max_count=3")
tree.value["lines"].value["max_count"]          # Located(3, "--set lines.max_count=3")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml


class SettingsError(ValueError):
    """Settings that cannot be used; the message is a sentence with the key and, where it is known, the place."""


@dataclass(frozen=True)
class Located:
    """A value of a YAML file (a mapping of ``str`` to :class:`Located`, a list of them, or a scalar) and its place.

    ``place`` is a file and line or a ``--set`` of the command line, empty for data that came from neither. A value of
    a mapping has the place of its key.
    """

    value: Any
    place: str = ""


def located(data: Any, place: str = "") -> Located:
    """Plain data (as YAML gives it) as a tree, all at one place."""
    if isinstance(data, dict):
        return Located({str(key): located(value, place) for key, value in data.items()}, place)
    if isinstance(data, list | tuple):
        return Located([located(item, place) for item in data], place)
    return Located(data, place)


def plain(tree: Located) -> Any:
    """The inverse of :func:`located`: the data without its places."""
    if isinstance(tree.value, dict):
        return {key: plain(item) for key, item in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(item) for item in tree.value]
    return tree.value


def read_yaml(text: str, name: str) -> Located:
    """The one document in ``text``, which stands in the file ``name``. Raises :class:`SettingsError`."""
    return _read(text, name, name, lambda mark: f"{name}, line {mark.line + 1}")


def change(tree: Located, setting: str) -> Located:
    """``tree`` with one setting changed: ``key.key=value``, the value in YAML; entries of lists go by their number.

    A key that holds dots is found where it is there already, and is written in double quotes where it is not.
    Sections that are missing or null are made. Raises :class:`SettingsError`.
    """
    key, equals, text = setting.partition("=")
    steps = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^."]+)', key.strip())]
    if not equals or not steps or key.count(".") != sum(step.count(".") for step in steps) + len(steps) - 1:
        raise SettingsError(f"--set {setting} is not of the form key.key=value")
    place = f"--set {setting}"
    return _put(tree, steps, _read(text, f"{place}: {text!r}", place, lambda mark: place), place, "")


def merge(base: Located, changes: Located) -> Located:
    """``changes`` over ``base``, setting by setting; a list replaces a list."""
    if not (isinstance(base.value, dict) and isinstance(changes.value, dict)):
        return changes
    merged = dict(base.value)
    for key, item in changes.value.items():
        merged[key] = merge(base.value[key], item) if key in base.value else item
    return Located(merged, changes.place)


def _put(tree: Located, steps: list[str], value: Located, place: str, done: str) -> Located:
    if not steps:
        return value
    if isinstance(tree.value, list):
        step, rest = steps[0], steps[1:]
        if not step.isdecimal() or int(step) >= len(tree.value):
            has = f"0 to {len(tree.value) - 1}" if tree.value else "none"
            raise SettingsError(f"{place} asks for entry {step} of a list; {done or 'it'} has {has}")
        items = list(tree.value)
        items[int(step)] = _put(items[int(step)], rest, value, place, f"{done}.{step}")
        return Located(items, tree.place)
    if not isinstance(tree.value, dict | None):
        raise SettingsError(f"{place} goes through {done or 'a file'}, which has no keys below it")
    section = tree.value or {}
    # The longest key that is there: a filter may be called package.module.Class.
    lengths = [n for n in range(len(steps), 0, -1) if ".".join(steps[:n]) in section]
    length = lengths[0] if lengths else 1
    key = ".".join(steps[:length])
    below = section.get(key, Located(None, place))
    changed = _put(below, steps[length:], value, place, f"{done}.{key}".lstrip("."))
    return Located({**section, key: changed}, tree.place or place)


def _read(text: str, name: str, place: str, place_of: Callable[[Any], str]) -> Located:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return Located(None, place) if node is None else Located(_value(loader, node, place_of, {}), place)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date with a thirteenth month
        raise SettingsError(f"{name} is not valid YAML: {' '.join(str(error).split())}") from error
    finally:
        loader.dispose()


def _value(loader: _Loader, node: yaml.Node, place_of: Callable[[Any], str], known: dict[int, Any]) -> Any:
    """The value of a node. ``known`` holds those of nodes read so far, by identity: an alias is its anchor's node."""
    if id(node) in known:
        if known[id(node)] is _OPEN:
            raise yaml.constructor.ConstructorError(None, None, "a value holds itself", node.start_mark)
        return known[id(node)]
    known[id(node)] = _OPEN
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTIONS:
        raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag} is unknown", node.start_mark)
    found: Any
    if isinstance(node, yaml.MappingNode):
        _refuse_equal_keys(loader, node)
        loader.flatten_mapping(node)
        found = {
            str(loader.construct_object(key, deep=True)): Located(
                _value(loader, item, place_of, known), place_of(key.start_mark)
            )
            for key, item in node.value
        }
    elif isinstance(node, yaml.SequenceNode):
        found = [Located(_value(loader, item, place_of, known), place_of(item.start_mark)) for item in node.value]
    else:
        found = loader.construct_object(node, deep=True)
    known[id(node)] = found
    return found


def _refuse_equal_keys(loader: _Loader, node: yaml.MappingNode) -> None:
    """YAML silently takes the last of two equal keys; in settings that is a mistake."""
    seen = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a name", key_node.start_mark)
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = str(loader.construct_object(key_node, deep=True))
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        seen.add(key)


_OPEN = object()
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _Loader(yaml.SafeLoader):
    """YAML's safe types. PyYAML reads the numbers of YAML 1.1, to which 3e-4 is text; here it is a number."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)
