"""A part's documents as they are after line removal, for every phase that reads their text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dedup.lines import remove_lines
from pipeline import tables
from pipeline.run_state import Part
from text.document import Document


class CleanRow(NamedTuple):
    """Document ``row`` of a part without its removed lines, and what else its row of the text table says."""

    row: int
    document: Document
    stored: dict


def cleaned_documents(part: Part, row_groups: list[int] | None = None) -> Iterator[CleanRow]:
    """Documents of ``part`` (or of some row groups, counted from their start) that no phase has rejected so far."""
    alive = part.alive(row_groups)
    texts = part.read("extract", "text", None, row_groups)
    removed = part.read("clean", "lines", ["removed"], row_groups)["removed"]
    for index in alive.nonzero()[0].tolist():
        stored = texts.slice(index, 1).to_pylist()[0]
        text, spans, _ = remove_lines(stored["text"], tables.spans_from(stored["spans"]), removed[index].as_py() or [])
        yield CleanRow(index, Document(text, stored["language"], spans, stored["url"]), stored)
