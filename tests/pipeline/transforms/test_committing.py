"""Receipts are handed in soon at first, then about once a minute, and whatever the engine does all of them are listed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import apache_beam as beam
import pytest

from pipeline import storage
from pipeline.commit import Receipt, handed_in, read_receipts, receipts_folder
from pipeline.listing import write_manifest
from pipeline.transforms import committing
from tests.pipeline.parts import beam_job


class Clock:
    """A clock that a worker's units move on; receipts are written at the times in ``written``."""

    def __init__(self) -> None:
        self.now = 0.0
        self.written: list[float] = []

    def work(self, unit: int, seconds: float) -> Receipt:
        self.now += seconds
        return Receipt(f"unit-{unit}", unit, [], {"n": unit})


CLOCK = Clock()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    CLOCK.__init__()  # type: ignore[misc]
    monkeypatch.setattr(committing, "time", SimpleNamespace(monotonic=lambda: CLOCK.now))
    write = committing.write_receipts

    def noted(run_dir: str, phase: str, receipts: list[Receipt]) -> None:
        CLOCK.written.append(CLOCK.now)
        write(run_dir, phase, receipts)

    monkeypatch.setattr(committing, "write_receipts", noted)
    return CLOCK


def commit(folder: Path, seconds: float, count: int) -> None:
    """A job of one worker and one bundle, whose units take so long each."""
    with beam_job() as job:
        receipts = job | beam.Create([seconds]) | beam.FlatMap(worked, count)
        committing.commit(receipts, str(folder), "some", count)


def worked(seconds: float, count: int) -> Iterator[Receipt]:
    """One after the other, as a worker does them."""
    for unit in range(count):
        yield CLOCK.work(unit, seconds)


def test_a_short_job_hands_in_at_its_end_alone(tmp_path: Path, clock: Clock) -> None:
    commit(tmp_path, 0.1, 4)
    assert clock.written == [pytest.approx(0.4)]
    (path,) = storage.list_files(receipts_folder(str(tmp_path), "some"))
    assert [receipt.counts["n"] for receipt in read_receipts(str(tmp_path), path)] == [0, 1, 2, 3]


def test_what_a_killed_worker_loses_grows_from_half_a_second_to_a_minute(tmp_path: Path, clock: Clock) -> None:
    commit(tmp_path, 0.5, 1000)
    gaps = [later - earlier for earlier, later in pairwise([0.0, *clock.written])]
    assert gaps[:8] == [0.5, 1, 2, 4, 8, 16, 32, 60] and set(gaps[8:-1]) == {60}
    folder = receipts_folder(str(tmp_path), "some")
    assert handed_in(storage.list_files(folder)) == 1000, "each once"


def test_a_unit_that_takes_longer_is_handed_in_when_it_is_done(tmp_path: Path, clock: Clock) -> None:
    commit(tmp_path, 600, 3)
    assert clock.written == [600, 1200, 1800]
    manifest = write_manifest(str(tmp_path), "some", 3)
    assert manifest is not None and manifest.total("n") == 3
