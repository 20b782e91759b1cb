"""Both sides get the same files, English alone, and are charged for what they start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.mill_beside_datatrove import (
    MEND_DATATROVE,
    OURS,
    THEIRS,
    WHOLE,
    commands,
    cpu_seconds_of,
    what_datatrove_lacks,
)

WORK = "n = sum(range(3_000_000))"


def test_what_a_command_starts_counts_too() -> None:
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}], check=True)"
    assert cpu_seconds_of([sys.executable, "-c", nested]) > 0.03
    with pytest.raises(subprocess.CalledProcessError):
        cpu_seconds_of([sys.executable, "-c", "raise SystemExit(1)"])


def test_all_runs_read_the_same_files_and_one_of_ours_keeps_english_alone() -> None:
    found = commands("python-with-datatrove", ["a.warc.gz", "b.warc.gz"], Path("out"))
    assert all("a.warc.gz" in command and "b.warc.gz" in command for command in found.values())
    assert "identify.languages=[en]" in found[OURS] and "identify.languages=[en]" not in found[WHOLE]
    assert found[THEIRS][0] == "python-with-datatrove"
    assert len({str(part) for command in found.values() for part in command if part.startswith("out")}) == 3


def test_what_datatrove_lacks_is_said_in_a_sentence_before_anything_starts(tmp_path: Path) -> None:
    assert what_datatrove_lacks(sys.executable, ["json", "math"]) == ""
    said = what_datatrove_lacks(sys.executable, ["json", "no_such_package"])
    assert "can't import no_such_package (ModuleNotFoundError" in said
    assert said.endswith(MEND_DATATROVE)
    assert "can't be started" in what_datatrove_lacks(str(tmp_path / "python"))
    assert "no Python that works" in what_datatrove_lacks("/bin/false")
