"""What workers write down about how far they are, and what the driver makes of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import progress
from pipeline.progress import PhaseProgress, Work, WorkerProgress, WorkOfAll


def written(folder: Path) -> list[Path]:
    return sorted(folder.glob("work/extract/progress/*.json"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that tests move."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_workers_add_up_and_a_unit_that_is_done_counts_by_its_receipt(tmp_path: Path, clock: list[float]) -> None:
    one, other = (WorkerProgress(str(tmp_path), "extract") for _ in range(2))
    every = WorkOfAll(str(tmp_path), "extract")
    assert every.read().records == 0 and every.read().memory > 10 << 20
    one.add(0.25, 16, 10, 5_000, ["extract/too_short", "read/empty"])
    assert written(tmp_path) == []  # too soon
    clock[0] += 1
    one.add(0.5, 16, 12, 5_000, ["extract/too_short"])
    other.add(0.25, 8, 8, 1_000)
    clock[0] += 1
    other.add(0.25)
    found = every.read()
    assert (found.records, found.kept, found.bytes, found.share) == (40, 30, 11_000, 0.75)
    assert found.rejected == {"extract/too_short": 2, "read/empty": 1}
    one.unit_done()
    assert every.read().share == 0.25 and every.read().records == 40


def test_writing_becomes_rare(tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[float] = []
    worker = WorkerProgress(str(tmp_path), "extract")
    monkeypatch.setattr(progress.storage, "write_bytes", lambda path, data: times.append(clock[0]))
    for _ in range(1000):
        clock[0] += 0.1
        worker.add(0.5, 1)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) < 15 and times[0] < 1001 and max(gaps) < 10.2 < gaps[-1] + 0.3


def test_a_file_that_is_being_written_counts_as_it_was_before(tmp_path: Path) -> None:
    worker, every = WorkerProgress(str(tmp_path), "extract"), WorkOfAll(str(tmp_path), "extract")
    worker.add(0.5, 16)
    worker.write()
    assert every.read().records == 16
    written(tmp_path)[0].write_text('{"records": 3')
    assert every.read().records == 16


def test_a_disk_that_is_full_does_not_cost_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: str, data: bytes) -> None:
        raise OSError("no space")

    worker = WorkerProgress(str(tmp_path), "extract")
    monkeypatch.setattr(progress.storage, "write_bytes", fail)
    worker.write()
    assert "can't be written down just now: no space" in caplog.text


def test_what_was_written_down_is_cleared(tmp_path: Path) -> None:
    WorkerProgress(str(tmp_path), "extract").write()
    progress.clear(str(tmp_path), "extract")
    assert written(tmp_path) == [] and WorkOfAll(str(tmp_path), "extract").read().records == 0


@pytest.mark.parametrize(("done", "within", "share"), [(0, 0.5, 0.125), (3, 2.0, 1.0), (4, 0.0, 1.0), (2, 0.0, 0.5)])
def test_the_share_of_a_phase_counts_units_at_work(done: int, within: float, share: float) -> None:
    assert PhaseProgress("extract", 1, 9, done, 4, Work(share=within)).share == share
    assert PhaseProgress("extract", 1, 9, 0, 0).share == 1.0
