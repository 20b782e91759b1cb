"""A part's documents as they are after line removal, for every phase that reads their text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from dedup.lines import remove_lines
from pipeline import tables
from pipeline.run_state import Part
from text.document import Document


class CleanRow(NamedTuple):
    """Document ``row`` of a part without its removed lines, and what else its row of the text table says."""

    row: int
    document: Document
    stored: dict


def removed_lines(part: Part, columns: list[str] | None = None, row_groups: list[int] | None = None) -> pa.Table:
    """What has been removed from the documents of ``part`` line by line so far (:data:`tables.REMOVED_LINES`)."""
    phase = "judge" if ("judge", "lines") in part.tables else "clean"
    return part.read(phase, "lines", columns, row_groups)


def cleaned_documents(part: Part, row_groups: list[int] | None = None) -> Iterator[CleanRow]:
    """Documents of ``part`` (or of some row groups, counted from their start) that no phase has rejected so far."""
    alive = part.alive(row_groups)
    texts = part.read("extract", "text", None, row_groups)
    removed = removed_lines(part, ["removed"], row_groups)["removed"]
    for index in alive.nonzero()[0].tolist():
        stored = texts.slice(index, 1).to_pylist()[0]
        text, spans, _ = remove_lines(stored["text"], tables.spans_from(stored["spans"]), removed[index].as_py() or [])
        yield CleanRow(index, Document(text, stored["language"], spans, stored["url"]), stored)
