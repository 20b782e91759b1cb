"""Reading settings: from YAML to :class:`trainer.config.schema.Config`, checked before anything is allocated.

    config = load_config("debug", overrides=["stages.0.tokens=50_000"])

A name means ``trainer/configs/NAME.yaml``, anything else is a path. ``base: NAME`` at the top of a file takes over
the settings of another and changes only what the file says. Every key must be known and every value possible; what
isn't is reported as one sentence with the path of the key.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from pathlib import Path
from typing import Any, Literal

import yaml

from trainer.config.schema import Config, ConfigError

CONFIGS = Path(__file__).parents[1] / "configs"
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def load_config(name: str, overrides: typing.Sequence[str] = ()) -> Config:
    """The configuration ``name``, with ``overrides`` such as ``run.seed=1`` (values are YAML) laid over it."""
    settings = _read(name)
    if isinstance(settings, dict):  # parse_config says so where it isn't
        for override in overrides:
            _override(settings, override)
    return parse_config(settings, name)


def parse_config(settings: object, origin: str = "the configuration") -> Config:
    """``settings`` (nested dictionaries, as YAML gives them) as a :class:`Config`, or :class:`ConfigError`."""
    try:
        return parse(Config, settings)
    except ConfigError as error:
        raise ConfigError(f"In {origin}: {error}.") from None


def _read(name: str) -> object:
    path = CONFIGS / f"{name}.yaml"
    if not path.is_file():
        path = Path(name)
    try:
        settings = yaml.safe_load(path.read_text("utf-8"))
    except OSError:
        known = ", ".join(sorted(file.stem for file in CONFIGS.glob("*.yaml")))
        raise ConfigError(f"There is no configuration {name!r}. Name one of {known}, or a YAML file.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if isinstance(settings, dict) and "base" in settings:
        base = settings.pop("base")
        if base not in {file.stem for file in CONFIGS.glob("*.yaml")} - {path.stem}:
            raise ConfigError(f"In {name}: base is {base!r}; it must be the name of another shipped configuration.")
        return _merge(_read(base), settings)
    return settings


def _merge(base: Any, changes: Any) -> Any:
    """``changes`` over ``base``, setting by setting; a list replaces a list."""
    if isinstance(base, dict) and isinstance(changes, dict):
        return base | {key: _merge(base.get(key), value) for key, value in changes.items()}
    return changes


def _override(settings: dict[str, Any], override: str) -> None:
    path, equals, value = override.partition("=")
    if not equals:
        raise ConfigError(f"--set {override} lacks a value; write it as run.seed=1.")
    *sections, key = path.strip().split(".")
    place: Any = settings
    for section in sections:
        place = _entry(place, section, override, {})
    if isinstance(place, list):
        _entry(place, key, override, None)
        place[int(key)] = yaml.safe_load(value)
    else:
        place[key] = yaml.safe_load(value)


def _entry(place: Any, key: str, override: str, default: Any) -> Any:
    if isinstance(place, list):
        if not key.isdecimal() or int(key) >= len(place):
            raise ConfigError(f"--set {override} asks for entry {key} of a list that has 0 to {len(place) - 1}.")
        entry = place[int(key)]
    else:
        if place.get(key) is None:
            place[key] = default
        entry = place[key]
    if default is not None and not isinstance(entry, dict | list):
        raise ConfigError(f"--set {override} goes through {key}, which has no settings below it.")
    return entry


def parse(cls: type, settings: object, path: str = "") -> Any:
    """``settings`` as an instance of the dataclass ``cls``; ``path`` is where they stand, for the messages."""
    if not isinstance(settings, dict):
        raise ConfigError(f"{path.rstrip('.') or 'the file'} must be a list of settings, key: value")
    hints = typing.get_type_hints(cls)
    for key in settings:
        if key not in hints:
            close = difflib.get_close_matches(str(key), hints, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(hints)}"
            raise ConfigError(f"{path}{key} is no setting; {hint}")
    for item in dataclasses.fields(cls):
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if required and item.name not in settings:
            raise ConfigError(f"{path}{item.name} is missing")
    values = {key: _convert(hints[key], value, f"{path}{key}") for key, value in settings.items()}
    try:
        return cls(**values)
    except ConfigError as error:
        raise ConfigError(f"{path}{error}") from None


def _convert(kind: Any, value: object, path: str) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        if value is None:
            return None
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
    if dataclasses.is_dataclass(kind):
        return parse(kind, value, f"{path}.")
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{path} must be a list of entries, each beginning with a dash")
        return tuple(_convert(typing.get_args(kind)[0], entry, f"{path}.{i}") for i, entry in enumerate(value))
    if typing.get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{path} must be a list of settings, key: value")
        return {str(key): _convert(typing.get_args(kind)[1], entry, f"{path}.{key}") for key, entry in value.items()}
    if typing.get_origin(kind) is Literal:
        if value not in typing.get_args(kind):
            raise ConfigError(f"{path} is {value!r}; it must be one of {', '.join(typing.get_args(kind))}")
        return value
    # YAML 1.1 reads 3e-4 as a string, and bool is an int to Python.
    if kind is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    elif isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise ConfigError(f"{path} is {value!r}; it must be {_WORDS[kind]}")
