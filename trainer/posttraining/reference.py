"""What the model that DPO starts from thinks of all responses: computed once, kept beside the run.

    RUN/reference/<hash>.npy      (rows, G, 2) fp32, the sums of the log-probabilities of chosen and rejected

The name is a hash of all that the numbers follow from: weights, tokenizer, rows, and which tokens count. No second
model is held in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from trainer.errors import TrainerError

FOLDER = "reference"


def key(**causes: Any) -> str:
    """The name for numbers that follow from ``causes``."""
    return hashlib.sha256(json.dumps(causes, sort_keys=True).encode()).hexdigest()


def write(run_dir: Path, name: str, sums: np.ndarray) -> None:
    """Keeps ``sums`` under ``name``; written beside it and renamed. Raises :class:`TrainerError` on a full disk."""
    folder = run_dir / FOLDER
    beside = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            np.save(file, sums)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / f"{name}.npy")
    except OSError as error:
        raise TrainerError(f"{folder} cannot be written ({error}). Make room there, and start again.") from None
    finally:
        beside.unlink(missing_ok=True)


def read(run_dir: Path, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """The numbers under ``name``; ``None`` where there are none. Raises :class:`TrainerError` for a damaged file."""
    path = run_dir / FOLDER / f"{name}.npy"
    if not path.is_file():
        return None
    try:
        found = np.load(path, allow_pickle=False)
        if found.shape != shape or found.dtype != np.float32:
            raise ValueError(f"it is {found.dtype} of {found.shape}, not float32 of {shape}")
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path} cannot be used ({error}). Remove the run and start it again.") from None
    return found


def check(sums: np.ndarray, taken: np.ndarray) -> None:
    """Raises :class:`TrainerError` where an entry that is ``taken`` has no number."""
    if missing := int(np.count_nonzero(~np.isfinite(sums[taken]))):
        raise TrainerError(
            f"{missing:,} of {int(taken.sum()):,} responses have no log-probability under the reference. Its weights are "
            "damaged, or so unlikely a response is no text of this tokenizer."
        )
