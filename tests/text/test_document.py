"""Spans are cut out of a text exactly, however they lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from text.document import SPAN_KINDS, Document, Span, without_spans


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(st.text(max_size=30))
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place, st.sampled_from(SPAN_KINDS)), max_size=6))
    return text, tuple(Span(min(a, b), max(a, b), kind) for a, b, kind in spans)


@given(texts_with_spans(), st.sets(st.sampled_from(SPAN_KINDS)))
def test_exactly_the_covered_characters_go(case: tuple[str, tuple[Span, ...]], kinds: set[str]) -> None:
    text, spans = case
    covered = {place for span in spans if span.kind in kinds for place in range(span.start, span.end)}
    expected = "".join(character for place, character in enumerate(text) if place not in covered)
    assert without_spans(text, spans, tuple(kinds)) == expected


def test_a_document_defaults_to_an_undetermined_language_without_spans() -> None:
    document = Document("text")
    assert (document.language, document.spans, document.url) == ("und", (), "")
