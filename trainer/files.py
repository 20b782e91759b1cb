"""Small files that are whole at any moment, whatever is killed when, and figures as JSON can keep them."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError


def finite(value: Any) -> Any:
    """``value`` with ``None`` for each number in it that is none, or infinite: JSON has no word for these."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def check_output_file(path: str | Path, *inputs: str | Path) -> Path:
    """``path`` for a file that will be written. Raises :class:`TrainerError`, before work begins, where it is a directory or
    one of ``inputs``, which writing would destroy, or where a directory above it is a file."""
    path = Path(path)
    if path.is_dir():
        raise TrainerError(f"{path} is a directory. Name a file to write.")
    if any(path.exists() and Path(read).exists() and path.samefile(read) for read in inputs):
        raise TrainerError(f"{path} is read, and writing would replace it. Name another file to write.")
    check_output_directory(path.parent)
    return path


def check_output_directory(path: str | Path) -> Path:
    """``path`` for a directory that will be written. Raises :class:`TrainerError` where it, or one above it, is a file."""
    path = Path(path)
    there = next((part for part in (path, *path.parents) if part.exists()), None)
    if there and not there.is_dir():
        raise TrainerError(f"{there} is a file, and a directory is to be written there. Name another place.")
    return path


def replace_file(path: Path, text: str) -> None:
    """Writes ``text`` beside ``path``, flushed to disk, and renames it: a reader finds the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
