"""An endless page goes on with the next article: in an element like the first one's, under a heading like the page's headline."""

from __future__ import annotations

import re

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, INNER, LAST, OPEN, PARENT, TAG_, WORD, WORDS, Page

_H1, _H2, _ARTICLE, _TIME = TAG["h1"], TAG["h2"], TAG["article"], TAG["time"]
_BODY = TAG["body"]
_LEVELS = 12
_OTHERS = 30  # further articles that are looked at
_PROSE, _PARAGRAPH = 60 * WORD, 15 * WORD  # words of the first article at least, and of two of its paragraphs
_ADDRESS = re.compile(rb' (?:data-[a-z-]*(?:url|href|permalink|uri|link|slug|path)|itemid)="')


def drop_further_articles(page: Page, markup: bytes, kept: np.ndarray, headline: int) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without what stands in elements that follow the one with the page's ``headline`` (a
    row, -1 for none), are like it, and have an address of their own or a time, and a headline of the same level. ``markup``: the
    page's normal form."""
    if headline < 0:
        return kept
    elements, tags = page.elements, page.elements[:, TAG_]
    heading = max(int(page.blocks[headline, ELEMENT]), 0)
    level = _heading(page, heading)
    if level < 0 or page.tags[tags[level]] < 2 or not (tags[heading + 1 :] == tags[level]).any():
        return kept
    article = int(elements[level, PARENT])
    for _ in range(_LEVELS):
        if article <= 0 or tags[article] == _BODY:
            return kept
        may = tags[article] == _ARTICLE or _ADDRESS.search(markup, *elements[article, [OPEN, INNER]].tolist())
        others = _alike(page, article) if may else []
        if others:
            break
        article = int(elements[article, PARENT])
    else:
        return kept
    holders = page.blocks[:, ELEMENT]
    inside = np.zeros(len(kept), np.bool_)
    first = (holders >= article) & (holders <= elements[article, LAST])
    words = page.blocks[first & kept, WORDS]
    if words.sum() < _PROSE or np.count_nonzero(words >= _PARAGRAPH) < 2:
        return kept
    for other in others:
        stop = int(elements[other, LAST]) + 1
        if not (tags[other:stop] == tags[level]).any() or not _stands_alone(page, markup, other, stop):
            return kept
        inside |= (holders >= other) & (holders < stop)
    return kept & ~inside if (kept & inside).any() else kept


def _heading(page: Page, element: int) -> int:
    """The ``h1`` or ``h2`` that an element is or stands in, -1 for none."""
    for _ in range(4):
        if element < 0 or _H1 <= page.elements[element, TAG_] <= _H2:
            return element
        element = int(page.elements[element, PARENT])
    return -1


def _alike(page: Page, article: int) -> list[int]:
    """The elements behind ``article`` in the same parent that have its tag and classes."""
    elements = page.elements
    after, last = int(elements[article, LAST]) + 1, int(elements[elements[article, PARENT], LAST])
    same = page.signature[after : last + 1] == page.signature[article]
    found = np.flatnonzero(same & (elements[after : last + 1, PARENT] == elements[article, PARENT])) + after
    return found[:_OTHERS].tolist()


def _stands_alone(page: Page, markup: bytes, element: int, stop: int) -> bool:
    tags = page.elements[element:stop, TAG_]
    if _ADDRESS.search(markup, *page.elements[element, [OPEN, INNER]].tolist()):
        return True
    return bool(page.elements[element, TAG_] == _ARTICLE and (tags == _TIME).any() and (tags == _H1).any())
