"""Frequent lines go, documents that they leave too little of go with them, and the words of the rest are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dedup.lines import line_hashes
from filters.token_counts import TokenCounts
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.phases import clean
from pipeline.phases.clean import LineRemoval, token_counts
from pipeline.phases.lines import Buckets
from pipeline.run_state import RunState
from recipes import Recipe, load
from tests.pipeline.parts import beam_job, document_id, extracted, finished

MENU = "Home and about us and contact and imprint"
PROSE = " ".join(f"word{number}" for number in range(60))


def document(name: str, text: str, language: str = "en") -> dict[str, Any]:
    return {"id": document_id(name), "url": f"https://{name}.example/", "language": language, "text": text}


def cleaned(
    folder: Path, recipe: Recipe, *parts: list[dict[str, Any]], frequent: tuple[str, ...] = (MENU,)
) -> RunState:
    """A run up to the end of phase clean, in which some lines are frequent."""
    run = extracted(folder, *parts, recipe=recipe)
    if recipe.lines:
        buckets = Buckets(run, recipe.lines)
        salts = {buckets.salt(row["language"], row["id"]) for part in parts for row in part}
        hashes = {int(h) for salt in salts for line in frequent for h in line_hashes(line, (), salt)[1]}
        attempt = Attempt(run.dir, "lines", "range-000000", 0)
        attempt.write_table("frequent", pa.table({"hash": np.array(sorted(hashes), np.uint64)}))
        run.manifests["lines"] = write_listing(run.dir, "lines", [attempt.finish()])
    with beam_job() as pipeline:
        clean.build(pipeline, run, recipe)
    run.manifests["clean"] = finished(run, "clean", clean.units(run))
    return run


def rows(run: RunState, role: str) -> list[dict]:
    return [row for part in run.parts() for row in part.read("clean", role, None).to_pylist()]


@pytest.mark.parametrize("changes", [[], ["lines.bucket_documents=1"]])
def test_frequent_lines_go_and_are_counted(tmp_path: Path, changes: list[str]) -> None:
    recipe = load("llama3", changes)
    run = cleaned(tmp_path, recipe, [document("a", f"{MENU}\n{PROSE}\n{MENU}")], [document("b", PROSE)])
    removed = rows(run, "lines")
    menu_words = len(MENU.split())
    assert [(row["removed"], row["removed_words"]) for row in removed] == [([0, 2], 2 * menu_words), (None, 0)]
    assert [row["stage"] for row in rows(run, "verdicts")] == [None, None]
    assert run.manifests["clean"].total("removed_words") == 2 * menu_words


def test_documents_of_boilerplate_go_with_their_number(tmp_path: Path) -> None:
    short = f"{MENU}\n" + " ".join(PROSE.split()[:49])
    mostly = "\n".join([MENU] * 40 + [PROSE])
    run = cleaned(tmp_path, load("llama3"), [document("short", short), document("mostly", mostly)])
    by_id = {row["id"]: row for part in run.parts() for row in part.read("extract", "text", None).to_pylist()}
    found = dict(zip(sorted(by_id), rows(run, "verdicts"), strict=True))
    menu_words = 40 * len(MENU.split())
    assert {id: (row["stage"], row["reason"], row["score"]) for id, row in found.items()} == {
        document_id("short"): ("lines", "too_short", 49),
        document_id("mostly"): ("lines", "mostly_frequent_lines", round(menu_words / (menu_words + 60), 4)),
    }
    assert token_counts(run) == {}  # nobody is left whose words could be counted


def test_limits_themselves_are_allowed(tmp_path: Path) -> None:
    removal = LineRemoval(
        extracted(tmp_path, [document("a", PROSE)]), load("llama3", ["lines.max_removed_share=0.5"]).lines
    )
    fifty = " ".join(PROSE.split()[:50])
    assert removal.judge(0, fifty, 50) is None
    assert removal.judge(0, fifty, 51).reason == "mostly_frequent_lines"
    assert removal.judge(0, " ".join(PROSE.split()[:49]), 1).reason == "too_short"


def test_words_are_counted_by_language_without_removed_lines(tmp_path: Path) -> None:
    parts = [[document("a", f"{MENU}\n{PROSE}")], [document("b", PROSE), document("c", PROSE, "de")]]
    with_lines = token_counts(cleaned(tmp_path / "with", load("llama3"), *parts))
    without = token_counts(cleaned(tmp_path / "without", load("llama3", ["lines=null"]), *parts))
    assert set(with_lines) == set(without) == {"en", "de"}
    assert total(without["en"]) - total(with_lines["en"]) == len(MENU.split())
    assert total(with_lines["de"]) == total(without["de"]) == 60


def total(counts: TokenCounts) -> int:
    return int(counts.counts.sum())
