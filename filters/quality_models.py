"""What a recipe names under ``quality.models``: fastText models, each a file, and transformers, each a folder."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filters.classifier_score import ClassifierScore
from filters.label_score import LabelScore

AnyScore = LabelScore | ClassifierScore


def is_transformer(settings: Any) -> bool:
    """Whether the settings of one of ``quality.models`` name a folder."""
    return isinstance(settings, Mapping) and isinstance(settings.get("path"), str) and Path(settings["path"]).is_dir()


def score_of_recipe(name: str, settings: Any) -> AnyScore:
    """The score that ``quality.models.<name>`` describes. Raises ``ValueError`` for what isn't a setting of one."""
    where = f"models.{name}"
    if not isinstance(settings, Mapping):
        raise ValueError(f"{where} is {settings!r}; it must say path and label of a model.")
    kind = ClassifierScore if is_transformer(settings) else LabelScore
    known = [key for key in inspect.signature(kind).parameters if key != "name"]
    for key in settings:
        if key not in known:
            raise ValueError(f"{where} has no setting {key!r}; it knows {', '.join(known)}.")
    needed = ("path",) if kind is ClassifierScore else ("path", "label")
    for key in needed:
        if not isinstance(settings.get(key), str):
            raise ValueError(f"{where} doesn't say its {key}; name path and label of a model.")
    try:
        return kind(name, **settings)
    except (ValueError, ModuleNotFoundError) as error:
        raise ValueError(f"{where}: {error}") from error


def transformers_of(settings: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Of a recipe's settings of ``quality``, the models that are transformers."""
    models = (settings or {}).get("models") or {}
    return {name: dict(model) for name, model in models.items() if is_transformer(model)}
