"""Frequent lines go, documents that they leave too little of go with them, and the words of the rest are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from dedup.lines import line_hashes
from filters.token_counts import TokenCounts
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.phases import clean, lines
from pipeline.phases.clean import LineRemoval, token_counts
from pipeline.phases.lines import Buckets
from pipeline.run_state import RunState
from recipes import Recipe, load
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished

MENU = "Home and about us and contact and imprint"
PROSE = " ".join(f"word{number}" for number in range(60))


def document(name: str, text: str, language: str = "en") -> dict[str, Any]:
    return {"id": document_id(name), "url": f"https://{name}.example/", "language": language, "text": text}


def cleaned(folder: Path, recipe: Recipe, *parts: list[dict[str, Any]], often: tuple[str, ...] = (MENU,)) -> RunState:
    """A run up to the end of phase clean, in which some lines are frequent."""
    run = extracted(folder, *parts, recipe=recipe)
    if recipe.lines:
        frequent(run, *often)
    with beam_job() as pipeline:
        clean.build(pipeline, run, recipe)
    run.manifests["clean"] = finished(run, "clean", clean.units(run))
    return run


def frequent(run: RunState, *often: str) -> None:
    """Phase lines has found these, in the bucket of each document."""
    assert run.recipe.lines is not None
    buckets = Buckets(run, run.recipe.lines)
    documents = [row for part in run.parts() for row in part.read("extract", "text", ["language", "id"]).to_pylist()]
    salts = {buckets.salt(row["language"], row["id"]) for row in documents}
    hashes = {int(h) for salt in salts for line in often for h in line_hashes(line, (), salt)[1]}
    attempt = Attempt(run.dir, "lines", "range-000000", 0)
    attempt.write_table("frequent", pa.table({"hash": np.array(sorted(hashes), np.uint64)}))
    run.manifests["lines"] = write_listing(run.dir, "lines", [attempt.finish()])


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


@pytest.mark.parametrize("in_memory", [10**6, 1, 0])
def test_frequent_lines_go_also_where_no_worker_could_hold_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(lines, "FREQUENT_IN_MEMORY", in_memory)
    parts = [
        [document("a", f"{PROSE}\n{MENU}"), document("d", MENU)],
        [document("b", PROSE)],
        [document("c", f"{MENU}\n{PROSE}")],
    ]
    run = cleaned(tmp_path, load("llama3"), *parts)
    gone = {
        identity: row["removed"]
        for part in run.parts()
        for identity, row in zip(
            part.read("extract", "text", ["id"])["id"].to_pylist(),
            part.read("clean", "lines").to_pylist(),
            strict=True,
        )
    }
    assert gone == {document_id("a"): [1], document_id("b"): None, document_id("c"): [0], document_id("d"): [0]}
    assert total(token_counts(run)["en"]) == 3 * 60


def test_what_went_before_has_no_lines_and_no_words(tmp_path: Path) -> None:
    documents = sorted(
        [document("a", f"{MENU}\n{PROSE}"), document("b", f"{PROSE}\n{MENU}")], key=lambda row: row["id"]
    )
    run = extracted(tmp_path, documents)
    add_tables(run, "urls", "verdicts", tables.VERDICTS, [{"stage": "urls", "reason": "older_capture"}, {}])
    frequent(run, MENU)
    with beam_job() as pipeline:
        clean.build(pipeline, run, run.recipe)
    run.manifests["clean"] = finished(run, "clean", clean.units(run))
    first, second = rows(run, "lines")
    assert (first["removed"], first["removed_words"]) == (None, 0)
    assert len(second["removed"]) == 1 and second["removed_words"] == len(MENU.split())
    assert total(token_counts(run)["en"]) == 60


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


def test_an_engine_is_shown_how_many_went(tmp_path: Path) -> None:
    run = extracted(tmp_path, [document("a", MENU), document("b", PROSE), document("c", f"{MENU}\n{MENU}")])
    frequent(run, MENU)
    job = beam.Pipeline(runner=FnApiRunner())
    clean.build(job, run, run.recipe)
    result = job.run()
    result.wait_until_finish()
    shown = {each.key.metric.name: each.committed for each in result.metrics().query()["counters"]}
    assert shown["rejected.lines"] == 2


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
