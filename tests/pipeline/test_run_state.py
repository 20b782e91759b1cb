"""Parts of a run: their order, the tables that phases have added, and which documents are still there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline import tables
from pipeline.commit import Attempt, write_manifest
from pipeline.run_state import InputFile, Part, RunState, pointers
from recipes import load


def texts(count: int) -> list[dict]:
    return [{"id": f"{number:032x}", "text": f"text {number}"} for number in range(count)]


def verdicts(*gone: int, rows: int) -> list[dict]:
    return [{"stage": "urls", "reason": "older"} if row in gone else {} for row in range(rows)]


@pytest.fixture
def state(tmp_path: Path) -> RunState:
    """Two input files with two parts and one; the middle one lost documents to two phases."""
    found = RunState(str(tmp_path / "run"), load("llama3"), ())
    # Units and parts come in another order than their names'.
    for unit, sizes in (("file-000001", {0: 2}), ("file-000000", {1: 600, 0: 3})):
        attempt = Attempt(found.dir, "extract", unit)
        for part, rows in sizes.items():
            attempt.write_table("features", tables.table(tables.FEATURES, texts(rows)), part)
            attempt.write_table("text", tables.table(tables.TEXT, texts(rows)), part)
        attempt.finish()
    found.manifests["extract"] = write_manifest(found.dir, "extract", ["file-000000", "file-000001"])
    for phase, gone in (("domains", (1, 599)), ("urls", (1, 2))):
        attempt = Attempt(found.dir, phase, "part-000001")
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdicts(*gone, rows=600)))
        attempt.finish()
        Attempt(found.dir, phase, "table").finish()
        found.manifests[phase] = write_manifest(found.dir, phase, ["part-000001", "table"])
    return found


def test_parts_are_numbered_by_input_file_and_place(state: RunState) -> None:
    assert [(part.index, part.rows, part.unit) for part in state.parts()] == [
        (0, 3, "part-000000"),
        (1, 600, "part-000001"),
        (2, 2, "part-000002"),
    ]
    for part in state.parts():
        assert part.read("extract", "text", ["id"]).num_rows == part.read("extract", "features").num_rows == part.rows


def test_a_part_has_the_tables_that_phases_have_added_to_it(state: RunState) -> None:
    extracted = {("extract", "text"), ("extract", "features")}
    added = {("domains", "verdicts"), ("urls", "verdicts")}
    assert [set(part.tables) for part in state.parts()] == [extracted, extracted | added, extracted]


def test_a_document_is_there_until_some_phase_rejects_it(state: RunState) -> None:
    first, middle, _ = state.parts()
    assert first.alive().tolist() == [True] * 3
    assert np.flatnonzero(~middle.alive()).tolist() == [1, 2, 599]
    assert middle.alive([1]).tolist() == [True] * 87 + [False]
    assert len(middle.verdict_tables()) == 2


def test_pointers_name_part_and_row() -> None:
    found = pointers(Part(5, 10), np.array([0, 7], np.uint32))
    assert found.dtype == np.int64 and found.tolist() == [5 << 32, 5 << 32 | 7]
    assert pointers(Part(0, 2**32), np.array([2**32 - 1])).tolist() == [2**32 - 1]


def test_an_input_file_is_named_by_its_index() -> None:
    assert InputFile(12, "/crawl/a.warc.gz", "a.warc.gz", None).unit == "file-000012"
