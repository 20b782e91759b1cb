"""The wheel of this tree, built once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Not build/: setuptools would put what lies there from an earlier build into the wheel.
UNWANTED = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "*.egg-info", "tests", "bench", "docs", "demo", "out"
)


@pytest.fixture(scope="session")
def gristmill_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the setuptools that is installed, so that no network is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "tree", ignore=UNWANTED)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*command, str(folder / "tree")], capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel
