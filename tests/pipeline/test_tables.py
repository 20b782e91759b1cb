"""Tables of a run: what is missing is null, spans come back as they went, and domains have their evidence."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import tables
from text.document import Span


def test_what_a_row_does_not_say_is_null() -> None:
    found = tables.table(tables.VERDICTS, iter([{"reason": "near", "score": 1}, {}]))
    assert found.schema == tables.VERDICTS
    assert found.to_pylist() == [
        {"stage": None, "reason": "near", "score": 1.0, "detail": None, "unique_words": None},
        {"stage": None, "reason": None, "score": None, "detail": None, "unique_words": None},
    ]
    assert tables.table(tables.VERDICTS, []).num_rows == 0


def test_spans_survive_a_table() -> None:
    spans = (Span(0, 3, "code"), Span(5, 9, "quote"))
    row = tables.table(tables.TEXT, [{"spans": tables.spans_to(spans)}, {}]).to_pylist()
    assert tables.spans_from(row[0]["spans"]) == spans
    assert tables.spans_from(row[1]["spans"]) == ()


@given(st.lists(st.lists(st.integers(0, 9), max_size=3) | st.none(), max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_rows_of_documents_have_their_spans(lists: list[list[int] | None], start: int, count: int) -> None:
    spans = [None if each is None else tuple(Span(at, at + 1, "code") for at in each) for each in lists]
    rows = [
        {"id": str(row), "spans": None if each is None else tables.spans_to(each)} for row, each in enumerate(spans)
    ]
    stored = tables.table(tables.TEXT, rows)
    stored = pa.concat_tables([stored.slice(0, 2), stored.slice(2)]).slice(start, count)
    expected = [(row["id"], each or ()) for row, each in zip(rows, spans, strict=True)][start : start + count]
    assert [(row["id"], row["spans"]) for row in tables.document_rows(stored)] == expected
    written = tables.document_table(tables.TEXT, [{"id": each, "spans": found} for each, found in expected])
    assert (
        written.schema == tables.TEXT
        and [(row["id"], row["spans"]) for row in tables.document_rows(written)] == expected
    )
    assert tables.document_rows(stored.select(["id"])) == stored.select(["id"]).to_pylist()


def test_domains_have_a_column_for_each_number_of_their_evidence() -> None:
    rows = [{"domain": "a.example", "pages": 3, "sampled": 3, "adult_pages": 2, "reason": "adult", "score": 0.6667}]
    found = tables.table(tables.DOMAINS, rows).to_pylist()[0]
    assert {name: found[name] for name in rows[0]} == rows[0]
    assert {"emails", "adult_low", "adult_high", "adult_score", "harm_hits_per_1000_words", "samples"} <= set(found)
    assert tables.table(tables.DOMAINS, []).column_names[:3] == ["domain", "pages", "sampled"]
