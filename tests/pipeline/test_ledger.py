"""Law 1: what came in is kept, rejected or failed, record by record and word by word, or the run is not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import ledger, tables
from pipeline.commit import Attempt, write_manifest
from pipeline.phases import duplicates
from pipeline.run_state import RunState
from recipes import load

KEPT = [
    {"id": "a", "language": "en", "class": "general", "words": 100, "removed_words": 7},
    {"id": "b", "language": "de", "class": "multilingual", "words": 50, "removed_words": 0},
    {"id": "c", "language": "en", "class": "code", "words": 30, "removed_words": 0},
]
REJECTED = [
    {"id": "d", "stage": "extract", "reason": "too_short", "words": 12, "removed_words": 0},
    {"id": "e", "stage": "lines", "reason": "too_short", "words": 3, "removed_words": 40},
    {"id": "f", "stage": "extract", "reason": "too_short", "words": 8, "removed_words": 0},
    {"id": "g", "stage": "read", "reason": "not_html", "words": 0, "removed_words": 0},
]
FAILED = [{"id": "h", "url": "https://mill.example/h", "error": "torn"}]
READ = {"records": 8, "words": 250, "clock": 2, "undated": 1}


def finished_run(folder: Path, read: dict[str, int] = READ, domains: bool = False) -> RunState:
    """A run of two input files and two parts whose phases have all been committed."""
    state = RunState(str(folder), load("llama3"), ())
    half = {name: count // 2 for name, count in read.items()}
    rest = {name: count - half[name] for name, count in read.items()}
    for unit, counts in (("file-000000", half), ("file-000001", rest)):
        Attempt(state.dir, "extract", unit).finish(counts)
    for unit, counts in (("part-000000", {"kl_divergence": 2}), ("part-000001", {"kl_divergence": 1, "quality": 1})):
        Attempt(state.dir, "judge", unit).finish({"not_judged": counts})
    shards = Attempt(state.dir, "shards", "shard-000000")
    for role, schema, rows in (
        ("documents", tables.DOCUMENTS, KEPT),
        ("rejected", tables.REJECTED, REJECTED),
        ("failed", tables.FAILED, FAILED),
    ):
        shards.write_table(role, tables.table(schema, rows), folder=role)
    shards.finish({"tokens": 300, "held_out_tokens": 30})
    units = {
        "extract": ["file-000000", "file-000001"],
        "judge": ["part-000000", "part-000001"],
        "shards": ["shard-000000"],
    }
    if domains:
        Attempt(state.dir, "domains", "domains").finish({"not_judged": 5})
        units["domains"] = ["domains"]
    for phase, names in units.items():
        state.manifests[phase] = write_manifest(state.dir, phase, names)
    return state


def test_the_books_of_a_run(tmp_path: Path) -> None:
    assert ledger.count(finished_run(tmp_path)) == {
        "records": {"read": 8, "kept": 3, "rejected": 4, "failed": 1},
        "rejected": {"extract": {"too_short": 2}, "lines": {"too_short": 1}, "read": {"not_html": 1}},
        "words": {
            "in": 250,
            "kept": 180,
            "removed": {"lines/frequent_lines": 47, "extract/too_short": 20, "lines/too_short": 3},
        },
        "tokens": {"all": 300, "held_out": 30},
        "kept_by": {"language": {"en": 2, "de": 1}, "class": {"general": 1, "multilingual": 1, "code": 1}},
        "not_judged": {"kl_divergence": 3, "quality": 1},
        "clock_struck": 2,
        "undated": 1,
        "duplicates": {},
    }


def test_what_went_as_a_duplicate_is_told_by_level(tmp_path: Path) -> None:
    state = finished_run(tmp_path)
    members = [
        ("exact", False, 0), ("exact", True, None), ("near", True, None), ("near", False, 4), ("near", False, 9),
        ("url", True, None), ("url", False, None),
    ]  # fmt: skip
    attempt = Attempt(state.dir, "duplicates", "clusters")
    rows = [{"level": level, "survivor": survivor, "unique_words": unique} for level, survivor, unique in members]
    attempt.write_table("duplicates", tables.table(duplicates.SCHEMA, rows), folder="duplicates")
    attempt.finish({})
    state.manifests["duplicates"] = write_manifest(state.dir, "duplicates", ["clusters"])
    assert ledger.count(state)["duplicates"] == {
        "exact": {"documents": 1, "unique_words": 0},
        "near": {"documents": 2, "unique_words": 13},
        "url": {"documents": 1},
    }


def test_domains_that_were_not_judged_are_counted_where_domains_are_judged(tmp_path: Path) -> None:
    assert ledger.count(finished_run(tmp_path, domains=True))["not_judged"]["domains"] == 5


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_record_that_vanished_or_came_twice_is_no_balance(tmp_path: Path, difference: int) -> None:
    state = finished_run(tmp_path, {**READ, "records": 8 + difference})
    with pytest.raises(
        ledger.Unbalanced, match=f"records don't balance: {8 + difference} came in and 8 are accounted"
    ):
        ledger.count(state)


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_word_that_vanished_or_came_twice_is_no_balance(tmp_path: Path, difference: int) -> None:
    state = finished_run(tmp_path, {**READ, "words": 250 + difference})
    with pytest.raises(ledger.Unbalanced, match=f"words don't balance: {250 + difference} came in and 250 are"):
        ledger.count(state)


def test_an_unbalanced_run_is_not_published(tmp_path: Path) -> None:
    from pipeline import outputs

    state = finished_run(tmp_path, {**READ, "records": 9})
    with pytest.raises(ledger.Unbalanced):
        outputs.publish(state)
    assert not outputs.is_finished(state)
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        outputs.read_ledger(state.dir)
