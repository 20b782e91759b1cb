"""Reading settings: from YAML to :class:`trainer.config.schema.Config`, checked before anything is allocated.

    config = load_config("debug", overrides=["stages.0.tokens=50_000"])

A file may begin with ``base: NAME``: it then changes what it says of the shipped configuration of that name, or of
another file, whose path counts from the file that names it. Every key must be known and every value possible; what isn't is reported as one sentence with the key and the place
(:mod:`recipes.reader`, which recipes are read by too).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from recipes.located import Located, SettingsError, change, located, merge, read_yaml
from recipes.reader import read
from trainer.config.schema import Config
from trainer.config.validation import ConfigError

CONFIGS = Path(__file__).parents[1] / "configs"
T = TypeVar("T")


def load_config(name: str, overrides: Sequence[str] = ()) -> Config:
    """The configuration ``name``, with ``overrides`` such as ``run.seed=1`` (values are YAML) laid over it."""
    return load_settings(Config, name, overrides)


def load_settings(cls: type[T], name: str, overrides: Sequence[str] = ()) -> T:
    """As :func:`load_config`, for a task with settings of its own."""
    try:
        tree = _read(name)
        for override in overrides:
            tree = change(tree, override)
        return read(cls, tree, "the configuration")
    except SettingsError as error:
        raise ConfigError(f"In {name}: {error}.") from None


def parse_config(settings: object, origin: str = "the configuration") -> Config:
    """``settings`` (nested dictionaries, as YAML gives them) as a :class:`Config`, or :class:`ConfigError`."""
    try:
        return parse(Config, settings)
    except ConfigError as error:
        raise ConfigError(f"In {origin}: {error}.") from None


def parse(cls: type[T], settings: object) -> T:
    """``settings`` as an instance of the dataclass ``cls``, or :class:`ConfigError`."""
    try:
        return read(cls, located(settings), "the configuration")
    except SettingsError as error:
        raise ConfigError(str(error)) from None


def _read(name: str, beside: Path = Path(), readers: tuple[Path, ...] = ()) -> Located:
    """The file ``name`` over its bases; its path counts from ``beside``, and ``readers`` have it as a base."""
    shipped = {file.stem: file for file in sorted(CONFIGS.glob("*.yaml"))}
    path = shipped.get(name, beside / name)
    if path.resolve() in readers:
        raise SettingsError(f"base is {name!r} in {readers[-1].name}; a file cannot be its own base")
    try:
        text = path.read_text("utf-8")
    except OSError:
        problem = f"There is no configuration {name!r}" + (f", the base in {readers[-1]}" if readers else "")
        raise ConfigError(f"{problem}. Name one of {', '.join(shipped)}, or a YAML file.") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not valid YAML: {error}") from None
    tree = read_yaml(text, path.name)
    if not isinstance(tree.value, dict) or "base" not in tree.value:
        return tree
    settings = dict(tree.value)
    base = settings.pop("base")
    if not isinstance(base.value, str):
        raise SettingsError(f"base is {base.value!r}; it must be the name of a configuration or of a YAML file")
    return merge(_read(base.value, path.parent, (*readers, path.resolve())), Located(settings, tree.place))
