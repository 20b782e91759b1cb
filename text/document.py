"""What a filter sees of a page: its text, its language, and the spans that prose rules must spare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

# A table_header lies in a table: its first rows, which say what the columns hold. A heading is the page's headline.
SPAN_KINDS = ("code", "math", "table", "table_header", "list", "quote", "heading")


class Span(NamedTuple):
    """A stretch of text of one kind: ``text[start:end]``, offsets in characters (code points)."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Document:
    """Extracted text and what is known of it.

    ``language`` is an ISO 639 code as fastText's lid.176 writes it (``en``, ``zh``), or ``und`` where undetermined.
    """

    text: str
    language: str = "und"
    spans: tuple[Span, ...] = ()
    url: str = ""


def without_spans(text: str, spans: tuple[Span, ...], kinds: tuple[str, ...]) -> str:
    """``text`` with the stretches of the given kinds cut out: what a rule about prose should look at."""
    kept, position = [], 0
    for span in sorted(spans):
        if span.kind in kinds and span.end > position:
            kept.append(text[position : max(span.start, position)])
            position = span.end
    return "".join(kept) + text[position:]
