"""Documents as they are after line removal, without those that a phase has rejected."""

from __future__ import annotations

import pytest

from pipeline import tables
from pipeline.run_state import RunState
from pipeline.transforms.clean_documents import cleaned_documents
from tests.pipeline.parts import add_tables, document_id, extracted


@pytest.fixture
def run(tmp_path) -> RunState:
    names = sorted("abc", key=document_id)
    rows = [
        {"id": document_id(name), "url": f"https://{name}.example/", "language": "en", "title": name,
         "text": "first line\nsecond line\nx = 1\nlast line",
         "spans": [{"start": 23, "end": 28, "kind": "code"}]}
        for name in names
    ]  # fmt: skip
    run = extracted(tmp_path, rows)
    removed = [{"removed": None, "removed_words": 0}, {"removed": [0], "removed_words": 2}, {"removed_words": 0}]
    add_tables(run, "clean", "lines", tables.REMOVED_LINES, removed)
    return run


def test_removed_lines_are_gone_and_spans_moved(run: RunState) -> None:
    (part,) = run.parts()
    found = list(cleaned_documents(part))
    assert [clean.row for clean in found] == [0, 1, 2]
    assert [clean.document.text.splitlines()[0] for clean in found] == ["first line", "second line", "first line"]
    assert all(
        clean.document.text[span.start : span.end] == "x = 1" for clean in found for span in clean.document.spans
    )
    assert found[1].stored["text"].startswith("first line") and found[1].document.url == found[1].stored["url"]


def test_what_a_phase_has_rejected_does_not_come(run: RunState) -> None:
    add_tables(run, "urls", "verdicts", tables.VERDICTS, [{}, {"stage": "urls", "reason": "older_capture"}, {}])
    (part,) = run.parts()
    assert [clean.row for clean in cleaned_documents(part)] == [0, 2]
    assert [clean.row for clean in cleaned_documents(part, [0])] == [0, 2]
