"""What a filter sees of a page: its text, its language, and the spans that prose rules must spare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
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
