"""Small runs made by hand: extracted documents without a crawl, and Beam jobs in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline import tables
from pipeline.commit import Attempt, write_manifest
from pipeline.run_state import RunState
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
    run = RunState(str(folder), recipe or load("llama3"), ())
    attempt = Attempt(run.dir, "extract", "file-000000")
    for number, documents in enumerate(parts):
        documents = sorted(documents, key=lambda row: row["id"])
        attempt.write_table("text", tables.table(tables.TEXT, _only(tables.TEXT, documents)), number)
        attempt.write_table("features", tables.table(tables.FEATURES, _only(tables.FEATURES, documents)), number)
        attempt.write_table("listed_links", tables.table(tables.LISTED_LINKS, listed_links), number)
    attempt.finish({"languages": {}})
    run.manifests["extract"] = write_manifest(run.dir, "extract", ["file-000000"])
    return run


def add_tables(run: RunState, phase: str, role: str, schema: Any, *parts: list[dict[str, Any]]) -> None:
    """Adds the tables of a phase that is done, aligned with the parts."""
    for part, rows in zip(run.parts(), parts, strict=True):
        attempt = Attempt(run.dir, phase, part.unit)
        attempt.write_table(role, tables.table(schema, rows))
        attempt.finish({"rejected": sum(bool(row) for row in rows)})
    run.manifests[phase] = write_manifest(run.dir, phase, [part.unit for part in run.parts()])


def _only(schema: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name in schema.names} for row in rows]
