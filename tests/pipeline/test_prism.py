"""The sample crawl on Prism, Beam's runner in Go: the bytes of the local runner. Skipped where it isn't installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.driver import run
from tests.pipeline.runs import output_hashes

PRISM = os.environ.get("PRISM") or shutil.which("prism")


@pytest.mark.skipif(PRISM is None, reason="no program prism (docker/README.md says how to install it)")
def test_prism_writes_the_bytes_that_the_local_runner_writes(
    undisturbed: Path, files: list[str], recipe: Any, tmp_path: Path
) -> None:
    run(recipe, files, str(tmp_path / "run"), runner_flags=["--runner=PrismRunner", f"--prism_location={PRISM}"])
    assert output_hashes(tmp_path / "run") == output_hashes(undisturbed)
