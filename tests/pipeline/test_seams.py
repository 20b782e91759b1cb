"""Stretches that don't fit together are read again from the right place, and only those."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from pipeline.commit import Receipt
from pipeline.input_units import InputListing, InputUnit, Stretch
from pipeline.listing import Manifest, write_listing
from pipeline.seams import CORRECTED, corrected
from pipeline.sources.stretches import Seam

CUTS = [(0, 10), (10, 20), (20, 30), (30, None)]
UNITS = [InputUnit(number, (Stretch(0, "a", "a", None, *ends),)) for number, ends in enumerate(CUTS)]


def _receipts(seams: list[Seam]) -> list[Receipt]:
    return [
        Receipt(f"unit-{n:06d}", n, [], {"records": 1, "read": [(0, 0, "x", seam)]}) for n, seam in enumerate(seams)
    ]


def _corrected(run_dir: str, seams: list[Seam], answers: dict[Stretch, Seam]) -> tuple[Manifest, list[Stretch]]:
    """What comes of stretches that were read so, where a second reading gives these answers."""
    InputListing(run_dir).write(UNITS)
    again: list[Stretch] = []

    def read_again(job: str, units: int) -> Manifest:
        (unit,) = InputListing(run_dir, job).block(0)
        again.extend(unit.stretches)
        return write_listing(run_dir, job, _receipts([answers[unit.stretches[0]]]))

    return corrected(run_dir, write_listing(run_dir, "extract", _receipts(seams)), read_again), again


def test_stretches_that_fit_are_left_alone(tmp_path) -> None:
    found, again = _corrected(str(tmp_path), [Seam(0, 12), Seam(12, 20), Seam(20, 33), Seam(33, None)], {})
    assert (found.phase, again) == ("extract", [])


def test_a_stretch_that_began_too_early_is_read_again(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    answer = {Stretch(0, "a", "a", None, 15, 20, exact=True): Seam(15, 20)}
    seams = [Seam(0, 15), Seam(12, 20), Seam(20, 33), Seam(33, None)]
    found, again = _corrected(str(tmp_path), seams, answer)
    assert found.phase == CORRECTED and again == list(answer)
    assert "1 stretches of the crawl began within a record of the one before them; they are read again" in caplog.text
    assert [receipt.unit for receipt in found.receipts()] == [f"unit-00000{n}" for n in range(4)]
    assert Seam(*found.receipt(1).counts["read"][0][3]) == Seam(15, 20) and found.total("records") == 4
    assert corrected(str(tmp_path), found, lambda job, units: pytest.fail("is known")) == found


def test_a_record_over_several_stretches_leaves_nothing_to_them(tmp_path) -> None:
    empty = [replace(UNITS[n].stretches[0], end=UNITS[n].stretches[0].start, exact=True) for n in (1, 2)]
    answers = dict.fromkeys(empty, Seam(None, None))
    seams = [Seam(0, 35), Seam(12, 22), Seam(22, 35), Seam(35, None)]
    found, again = _corrected(str(tmp_path), seams, answers)
    assert found.phase == CORRECTED and again == empty


def test_files_without_a_place_to_cut_are_counted(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        _corrected(str(tmp_path), [Seam(0, None), *[Seam(None, None)] * 3], {})
    assert "1 files have no place to be cut at" in caplog.text


def test_a_long_record_is_no_file_without_a_place_to_cut(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found, again = _corrected(str(tmp_path), [Seam(0, 12), Seam(12, None), *[Seam(None, None)] * 2], {})
    assert (found.phase, again) == ("extract", []) and "no place to be cut" not in caplog.text
