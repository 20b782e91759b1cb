"""What a filter sees of a page: its text, its language, and the spans that prose rules must spare."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from text.view import TextView

# A table_header lies in a table: its first rows, which say what the columns hold. A heading is the page's headline.
SPAN_KINDS = ("code", "math", "table", "table_header", "list", "quote", "heading")
# What rules about prose leave out: code, formulas and tables repeat by nature and hold few words of any language.
NO_PROSE = ("code", "math", "table")
_VIEWS = ("view", "prose")


class Span(NamedTuple):
    """A stretch of text of one kind: ``text[start:end]``, offsets in characters (code points)."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Document:
    """Extracted text and what is known of it.

    ``language`` is an ISO 639 code as fastText's lid.176 writes it (``en``, ``zh``), or ``und`` where undetermined.
    Every filter, one of a user's own too, finds the text segmented in ``view``, and without code, formulas and tables
    in ``prose``; each is made once, when first asked for.
    """

    text: str
    language: str = "und"
    spans: tuple[Span, ...] = ()
    url: str = ""

    @cached_property
    def view(self) -> TextView:
        """The whole text, segmented."""
        return TextView(self.text)

    @cached_property
    def prose(self) -> TextView:
        """The text without spans of :data:`NO_PROSE`, segmented; :attr:`view` itself where there are none."""
        if not any(span.kind in NO_PROSE for span in self.spans):
            return self.view
        return TextView(without_spans(self.text, self.spans, NO_PROSE))

    def in_language(self, language: str) -> Document:
        """The same document in ``language``, with the views made so far."""
        document = replace(self, language=language)
        vars(document).update({name: vars(self)[name] for name in _VIEWS if name in vars(self)})
        return document

    def __getstate__(self) -> dict[str, Any]:
        # Views are cheaper made again than sent.
        return {name: value for name, value in vars(self).items() if name not in _VIEWS}


def without_spans(text: str, spans: tuple[Span, ...], kinds: tuple[str, ...]) -> str:
    """``text`` with the stretches of the given kinds cut out: what a rule about prose should look at."""
    kept, position = [], 0
    for span in sorted(spans):
        if span.kind in kinds and span.end > position:
            kept.append(text[position : max(span.start, position)])
            position = span.end
    return "".join(kept) + text[position:]


def rows_of_spans(rows: Sequence[str], spans: Iterable[Span], kinds: tuple[str, ...]) -> set[int]:
    """Indices of the ``rows`` (lines of a text, without their line feeds) that share a character with a span of ``kinds``.

    A span that begins with the line feed behind a row, or that holds nothing, doesn't touch that row. An empty row
    within a span belongs to it.
    """
    of_kind = [span for span in spans if span.kind in kinds and span.start < span.end]
    if not of_kind:
        return set()
    starts = list(accumulate((len(row) + 1 for row in rows[:-1]), initial=0))
    ends = [start + len(row) for start, row in zip(starts, rows, strict=True)]
    return {row for span in of_kind for row in range(bisect_right(ends, span.start), bisect_left(starts, span.end))}
