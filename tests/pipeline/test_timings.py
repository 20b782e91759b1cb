"""What phases took: times where they ran here, sizes of all, and what workers spent by stage."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("beside", [False, True])
def test_a_phase_has_its_seconds_of_clock_and_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: bool
) -> None:
    now = [datetime(2024, 5, 1, 23, 59, 58, tzinfo=UTC), 100.0]

    class Clock:
        @staticmethod
        def now(zone: timezone) -> datetime:
            return now[0].astimezone(zone)

    monkeypatch.setattr(timings, "datetime", Clock)
    monkeypatch.setattr(timings, "cpu_seconds", lambda: now[1])
    run = extracted(tmp_path, [{"id": "a" * 32, "text": "x"}])
    with timings.timed(run.dir, "extract", beside):
        now[:] = now[0] + timedelta(seconds=3.14159), 107.65432
    (said,) = timings.describe(run)["phases"]
    times = {name: said.get(name) for name in ("begin", "end", "seconds", "cpu_seconds", "beside")}
    assert times == {
        "begin": "2024-05-01T23:59:58+00:00", "end": "2024-05-02T00:00:01+00:00", "seconds": 3.142,
        "cpu_seconds": 7.654, "beside": beside or None,
    }  # fmt: skip


def test_times_add_up_of_phases_that_ran_here_and_not_beside_others() -> None:
    phases: list[dict[str, Any]] = [
        {"phase": "extract", "seconds": 3.0},
        {"phase": "domains"},
        {"phase": "duplicates", "seconds": 9.0, "beside": True},
        {"phase": "judge", "seconds": 0.0},
    ]
    assert [phase["phase"] for phase in timings.one_by_one(phases)] == ["extract", "judge"]


@pytest.mark.skipif(sys.platform != "linux", reason="there the system says it elsewhere too")
def test_the_driver_s_peak_is_in_mebibytes(tmp_path: Path) -> None:
    said = timings.describe(extracted(tmp_path, []))["driver_peak_mib"]
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    assert said == pytest.approx(int(line.split()[1]) / 1024, rel=0.2)
