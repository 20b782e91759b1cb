"""Stages that are done or never happened: a stage is a directory, and its manifest says that it is done.

    DIR/manifest.json    settings, sha256 of inputs and outputs, counts; written last
    DIR/begun.json       settings and inputs of the session that began, until there is a manifest

A stage that has begun and has no manifest is done again, in the same directory: what resumes by itself (sampling,
training) goes on there, anything else is overwritten. Where its settings or inputs are others than those it began with,
what lies there is removed first. Manifests hold no clocks and no paths outside: equal stages have equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.files import replace_file

MANIFEST, BEGUN = "manifest.json", "begun.json"


@dataclass(frozen=True)
class Outcome:
    """What a stage leaves behind."""

    files: Sequence[str] = ()
    """Names below its directory."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Of each run below its directory, the hash of its weights: checkpoints hold clocks as well."""
    counts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    stage: str
    settings: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, str]
    counts: dict[str, Any]


def run_stage(
    directory: Path, settings: Mapping[str, Any], inputs: Mapping[str, str], work: Callable[[Path], Outcome]
) -> Manifest:
    """The manifest of the stage ``directory``, done by ``work`` unless it is done already. ``inputs`` are hashes by
    name.

    Raises :class:`TrainerError` where it was done with other settings or inputs, or a file of it has changed since.
    """
    stage = "/".join(directory.parts[-2:])
    wanted = json.loads(json.dumps({"settings": dict(settings), "inputs": dict(inputs)}))
    path, begun = directory / MANIFEST, directory / BEGUN
    if path.exists():
        manifest = read_manifest(directory)
        _compare(stage, directory, {"settings": manifest.settings, "inputs": manifest.inputs}, wanted)
        _check_files(directory, manifest)
        begun.unlink(missing_ok=True)  # of a session that was killed in between
        return manifest
    if begun.exists() and json.loads(begun.read_text("utf-8")) != wanted:
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    if not begun.exists():
        replace_file(begun, json.dumps(wanted, indent=1) + "\n")
    try:
        outcome = work(directory)
        outputs = {name: file_sha256(directory / name) for name in outcome.files} | dict(outcome.models)
        manifest = Manifest(stage, wanted["settings"], wanted["inputs"], outputs, dict(outcome.counts))
        replace_file(path, json.dumps(asdict(manifest), indent=1) + "\n")
    except OSError as error:
        raise TrainerError(
            f"The stage {stage} cannot be done ({error}). Where {directory} has no room, make some; the same command "
            "goes on."
        ) from None
    begun.unlink(missing_ok=True)
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a stage that is done. Raises :class:`TrainerError` where it cannot be read."""
    path = directory / MANIFEST
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise TrainerError(f"{path} cannot be read ({error}). {_again(directory)}") from None


def file_sha256(path: Path) -> str:
    """Of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_files(directory: Path, manifest: Manifest) -> None:
    for name, found in manifest.outputs.items():
        path = directory / name
        if path.is_dir():
            continue  # a run: its checkpoint has hashes of its own, and whoever loads it compares the weights
        if not path.is_file() or file_sha256(path) != found:
            raise TrainerError(
                f"{path} is {'not' if path.exists() else 'gone, and was'} what the stage wrote, by its manifest. Put "
                f"it back. {_again(directory)}"
            )


def _compare(stage: str, directory: Path, there: Any, wanted: Any) -> None:
    if difference := _first_difference(there, wanted, ""):
        name, before, now = difference
        raise TrainerError(
            f"{stage} was done with {name} = {json.dumps(before)}; now it is {json.dumps(now)}. Go on as before, or "
            f"name a new --output. {_again(directory)}"
        )


def _first_difference(there: Any, wanted: Any, name: str) -> tuple[str, Any, Any] | None:
    if not isinstance(there, dict) or not isinstance(wanted, dict):
        return None if there == wanted else (name, there, wanted)
    for key in sorted({**there, **wanted}):
        inner = f"{name}.{key}" if name else key
        if found := _first_difference(there.get(key), wanted.get(key), inner):
            return found
    return None


def _again(directory: Path) -> str:
    return f"To do the stage again, remove {directory} and all stages that come after it."
