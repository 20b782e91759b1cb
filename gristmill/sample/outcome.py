"""Holds what a run made of the sample crawl against what was planted in it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from gristmill.sample.expectations import Expectation, read_expectations
from pipeline.outputs import files_of

# Records around a page, which share its URL.
_COMPANIONS = ("record_type_request", "record_type_metadata", "record_type_warcinfo")


def compare(crawl: Path, run: Path) -> list[str]:
    """One sentence for every record of the sample crawl that met another end than planned; none is a good run."""
    ends = _ends(run)
    surprises = []
    for expectation in read_expectations(crawl):
        # Failures keep no date: a record that could not be read may not have one.
        candidates = [ends[expectation.url, expectation.date], ends[expectation.url, ""], ends["", ""]]
        met = next(((ended, end) for ended in candidates for end in ended if expectation.accepts(*end[:2])), None)
        if met is not None:
            met[0].remove(met[1])
        else:
            surprises.append(_surprise(expectation, [end for ended in candidates[:2] for end in ended]))
    return surprises


def _ends(run: Path) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """(fate, stage, reason) of every record, by URL and date as crawled."""
    ends: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for row in _rows(run, "documents", ["url", "date"]):
        ends[row["url"], row["date"]].append(("kept", "", ""))
    for row in _rows(run, "rejected", ["url", "date", "stage", "reason"]):
        if row["reason"] not in _COMPANIONS:
            ends[row["url"], row["date"]].append(("rejected", row["stage"], row["reason"]))
    for row in _rows(run, "failed", ["url", "error"]):
        ends[row["url"], ""].append(("failed", "read", row["error"]))
    return ends


def _rows(run: Path, folder: str, columns: list[str]) -> list[dict[str, Any]]:
    return [row for path in files_of(str(run), folder) for row in pq.read_table(path, columns=columns).to_pylist()]


def _surprise(expectation: Expectation, ended: list[tuple[str, str, str]]) -> str:
    wanted = " or ".join(expectation.fates) + (f" at {' or '.join(expectation.stages)}" if expectation.stages else "")
    happened = "; ".join(" ".join(filter(None, end)) for end in ended) or "vanished"
    return f"{expectation.url or '(no URL)'} ({expectation.kind}) should be {wanted}, and was: {happened}"
