"""Of each stage and reason the texts of the smallest ids stay, whichever parts their records are in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from blocklists.decisions import Decision, append
from pipeline import storage, tables
from pipeline.phases import rejected_texts
from pipeline.run_state import RunState
from recipes import load
from recipes.schema import KeepRejected
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished

PHASE = rejected_texts.PHASE.name
GONE = {"stage": "lines", "reason": "too_short", "score": 3.0}
LATER = {"stage": "quality", "reason": "low", "score": 0.1, "detail": "quality"}


def document(name: str) -> dict[str, Any]:
    return {"id": document_id(name), "url": f"https://{name}.example/", "text": f"text of {name}", "words": 3}


def kept_texts(run: RunState, texts: int) -> list[dict[str, Any]]:
    with beam_job() as pipeline:
        rejected_texts.build(pipeline, run, KeepRejected(texts))
    manifest = finished(run, PHASE, rejected_texts.units(run))
    return [row for path in manifest.paths(PHASE) for row in storage.read_table(path).to_pylist()]


def test_the_smallest_ids_of_each_reason_over_all_parts_and_the_first_verdict_counts(tmp_path: Path) -> None:
    parts = [[document(f"{part}-{number}") for number in range(700)] for part in range(2)]
    run = extracted(tmp_path, *parts)
    for documents in parts:
        documents.sort(key=lambda row: row["id"])
    # Every third goes for its lines; every second, some of these among them, for its quality.
    lines = [[GONE if place % 3 == 0 else {} for place in range(700)] for _ in parts]
    quality = [[LATER if place % 2 == 0 else {} for place in range(700)] for _ in parts]
    add_tables(run, "clean", "verdicts", tables.VERDICTS, *lines)
    add_tables(run, "judge", "verdicts", tables.VERDICTS, *quality)
    found = kept_texts(run, 150)
    for stage, chosen in (("lines", lambda at: at % 3 == 0), ("quality", lambda at: at % 3 and at % 2 == 0)):
        expected = sorted(row["id"] for documents in parts for at, row in enumerate(documents) if chosen(at))[:150]
        those = [row for row in found if row["stage"] == stage]
        assert [row["id"] for row in those] == expected
        assert all(row["text"] == f"text of {row['url'].split('//')[1].split('.')[0]}" for row in those)
    assert {(row["reason"], row["score"], row["detail"], row["words"]) for row in found} == {
        ("too_short", 3.0, None, 3), ("low", 0.1, "quality", 3)
    }  # fmt: skip


def test_what_people_have_dropped_is_not_kept_wherever_it_went(tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.jsonl"
    append(decisions, [Decision("2026-11-28", "ada", "host", "me.example", "drop", "erasure")])
    recipe = load("llama3", [f"decisions=[{decisions}]"])
    run = extracted(tmp_path / "run", [document("me")], recipe=recipe)
    add_tables(run, "decisions", "verdicts", tables.VERDICTS, [{"stage": "decisions", "reason": "erasure"}])
    part = next(run.parts())
    short = [
        {"id": document_id(name), "url": f"https://{name}.example/x", "stage": "extract", "reason": "too_short",
         "text": f"a few words of {name}"}
        for name in ("me", "other")
    ]  # fmt: skip
    table = tables.table(tables.REJECTED_TEXTS, short)
    storage.write_bytes(part.tables["extract", "rejected_texts"], storage.parquet_bytes(table, 512))
    assert [row["text"] for row in kept_texts(run, 200)] == ["a few words of other"]
