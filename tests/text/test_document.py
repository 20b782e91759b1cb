"""Spans are cut out of a text exactly, however they lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from text.document import SPAN_KINDS, Document, Span, rows_of_spans, without_spans

_ANY = st.characters(codec="utf-8")


@st.composite
def texts_with_spans(draw: st.DrawFn, alphabet: st.SearchStrategy[str] = _ANY) -> tuple[str, tuple[Span, ...]]:
    text = draw(st.text(alphabet, max_size=30))
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place, st.sampled_from(SPAN_KINDS)), max_size=6))
    return text, tuple(Span(min(a, b), max(a, b), kind) for a, b, kind in spans)


@given(texts_with_spans(), st.sets(st.sampled_from(SPAN_KINDS)))
def test_exactly_the_covered_characters_go(case: tuple[str, tuple[Span, ...]], kinds: set[str]) -> None:
    text, spans = case
    covered = {place for span in spans if span.kind in kinds for place in range(span.start, span.end)}
    expected = "".join(character for place, character in enumerate(text) if place not in covered)
    assert without_spans(text, spans, tuple(kinds)) == expected


@given(texts_with_spans(st.sampled_from("ab\n")), st.sets(st.sampled_from(SPAN_KINDS)))
def test_rows_of_spans_are_those_with_a_covered_character_and_empty_ones_within(
    case: tuple[str, tuple[Span, ...]], kinds: set[str]
) -> None:
    text, spans = case
    expected, start = set(), 0
    for row, line in enumerate(rows := text.split("\n")):
        for span in spans:
            shares = any(span.start <= place < span.end for place in range(start, start + len(line)))
            if span.kind in kinds and (shares or (not line and span.start < start < span.end)):
                expected.add(row)
        start += len(line) + 1
    assert rows_of_spans(rows, spans, tuple(kinds)) == expected


def test_a_document_defaults_to_an_undetermined_language_without_spans() -> None:
    document = Document("text")
    assert (document.language, document.spans, document.url) == ("und", (), "")
