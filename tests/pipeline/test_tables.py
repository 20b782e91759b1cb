"""Tables of a run: what is missing is null, spans come back as they went, and domains have their evidence."""

from __future__ import annotations

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


def test_domains_have_a_column_for_each_number_of_their_evidence() -> None:
    rows = [{"domain": "a.example", "pages": 3, "sampled": 3, "adult_pages": 2, "reason": "adult", "score": 0.6667}]
    found = tables.table(tables.DOMAINS, rows).to_pylist()[0]
    assert {name: found[name] for name in rows[0]} == rows[0]
    assert {"emails", "adult_low", "adult_high", "adult_score", "harm_hits_per_1000_words", "samples"} <= set(found)
    assert tables.table(tables.DOMAINS, []).column_names[:3] == ["domain", "pages", "sampled"]
