"""Parts of a run: their order, the tables that phases have added, and which documents are still there."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from pipeline import listing, run_state, tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import write_listing
from pipeline.run_state import PARTS, Part, RunState, number_parts, parts_of_run, pointers
from recipes import load


def texts(count: int) -> list[dict]:
    return [{"id": f"{number:032x}", "text": f"text {number}"} for number in range(count)]


def verdicts(*gone: int, rows: int) -> list[dict]:
    return [{"stage": "urls", "reason": "older"} if row in gone else {} for row in range(rows)]


@pytest.fixture
def state(tmp_path: Path) -> RunState:
    """Two units with two parts and one; the middle part lost documents to two phases."""
    found = RunState(str(tmp_path / "run"), load("llama3"))
    receipts = []
    for number, sizes in enumerate(({1: 600, 0: 3}, {0: 2})):
        attempt = Attempt(found.dir, "extract", f"unit-{number:06d}", number)
        for part, rows in sizes.items():
            attempt.write_table("features", tables.table(tables.FEATURES, texts(rows)), part)
            attempt.write_table("text", tables.table(tables.TEXT, texts(rows)), part)
        receipts.append(attempt.finish())
    found.manifests["extract"] = write_listing(found.dir, "extract", receipts)
    found.manifests[PARTS] = number_parts(found.dir, found.manifests["extract"])
    for phase, gone in (("domains", (1, 599)), ("urls", (1, 2))):
        attempt = Attempt(found.dir, phase, "part-000001", 1)
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdicts(*gone, rows=600)))
        others = [Receipt("part-000000", 0), attempt.finish(), Receipt("part-000002", 2), Receipt("table", 3)]
        found.manifests[phase] = write_listing(found.dir, phase, others)
    return found


def test_parts_are_numbered_by_unit_and_place(state: RunState) -> None:
    assert [(part.index, part.rows, part.unit) for part in state.parts()] == [
        (0, 3, "part-000000"),
        (1, 600, "part-000001"),
        (2, 2, "part-000002"),
    ]
    assert state.part_count() == 3 and state.part(2) == list(state.parts())[2]
    for part in state.parts():
        assert part.read("extract", "text", ["id"]).num_rows == part.read("extract", "features").num_rows == part.rows


def test_a_part_has_the_tables_that_phases_have_added_to_it(state: RunState) -> None:
    extracted = {("extract", "text"), ("extract", "features")}
    added = {("domains", "verdicts"), ("urls", "verdicts")}
    assert [set(part.tables) for part in state.parts()] == [extracted, extracted | added, extracted]


def test_parts_are_the_same_in_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (listing, run_state):
        monkeypatch.setattr(module, "BLOCK_UNITS", 2)
    found = RunState(str(tmp_path / "run"), load("llama3"))
    attempt = Attempt(found.dir, "extract", "unit-000000", 0)
    for part in range(5):
        attempt.write_table("text", tables.table(tables.TEXT, texts(part)), part)
    found.manifests["extract"] = write_listing(found.dir, "extract", [attempt.finish()])
    found.manifests[PARTS] = number_parts(found.dir, found.manifests["extract"])
    assert [(part.index, part.rows) for part in found.parts()] == [(number, number) for number in range(5)]
    assert [found.part(number).rows for number in range(5)] == list(range(5))
    assert [len(found.part_block(number)) for number in range(3)] == [2, 2, 1]


def test_a_document_is_there_until_some_phase_rejects_it(state: RunState) -> None:
    first, middle, _ = state.parts()
    assert first.alive().tolist() == [True] * 3
    assert np.flatnonzero(~middle.alive()).tolist() == [1, 2, 599]
    assert middle.alive([1]).tolist() == [True] * 87 + [False]
    assert len(middle.verdict_tables()) == 2


def test_a_state_travels_by_names_and_finds_the_same_parts(state: RunState) -> None:
    travelled = pickle.dumps(state)
    assert len(travelled) - len(pickle.dumps(RunState(state.dir, state.recipe))) < 500
    assert list(pickle.loads(travelled).parts()) == list(state.parts())


def test_pointers_name_part_and_row() -> None:
    found = pointers(Part(5, 10), np.array([0, 7], np.uint32))
    assert found.dtype == np.int64 and found.tolist() == [5 << 32, 5 << 32 | 7]
    assert pointers(Part(0, 2**32), np.array([2**32 - 1])).tolist() == [2**32 - 1]


def test_a_folder_gives_the_parts_with_all_that_is_done(state: RunState, tmp_path: Path) -> None:
    assert list(parts_of_run(state.dir)) == list(state.parts())
    begun = RunState(str(tmp_path / "begun"), state.recipe)
    assert list(parts_of_run(begun.dir)) == []
    write_listing(begun.dir, "extract", [])  # extracted, and its parts not yet numbered
    assert list(parts_of_run(begun.dir)) == []


def test_a_table_without_a_verdict_is_not_looked_at(state: RunState) -> None:
    def with_counts(phase: str, **counts: int) -> Part:
        attempt = Attempt(state.dir, phase, "part-000001", 1)
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdicts(rows=600)))
        receipts = [Receipt("part-000000", 0), attempt.finish(counts), Receipt("part-000002", 2)]
        return state.having(write_listing(state.dir, phase, receipts)).part(1)

    before = state.part(1)
    for part, looked_at in ((with_counts("documents", rejected=0), 2), (with_counts("clean", other=1), 3)):
        assert len(part.verdict_tables()) == looked_at and len(part.tables) == len(before.tables) + 1
        assert (part.alive() == before.alive()).all()


def test_work_to_be_shared_is_counted_in_documents_of_several_parts(state: RunState, tmp_path: Path) -> None:
    """605 documents of 200 microseconds each; of one part no other worker could take any."""
    assert state.shared_seconds(200) == pytest.approx(0.121)
    for parts, seconds in ((1, 0.0), (2, 0.6)):
        run = RunState(str(tmp_path / f"{parts}"), state.recipe)
        attempt = Attempt(run.dir, "extract", "unit-000000", 0)
        for part in range(parts):
            attempt.write_table("text", tables.table(tables.TEXT, texts(3)), part)
        run.manifests["extract"] = write_listing(run.dir, "extract", [attempt.finish()])
        run.manifests[PARTS] = number_parts(run.dir, run.manifests["extract"])
        assert run.shared_seconds(100_000) == pytest.approx(seconds)
