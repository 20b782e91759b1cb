"""Where a command is to write: refused before it works where that cannot be."""

from __future__ import annotations

from pathlib import Path

from trainer.errors import TrainerError


def check_output_file(path: str | Path, *inputs: str | Path) -> Path:
    """``path`` for a file that will be written. Raises :class:`TrainerError`, before work begins, where it is a
    directory or one of ``inputs``, which writing would destroy, or where a directory above it is a file."""
    path = Path(path)
    if path.is_dir():
        raise TrainerError(f"{path} is a directory. Name a file to write.")
    if any(path.exists() and Path(read).exists() and path.samefile(read) for read in inputs):
        raise TrainerError(f"{path} is read, and writing would replace it. Name another file to write.")
    check_output_directory(path.parent)
    return path


def check_output_directory(path: str | Path) -> Path:
    """``path`` for a directory that will be written. Raises :class:`TrainerError` where it, or one above it, is a
    file."""
    path = Path(path)
    there = next((part for part in (path, *path.parents) if part.exists()), None)
    if there and not there.is_dir():
        raise TrainerError(f"{there} is a file, and a directory is to be written there. Name another place.")
    return path
