"""Joins words that were broken at the end of a line, where that is certain.

A soft hyphen stands only within a word: white space after it is a line end that was kept by mistake. A plain hyphen
before a line end may be part of the word (``well-`` / ``known``): it is removed only where the page has the joined
word elsewhere, and nowhere with a hyphen. Where the line end has become a blank, the hyphen may also be a dash or
stand for a part that was left out (``pre- and postwar``): there one of the halves must occur nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

_AT_SOFT_HYPHEN = re.compile("\u00ad\\s+(?=[^\\W\\d_])")
_AT_HYPHEN = re.compile(r"\b([^\W\d_]{2,})[-\u2010](\s)([^\W\d_]{2,})\b")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def words_of(text: str) -> Counter[str]:
    """How often each word occurs in a page, in lower case, those with hyphens as one word."""
    return Counter(word.replace("\u2010", "-") for word in _WORD.findall(text.lower()))


class PageWords:
    """The words of a page, made when they are first asked for: few pages need them. ``text`` is UTF-8."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def lower_text(self) -> str:
        """All text of the page in lower case."""
        return self._text.decode("utf-8", "replace").lower()

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs on the page: :func:`words_of` its text."""
        return words_of(self.lower_text)


def rejoined(text: str, page: PageWords) -> str:
    """``text`` with its broken words joined; ``page`` has the words of the whole page."""
    if "\u00ad" in text:
        text = _AT_SOFT_HYPHEN.sub("", text)
    if "-\n" in text or "\u2010" in text or text.count("- ") > text.count(" - "):
        return _AT_HYPHEN.sub(lambda match: _whole(match, page), text)
    return text


def _whole(match: re.Match[str], page: PageWords) -> str:
    first, second = match[1].lower(), match[3]
    # Hardly ever is the whole word anywhere on the page: a search is cheaper than counting all words.
    if not second.islower() or first + second not in page.lower_text:
        return match[0]
    counts = page.counts
    if f"{first}-{second}" in counts or first + second not in counts:
        return match[0]
    if match[2] != "\n" and counts[first] > 1 and counts[second] > 1:
        return match[0]
    return match[1] + second
