"""Small files that are whole at any moment, whatever is killed when, and figures as JSON can keep them."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any


def finite(value: Any) -> Any:
    """``value`` with ``None`` for each number in it that is none, or infinite: JSON has no word for these."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
