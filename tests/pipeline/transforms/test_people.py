"""What people decided, as later phases ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocklists.decisions import Decision, append
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.run_state import number_parts
from pipeline.transforms.people import decisions_of, kept_by_people, lifts_otherwise, reason_of
from recipes import Recipe, load
from tests.pipeline.parts import add_tables, document_id, extracted

A, B, C = sorted(map(document_id, "abc"))


def decision(why: str, scope: str = "url", value: str = "https://mill.example/", verdict: str = "drop") -> Decision:
    return Decision("2026-11-28", "ada", scope, value, verdict, why)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("false positive", "false_positive"), ("Opt-Out!", "opt-out"), (" ", "other"), ("", "other"), ("été", "t"),
        ("a" * 40, "a" * 40), ("a" * 41, "a" * 40), ("x & y", "x_y"),
    ],
)  # fmt: skip
def test_a_reason_is_a_name_of_the_ledger(why: str, reason: str) -> None:
    assert reason_of(decision(why)) == reason


def recipe_with(folder: Path, *decisions: Decision, block: str = "listed.example") -> Recipe:
    (folder / "listed.txt").write_text(block + "\n")
    changes = [f"block.lists=[{folder}/listed.txt]"]
    if decisions:
        path = folder / f"decisions-{len(list(folder.glob('decisions-*')))}.jsonl"
        append(path, list(decisions))
        changes.append(f"decisions=[{path}]")
    return load("llama3", changes)


def test_equal_addresses_are_the_run_s_own(tmp_path: Path) -> None:
    decisions = decisions_of(recipe_with(tmp_path, decision("spam", value="http://www.mill.example/?utm_source=x")))
    found = decisions.of_page("0" * 32, "https://mill.example/", "mill.example")
    assert found is not None and found.verdict == "drop"
    assert decisions.of_page("0" * 32, "https://mill.example/other", "mill.example") is None


def test_who_is_kept_is_said_row_by_row(tmp_path: Path) -> None:
    run = extracted(tmp_path, [{"id": A}, {"id": B}, {"id": C}], [{"id": document_id("d")}])
    assert [kept_by_people(part).tolist() for part in run.parts()] == [[False] * 3, [False]]
    kept = [{"kept": False}, {"kept": True}, {"kept": False}]
    add_tables(run, "decisions", "kept", tables.KEPT, kept, [{"kept": True}])
    assert [kept_by_people(part).tolist() for part in run.parts()] == [[False, True, False], [True]]


LISTED, OTHER = "https://listed.example/1", "https://mill.example/1"


def run_over(folder: Path, there: str, gone: str, stage: str) -> str:
    """The folder of a run whose extraction took one page and rejected another."""
    attempt = Attempt(str(folder / "run"), "extract", "unit-000000", 0)
    attempt.write_table("text", tables.table(tables.TEXT, [{"id": A}]), 0)
    attempt.write_table("features", tables.table(tables.FEATURES, [{"id": A, "url": there}]), 0)
    rejected = [{"id": B, "url": gone, "stage": stage, "reason": "listed"}]
    attempt.write_table("rejected", tables.table(tables.REJECTED, rejected), 0)
    number_parts(str(folder / "run"), write_listing(str(folder / "run"), "extract", [attempt.finish({})]))
    return str(folder / "run")


@pytest.mark.parametrize(
    ("scope", "value", "verdict", "stage", "lifts"),
    [
        ("url", LISTED, "keep", "block", True),
        ("domain", "listed.example", "keep", "block", True),
        ("id", B, "keep", "block", True),
        ("url", LISTED, "drop", "block", False),
        ("url", LISTED, "keep", "extract", False),
        ("url", OTHER, "keep", "block", False),
    ],
)
def test_a_page_that_lists_took_and_people_keep_was_never_extracted(
    tmp_path: Path, scope: str, value: str, verdict: str, stage: str, lifts: bool
) -> None:
    folder = run_over(tmp_path, there=OTHER, gone=LISTED, stage=stage)
    before = recipe_with(tmp_path)
    now = recipe_with(tmp_path, decision("spam", scope, value, verdict))
    assert lifts_otherwise(folder, before, now) is lifts
    assert not lifts_otherwise(folder, before, load("llama3", ["block=null"]))


def test_a_listed_page_that_is_there_needs_to_be_kept_still(tmp_path: Path) -> None:
    folder = run_over(tmp_path, there=LISTED, gone=OTHER, stage="extract")
    kept = recipe_with(tmp_path, decision("false positive", value=LISTED, verdict="keep"))
    others = recipe_with(tmp_path, decision("spam", value="https://mill.example/2"))
    assert not lifts_otherwise(folder, kept, kept)
    assert lifts_otherwise(folder, kept, others)
    # Without decisions before, no list can have let it pass.
    assert not lifts_otherwise(folder, recipe_with(tmp_path), others)
    assert not lifts_otherwise(run_over(tmp_path / "two", OTHER, OTHER, "extract"), kept, others)
