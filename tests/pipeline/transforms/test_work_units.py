"""A unit goes in, its files and receipt come out."""

from __future__ import annotations

from typing import NamedTuple

import apache_beam as beam
import pyarrow as pa
import pytest

from pipeline.commit import Attempt, receipts
from pipeline.run_state import RunState
from pipeline.transforms.work_units import UnitDoFn, part_units, units_collection
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted


class _Unit(NamedTuple):
    unit: str


class _Write(UnitDoFn):
    def work(self, unit: _Unit, attempt: Attempt) -> dict:
        attempt.write_table("numbers", pa.table({"n": [1, 2]}))
        if unit.unit == "broken":
            raise RuntimeError("half-way")
        return {"length": len(unit.unit)}


def test_every_unit_hands_in_what_it_wrote(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"), ())
    with beam_job() as job:
        _ = units_collection(job, [_Unit("one"), _Unit("three")]) | beam.ParDo(_Write(run, "some"))
    found = receipts(run.dir, "some")
    assert {unit: receipt.counts for unit, receipt in found.items()} == {"one": {"length": 3}, "three": {"length": 5}}
    assert all((tmp_path / receipt.file("numbers").path).exists() for receipt in found.values())


def test_a_unit_that_breaks_hands_nothing_in(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"), ())
    with pytest.raises(RuntimeError, match="half-way"):
        list(_Write(run, "some").process(_Unit("broken")))
    assert receipts(run.dir, "some") == {}


def test_parts_are_units_in_the_order_of_their_indices(tmp_path) -> None:
    run = extracted(tmp_path, [{"id": document_id("a")}], [], [{"id": document_id("b")}])
    assert part_units(run) == ["part-000000", "part-000001", "part-000002"]
    assert [part.rows for part in run.parts()] == [1, 0, 1]
