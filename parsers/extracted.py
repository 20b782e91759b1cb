"""What every parser takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from text.document import Span

# Which alternative texts of images are text; the first is what every parser does.
ALT_TEXTS = ("formulas", "all")


@dataclass(frozen=True)
class Extracted:
    """The main content of one HTML page as plain text.

    ``text``   lines separated by ``\\n``, blocks by one blank line; no markdown markers; empty where nothing was
    found.
    ``title``  the page's title, or the empty string.
    ``spans``  stretches of ``text`` that prose rules should spare: code, math, table, list, quote; and the page's
    headline (heading). Those of formulas may lie within those of others; all others lie apart.
    ``charset``  the Python codec that the bytes were decoded with.
    ``undecodable``  the share (0 to 1) of the page's characters that this codec could not decode.
    ``language_hint``  the language that the page states (``en``, ``pt-br``), or the empty string.
    ``date``  the day of publication that the page states, as ``YYYY-MM-DD``, or the empty string.
    ``kinds``  names of what the text holds and of what kind of page it is, in alphabetical order: see
    :mod:`parsers.metadata.page_type`.
    ``removed``  the share (0 to 1) of the page's words that are not in ``text``; ``None`` where a parser doesn't say.
    """

    text: str
    title: str = ""
    spans: tuple[Span, ...] = ()
    charset: str = "utf-8"
    undecodable: float = 0.0
    language_hint: str = ""
    date: str = ""
    kinds: tuple[str, ...] = ()
    removed: float | None = None

    def without_headline(self) -> Extracted:
        """The same page without its headline: the text of its ``heading`` span and the blank line behind it."""
        text, spans = self.text, self.spans
        for headline in (span for span in self.spans if span.kind == "heading"):
            end = headline.end
            while text[end : end + 1] == "\n":
                end += 1
            cut = end - headline.start
            text = text[: headline.start] + text[end:]
            spans = tuple(
                span if span.end <= headline.start else Span(span.start - cut, span.end - cut, span.kind)
                for span in spans
                if not headline.start <= span.start < headline.end
            )
        return replace(self, text=text.rstrip("\n"), spans=spans)
