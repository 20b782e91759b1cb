"""A unit goes in, its files and receipt come out, and what a killed run has handed in isn't done again."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability import common_urns

from pipeline import listing, storage
from pipeline.commit import Attempt, receipts_folder, write_receipts
from pipeline.listing import Manifest, read_manifest, write_manifest
from pipeline.run_state import RunState
from pipeline.transforms import work_units
from pipeline.transforms.work_units import UnitDoFn, part_units, range_units, work_on
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted


class _Unit(NamedTuple):
    number: int
    of: int

    @property
    def unit(self) -> str:
        return f"unit-{self.number}"


class _Write(UnitDoFn):
    def work(self, unit: _Unit, attempt: Attempt) -> dict:
        attempt.write_table("numbers", pa.table({"n": [1, 2]}))
        if unit.number == 99:
            raise RuntimeError("half-way")
        return {"numbers": unit.number}


def _work(run: RunState, count: int, block_units: int = 4096) -> Manifest:
    with beam_job() as job:
        work_on(job, range_units(_Unit, count), _Write(run, "some"), block_units)
    manifest = write_manifest(run.dir, "some", count)
    assert manifest is not None
    return manifest


@pytest.mark.parametrize("block_units", [2, 3, 4096])
def test_every_unit_hands_in_what_it_wrote(tmp_path, block_units, monkeypatch) -> None:
    for module in (listing, work_units):
        monkeypatch.setattr(module, "BLOCK_UNITS", block_units)
    manifest = _work(RunState(str(tmp_path), load("llama3")), 5, block_units)
    assert [(receipt.unit, receipt.number) for receipt in manifest.receipts()] == [(f"unit-{n}", n) for n in range(5)]
    assert manifest.total("numbers") == 10 and manifest.rows("numbers") == 10
    assert all(storage.size(path) for path in manifest.paths("numbers"))
    assert len(storage.list_files(receipts_folder(str(tmp_path), "some"))) == 1  # handed in together


@pytest.mark.parametrize("block_units", [1, 2, 3])
def test_units_with_many_files_are_listed_in_smaller_blocks(tmp_path, block_units: int) -> None:
    run = RunState(str(tmp_path), load("llama3"))
    write_receipts(run.dir, "some", [next(iter(_Write(run, "some").process(_Unit(3, 5))))])
    for manifest in (_work(run, 5, block_units), read_manifest(run.dir, "some")):
        assert manifest is not None and manifest.blocks() == -(-5 // block_units) and manifest.units == 5
        assert [receipt.number for receipt in manifest.receipts()] == list(range(5))
        assert [manifest.receipt(number).unit for number in range(5)] == [f"unit-{number}" for number in range(5)]
        assert [len(manifest.block(number)) for number in range(2)] == [block_units, min(block_units, 5 - block_units)]


def test_units_that_were_handed_in_are_not_done_again(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"))
    done = [next(iter(_Write(run, "some").process(_Unit(number, 5)))) for number in (3, 1)]
    write_receipts(run.dir, "some", done)
    broken = next(iter(_Write(run, "some").process(_Unit(0, 5))))
    write_receipts(run.dir, "some", [broken])
    storage.remove_files([storage.join(run.dir, broken.files[0].path)])
    found = list(_work(run, 5).receipts())
    assert [found[1], found[3]] == [done[1], done[0]] and found[0] != broken
    assert [receipt.number for receipt in found] == list(range(5))


@pytest.mark.parametrize(("count", "reshuffles", "groupings"), [(1, 0, 1), (2, 1, 2), (4096, 1, 2), (4097, 2, 4)])
def test_only_what_is_many_is_spread_over_workers(tmp_path, count: int, reshuffles: int, groupings: int) -> None:
    job = beam.Pipeline(options=PipelineOptions([]))
    work_on(job, range_units(_Unit, count), _Write(RunState(str(tmp_path), load("llama3")), "some"))
    found = Counter(each.spec.urn for each in job.to_runner_api().components.transforms.values())
    assert found[common_urns.composites.RESHUFFLE.urn] == reshuffles
    assert found[common_urns.primitives.GROUP_BY_KEY.urn] == groupings


def test_a_unit_that_breaks_hands_nothing_in(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"))
    with pytest.raises(RuntimeError, match="half-way"):
        list(_Write(run, "some").process(_Unit(99, 100)))
    assert write_manifest(run.dir, "some", 100) is None


def test_parts_are_units_in_the_order_of_their_indices(tmp_path) -> None:
    run = extracted(tmp_path, [{"id": document_id("a")}], [], [{"id": document_id("b")}])
    units = part_units(run)
    assert units.count == 3 and [part.unit for part in units.block(0)] == [f"part-00000{n}" for n in range(3)]
    assert [part.rows for part in run.parts()] == [1, 0, 1]
