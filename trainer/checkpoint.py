"""Checkpoints that are whole or absent, and the last few of them.

    RUN/checkpoints/step-00000500/state.pt     weights, optimizer, data cursor, counters
    RUN/checkpoints/tmp-4f1c…/                 being written, or being removed

A checkpoint is written under a name that nobody reads, flushed to disk, and renamed: on a local disk that is one
atomic act. A kill at any moment leaves the checkpoints that were there, and perhaps a ``tmp-`` that the next save
clears away.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import torch

from trainer.errors import TrainerError

FOLDER, STATE = "checkpoints", "state.pt"


def save(run_dir: Path, step: int, state: dict[str, Any], keep: int) -> Path:
    """Writes ``state`` as the checkpoint of ``step`` and removes all but the ``keep`` latest. Returns its directory.

    ``state`` may hold tensors, numbers, strings, and lists and dictionaries of them: what torch loads without
    running code from the file.
    """
    folder = run_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("tmp-*"):
        shutil.rmtree(leftover)
    final = folder / f"step-{step:08d}"
    if not final.exists():
        temporary = folder / f"tmp-{uuid.uuid4().hex}"
        temporary.mkdir()
        with (temporary / STATE).open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(final)
        _flush(folder)
    for old in steps(run_dir)[:-keep]:
        # Renamed first: a half-removed directory must not pass for a checkpoint.
        doomed = folder / f"tmp-{uuid.uuid4().hex}"
        old.rename(doomed)
        shutil.rmtree(doomed)
    return final


def steps(run_dir: Path) -> list[Path]:
    """The directories of the checkpoints there are, the earliest first."""
    return sorted((run_dir / FOLDER).glob("step-*"))


def load_latest(run_dir: Path) -> dict[str, Any] | None:
    """The state of the latest checkpoint, on the CPU, or ``None`` where there is none."""
    found = steps(run_dir)
    if not found:
        return None
    try:
        return torch.load(found[-1] / STATE, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises what its zip reader, its unpickler and the disk raise
        raise TrainerError(
            f"{found[-1]} cannot be read ({str(error).splitlines()[0]}). Remove it, and the run goes on from the "
            "checkpoint before."
        ) from None


def _flush(folder: Path) -> None:
    # Without it a power cut may forget the rename.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
