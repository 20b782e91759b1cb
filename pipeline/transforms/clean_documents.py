"""A part's documents as they are after line removal, for every phase that reads their text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dedup.lines import remove_lines
from pipeline import tables
from pipeline.run_state import Part
from text.document import Document

_ROWS_AT_ONCE = 32
_COLUMNS = ["language", "url", "text", "spans"]


class CleanRow(NamedTuple):
    """Document ``row`` of a part without its removed lines, and its row of the text table."""

    row: int
    document: Document
    stored: dict


def removed_lines(part: Part, columns: list[str] | None = None, row_groups: list[int] | None = None) -> pa.Table:
    """What has been removed from the documents of ``part`` line by line so far (:data:`tables.REMOVED_LINES`)."""
    phase = "judge" if ("judge", "lines") in part.tables else "clean"
    return part.read(phase, "lines", columns, row_groups)


def cleaned_documents(part: Part, row_groups: list[int] | None = None) -> Iterator[CleanRow]:
    """Documents of ``part`` (or of some row groups, counted from their start) that no phase has rejected so far."""
    alive = part.alive(row_groups).nonzero()[0]
    texts = part.read("extract", "text", _COLUMNS, row_groups)
    removed = removed_lines(part, ["removed"], row_groups)["removed"].to_pylist()
    for index, stored in rows_of(texts, alive):
        text, spans, _ = remove_lines(stored["text"], stored["spans"], removed[index] or [])
        yield CleanRow(index, Document(text, stored["language"], spans, stored["url"]), stored)


def rows_of(table: pa.Table, indices: np.ndarray) -> Iterator[tuple[int, dict]]:
    """Chosen rows of a table of documents as mappings (:func:`pipeline.tables.document_rows`), each with its index;
    ``indices`` ascend. Some rows are made at a time: one by one each costs a slice of every column, and all would be in
    memory twice."""
    starts = np.unique(indices // _ROWS_AT_ONCE) * _ROWS_AT_ONCE
    for start, end in zip(starts.tolist(), np.searchsorted(indices, starts + _ROWS_AT_ONCE).tolist(), strict=True):
        begin = int(np.searchsorted(indices, start))
        rows = tables.document_rows(table.slice(start, _ROWS_AT_ONCE))
        for index in indices[begin:end].tolist():
            yield index, rows[index - start]
