"""Where real crawl data lies, for tests that use it where it is and are skipped where it isn't."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def data_folder(name: str) -> Path:
    """The folder ``name`` of the unpacked development data. Skips the test where it is absent."""
    root = Path(os.environ.get("GRISTMILL_DATA", "~/.cache/gristmill-data")).expanduser()
    if not (root / name).is_dir():
        pytest.skip(f"no development data at {root / name}; set GRISTMILL_DATA to where it was unpacked")
    return root / name
