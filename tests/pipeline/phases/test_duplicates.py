"""Every cluster of a run, a row a member, whichever parts its members are in and in however many ranges they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import storage, tables
from pipeline.listing import Manifest
from pipeline.phases import duplicates
from pipeline.phases.duplicates import MEMBERS_JOB, PHASE, build, units
from recipes import load
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished

Row = tuple[str, str, str, bool, float | None, str, int | None]
# Documents by part; of each that goes, why, for whom, how alike the two are and how many words go with it.
PARTS: list[list[str]] = [["old", "copy", "alone"], ["new", "near"], [], ["as near", "oldest"], ["again"]]
URLS = {"old": ("older_capture", "new"), "oldest": ("older_capture", "new"), "again": ("identical_capture", "alone")}
DOCUMENTS: dict[str, tuple[str, str, float, int]] = {
    "copy": ("exact_duplicate", "new", 1.0, 0),
    "near": ("near_duplicate", "alone", 0.8, 4),
    "as near": ("near_duplicate", "alone", 0.75, 9),
}
EXPECTED: dict[tuple[str, str], list[tuple[str, float | None, str, int | None]]] = {
    ("exact", "new"): [("copy", 1.0, "exact_duplicate", 0)],
    ("near", "alone"): [("as near", 0.75, "near_duplicate", 9), ("near", 0.8, "near_duplicate", 4)],
    ("url", "alone"): [("again", None, "identical_capture", None)],
    ("url", "new"): [("old", None, "older_capture", None), ("oldest", None, "older_capture", None)],
}


def verdicts(stage: str, names: list[str]) -> list[dict[str, Any]]:
    """A table of verdicts, aligned with a part."""
    rows: list[dict[str, Any]] = []
    for name in sorted(names, key=document_id):
        row: dict[str, Any] = {}
        if stage == "urls" and name in URLS:
            reason, survivor = URLS[name]
            row = {"stage": stage, "reason": reason, "detail": document_id(survivor)}
        if stage == "documents" and name in DOCUMENTS:
            reason, survivor, score, words = DOCUMENTS[name]
            row = {
                "stage": stage,
                "reason": reason,
                "score": score,
                "detail": document_id(survivor),
                "unique_words": words,
            }
        rows.append(row)
    return rows


def listed(folder: Path, fan_in: int) -> tuple[list[Row], Manifest]:
    """All rows, in the order of the files, and the phase's manifest."""
    documents = [
        [{"id": document_id(name), "url": f"https://{name}.example/", "date": "2024-01-01"} for name in part]
        for part in PARTS
    ]
    run = extracted(folder, *documents, recipe=load("llama3", [f"shards.fan_in={fan_in}"]))
    for stage in ("urls", "documents"):
        add_tables(run, stage, "verdicts", tables.VERDICTS, *(verdicts(stage, part) for part in PARTS))
    # No stage of duplicates: nobody survives it.
    gone = [
        [{"stage": "lines", "reason": "too_short", "detail": "9"} if name == "alone" else {} for name in part]
        for part in PARTS
    ]
    add_tables(run, "clean", "verdicts", tables.VERDICTS, *gone)
    with beam_job() as job:
        build(job, run, run.recipe)
    manifest = finished(run, PHASE.name, units(run))
    names = {document_id(name): name for part in PARTS for name in part}
    rows: list[Row] = []
    for path in manifest.paths(duplicates.FOLDER):
        for row in storage.read_table(path).to_pylist():
            name = names[row["id"]]
            assert (row["url"], row["date"]) == (f"https://{name}.example/", "2024-01-01")
            rows.append(
                (
                    row["level"],
                    names[row["cluster"]],
                    name,
                    row["survivor"],
                    row["similarity"],
                    row["reason"],
                    row["unique_words"],
                )
            )
    return rows, manifest


def expected() -> list[Row]:
    rows: list[Row] = []
    for (level, cluster), members in EXPECTED.items():
        rows.append((level, cluster, cluster, True, None, "survivor", None))
        rows += [(level, cluster, name, False, alike, why, words) for name, alike, why, words in members]
    return rows


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[0], document_id(row[1]), not row[3], document_id(row[2])))


@pytest.mark.parametrize(("fan_in", "merged_by"), [(128, 0), (5, 0), (4, 1), (2, 2)])
def test_clusters_have_their_survivor_first_and_all_that_went_for_it(
    tmp_path: Path, fan_in: int, merged_by: int
) -> None:
    rows, manifest = listed(tmp_path, fan_in)
    assert rows == in_order(expected())
    assert manifest.units == 1 and manifest.totals("went") == {"exact": 1, "near": 2, "url": 3}
    assert manifest.totals("unique_words") == {"exact": 0, "near": 13}
    found = [path.name for path in (tmp_path / "work").iterdir() if path.name.startswith("duplicates-")]
    jobs = [name for name in found if not name.endswith("-read")]  # but for those that remove what merging has read
    assert len(jobs) == (merged_by and 1 + merged_by) and (MEMBERS_JOB in jobs) is bool(merged_by)


def test_of_many_each_range_has_whole_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_MEMBERS_PER_RANGE", 2)
    rows, manifest = listed(tmp_path, 128)
    assert manifest.units == 4 and len(list(manifest.paths(duplicates.FOLDER))) == 4
    assert in_order(rows) == in_order(expected())
    assert manifest.totals("went") == {"exact": 1, "near": 2, "url": 3}


def test_where_nothing_went_there_is_a_file_without_rows(tmp_path: Path) -> None:
    run = extracted(tmp_path, [{"id": document_id("a")}], [])
    add_tables(run, "urls", "verdicts", tables.VERDICTS, [{}], [])
    with beam_job() as job:
        build(job, run, run.recipe)
    (path,) = finished(run, PHASE.name, 1).paths(duplicates.FOLDER)
    assert storage.read_table(path).equals(duplicates.SCHEMA.empty_table())
