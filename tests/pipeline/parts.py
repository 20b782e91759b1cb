"""Small runs made by hand: extracted documents without a crawl, and Beam jobs in this process."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline import tables
from pipeline.commit import Attempt
from pipeline.listing import Manifest, write_listing, write_manifest
from pipeline.run_state import PARTS, RunState, number_parts
from recipes import Recipe, load


@contextmanager
def beam_job() -> Iterator[beam.Pipeline]:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        yield pipeline


def document_id(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def extracted(
    folder: Any,
    *parts: list[dict[str, Any]],
    recipe: Recipe | None = None,
    listed_links: Sequence[dict[str, str]] = (),
) -> RunState:
    """A run whose extraction is done: a part for each list of documents (columns of TEXT and FEATURES, as many as a
    test needs; ``id`` at least), sorted by id as extraction sorts them. ``listed_links`` are in each part."""
    run = RunState(str(folder), recipe or load("llama3"))
    attempt = Attempt(run.dir, "extract", "unit-000000", 0)
    for number, documents in enumerate(parts):
        documents = sorted(documents, key=lambda row: row["id"])
        attempt.write_table("text", tables.table(tables.TEXT, _only(tables.TEXT, documents)), number)
        attempt.write_table("features", tables.table(tables.FEATURES, _only(tables.FEATURES, documents)), number)
        attempt.write_table("rejected", tables.table(tables.REJECTED, []), number)
        attempt.write_table("failed", tables.table(tables.FAILED, []), number)
        attempt.write_table("rejected_texts", tables.table(tables.REJECTED_TEXTS, []), number)
        attempt.write_table("listed_links", tables.table(tables.LISTED_LINKS, listed_links), number)
    languages = Counter(row["language"] for documents in parts for row in documents if "language" in row)
    run.manifests["extract"] = write_listing(run.dir, "extract", [attempt.finish({"languages": dict(languages)})])
    run.manifests[PARTS] = number_parts(run.dir, run.manifests["extract"])
    return run


def add_tables(run: RunState, phase: str, role: str, schema: Any, *parts: list[dict[str, Any]]) -> None:
    """Adds the tables of a phase that is done, aligned with the parts."""
    receipts = []
    for part, rows in zip(run.parts(), parts, strict=True):
        attempt = Attempt(run.dir, phase, part.unit, part.number)
        attempt.write_table(role, tables.table(schema, rows))
        receipts.append(attempt.finish({"rejected": sum(bool(row) for row in rows)}))
    run.manifests[phase] = write_listing(run.dir, phase, receipts)


def finished(run: RunState, phase: str, units: int | None = None) -> Manifest:
    """The manifest of a phase (with a unit for each part, unless said otherwise) whose job has run."""
    manifest = write_manifest(run.dir, phase, run.part_count() if units is None else units)
    assert manifest is not None
    return manifest


def _only(schema: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name in schema.names} for row in rows]
