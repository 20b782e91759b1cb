"""Documents are read as they are after line removal, those that are still there alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import run_state, storage, tables
from pipeline.run_state import Part
from pipeline.transforms.clean_documents import cleaned_documents
from text.document import Document, Span


def test_removed_lines_are_gone_and_rejected_documents_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_state, "ROW_GROUP_ROWS", 2)
    text = [
        {"id": str(n), "url": f"u{n}", "language": "en", "text": f"share\n\nrow {n}", "spans": [(7, 12, "quote")]}
        for n in range(4)
    ]
    for row in text:
        row["spans"] = tables.spans_to(tuple(Span(*span) for span in row["spans"]))
    removed = [{"removed": [0]}, {"removed": None}, {"removed": [0]}, {"removed": [0, 2]}]
    verdicts = [{}, {}, {"stage": "urls"}, {}]
    paths = {}
    for phase, role, schema, rows in (
        ("extract", "text", tables.TEXT, text),
        ("clean", "lines", tables.REMOVED_LINES, removed),
        ("urls", "verdicts", tables.VERDICTS, verdicts),
    ):
        paths[phase, role] = str(tmp_path / f"{phase}.parquet")
        storage.write_bytes(paths[phase, role], storage.parquet_bytes(tables.table(schema, rows), 2))
    part = Part(0, 4, paths)
    found = list(cleaned_documents(part))
    assert [(row, document) for row, document, _ in found] == [
        (0, Document("row 0", "en", (Span(0, 5, "quote"),), "u0")),
        (1, Document("share\n\nrow 1", "en", (Span(7, 12, "quote"),), "u1")),
        (3, Document("", "en", (), "u3")),
    ]
    assert found[0].stored["text"] == "share\n\nrow 0"
    assert [(row, document.url) for row, document, _ in cleaned_documents(part, [1])] == [(1, "u3")]
