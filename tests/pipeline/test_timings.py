"""What phases took: times where they ran here, sizes of all, and what workers spent by stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import retries, timings
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.run_state import PARTS
from tests.pipeline.parts import extracted


def test_sizes_of_all_phases_and_times_of_those_that_ran(tmp_path: Path) -> None:
    run = extracted(tmp_path, [{"id": "a" * 32, "text": "x"}])
    attempt = Attempt(run.dir, "judge", "part-000000", 0)
    attempt.write_bytes("scores", b"12345", 7, "bin")
    receipts = [attempt.finish({"milliseconds": {"quality": 1500, "heuristics": 250}, "retries": {"busy": 2}})]
    run.manifests["judge"] = write_listing(run.dir, "judge", receipts)
    with timings.timed(run.dir, "judge"):
        pass
    with pytest.raises(OSError, match="gone"), timings.timed(run.dir, "extract"):
        raise OSError("gone")
    retries.RETRIES.clear()
    retries.RETRIES.update({"busy": 1, "broken off": 4})  # of the driver's own requests
    said = timings.describe(run)
    first, second = said["phases"]
    assert first["phase"] == "extract" and "seconds" not in first and first["rows"]["text"] == 1
    assert (
        second["phase"] == "judge"
        and 0 <= second["seconds"] < 60
        and 0 <= second["cpu_seconds"] < 60
        and second["begin"] <= second["end"]
    )
    assert (second["units"], second["rows"], second["bytes"]) == (1, {"scores": 7}, 5)
    assert said["stages"] == {"quality": 1.5, "heuristics": 0.25} and PARTS not in str(said["phases"])
    assert said["retries"] == {"broken off": 4, "busy": 3} and not retries.RETRIES
    assert said["driver_peak_mib"] > 10 and said["command"] and said["host"]
