"""How far a run has come is read from what is committed: done phases, handed in units, and nothing where none is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import run_status, storage
from pipeline.commit import CommittedFile, Receipt, write_receipts
from pipeline.input_units import InputListing, InputUnit, Stretch
from pipeline.listing import write_listing
from pipeline.phases import PHASES
from pipeline.preflight import plan_path
from pipeline.progress import WorkerProgress
from pipeline.run_state import number_parts
from recipes import as_dict, load


@pytest.fixture
def run_dir(tmp_path: Path) -> str:
    """A run of three units that has written its plan."""
    plan = {"recipe": as_dict(load("llama3"))}
    storage.write_bytes(plan_path(str(tmp_path)), json.dumps(plan).encode())
    return str(tmp_path)


def _cut(run_dir: str) -> None:
    stretches = [Stretch(number, f"{number}.warc", f"{number}.warc", None) for number in range(3)]
    InputListing(run_dir).write(InputUnit(number, (one,)) for number, one in enumerate(stretches))


def _extracted(number: int) -> Receipt:
    files = [CommittedFile(f"work/extract/{number}.text.parquet", "text", 5, 10, "x")]
    return Receipt(f"unit-{number:06d}", number, files, {"lines": 7, "languages": {"en": 5}})


def _shown(run_dir: str) -> list[str]:
    return [str(each) for each in run_status.status(run_dir)]


def test_a_run_that_has_only_its_plan_has_begun_nothing(run_dir: str) -> None:
    assert _shown(run_dir) == [
        f"{phase.name} not begun" for phase in PHASES if phase.settings(load("llama3")) is not None
    ]
    assert run_status.standing(run_status.status(run_dir)) == ""


def test_units_of_the_first_phase_are_counted_from_receipts_once_each(run_dir: str) -> None:
    _cut(run_dir)
    assert _shown(run_dir)[0] == "extract 0/3 done"
    write_receipts(run_dir, "extract", [_extracted(0), _extracted(1)])
    assert _shown(run_dir)[:2] == ["extract 2/3 done", "domains not begun"]
    assert run_status.standing(run_status.status(run_dir)) == "extract 2/3 done"
    write_receipts(run_dir, "extract", [_extracted(0), _extracted(1)])  # of an attempt that came to late
    assert _shown(run_dir)[0] == "extract 3/3 done"


def test_what_workers_have_looked_at_is_told_of_the_phase_at_work(run_dir: str) -> None:
    _cut(run_dir)
    worker = WorkerProgress(run_dir, "extract")
    worker.add(0.5, 1200)
    worker.write()
    assert _shown(run_dir)[:2] == ["extract 0/3 done, 1,200 records since the last start", "domains not begun"]
    write_receipts(run_dir, "extract", [_extracted(0)])
    assert run_status.standing(run_status.status(run_dir)) == "extract 1/3 done"


def test_units_of_the_next_phase_are_known_when_the_parts_are(run_dir: str) -> None:
    _cut(run_dir)
    extracted = write_listing(run_dir, "extract", map(_extracted, range(3)))
    assert _shown(run_dir)[:2] == ["extract 3/3 done", "domains not begun"]
    number_parts(run_dir, extracted)
    assert _shown(run_dir)[1:3] == ["domains 0/4 done", "urls not begun"]
    write_listing(run_dir, "domains", (Receipt(f"part-{number:06d}", number) for number in range(4)))
    write_receipts(run_dir, "urls", [Receipt("part-000000", 0)])
    assert _shown(run_dir)[1:4] == ["domains 4/4 done", "urls 1/3 done", "documents not begun"]
    assert run_status.standing(run_status.status(run_dir)) == "2 phases done, urls 1/3 done"


def test_a_phase_that_the_recipe_leaves_out_is_not_told(run_dir: str) -> None:
    plan = {"recipe": as_dict(load("llama3", ["lines=null"]))}
    storage.write_bytes(plan_path(run_dir), json.dumps(plan).encode())
    assert "lines not begun" not in _shown(run_dir)


def test_a_folder_without_a_run_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no run"):
        run_status.status(str(tmp_path))
