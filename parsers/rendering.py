"""Puts plain text together block by block, and remembers where code, tables, lists and quotes came to lie."""

from __future__ import annotations

import re
import unicodedata

from text.document import Span

_SPACE = re.compile(r"\s+")
# Soft hyphens, zero-width characters (the joiners stay: Indic and Arabic scripts need them) and byte order marks.
_DEBRIS = re.compile("[\u00ad\u200b\u2060\ufeff\x00]")


def clean(text: str) -> str:
    """Unicode NFC, without invisible debris; only ``\\n`` separates lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _DEBRIS.sub("", text))


def inline(text: str) -> str:
    """Text of one line of prose: runs of white space folded into one blank."""
    return _SPACE.sub(" ", clean(text)).strip()


class PlainText:
    """Collects blocks; one blank line stands between two of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._spans: list[Span] = []

    def add(self, block: str, kind: str | None = None) -> None:
        """Appends ``block`` (clean text, possibly of several lines), as a span of ``kind`` if one is named."""
        block = block.strip("\n")
        if not block.strip():
            return
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        start = self._length
        self._parts.append(block)
        self._length += len(block)
        if kind:
            self._spans.append(Span(start, self._length, kind))

    def finish(self) -> tuple[str, tuple[Span, ...]]:
        return "".join(self._parts), tuple(self._spans)
