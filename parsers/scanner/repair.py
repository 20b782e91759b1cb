"""Mends markup in three cases where the tree shows that the author meant another page.

Browsers hide these from authors: two end tags that are missing, and a set of frames, of which one crawled page shows nothing
but what it has for browsers without frames. A page is repaired only if its tree shows the result of one of them, so for
all other pages this costs three checks of what the scanner has counted.
"""

from __future__ import annotations

import re

from parsers.markup.names import TAG
from parsers.scanner.page import LAST, NESTED_FIGURES, TAG_, Page, contents
from text.jit.options import inner

_IFRAME, _FIGURE, _FRAMESET = TAG["iframe"], TAG["figure"], TAG["frameset"]
# An iframe without an end tag, in a noscript element: to a parser without scripts, all that follows is its content. To
# browsers a noscript element is text, so they show such pages as they were meant. An end tag is added for each iframe
# that is open where a noscript ends.
_OPEN_FRAME = re.compile(rb"(<iframe\b[^<>]*>)(?=[^<]*+</noscript)", re.IGNORECASE)
_NOSCRIPT_END = re.compile(rb"</noscript", re.IGNORECASE)
# ``<figure>`` where ``</figure>`` was meant: text follows, and no picture.
_OPEN_FIGURE = re.compile(
    rb"(</figcaption\s*+>\s*+)<figure\s*+>(?=\s*+<(?:p|h[1-6]|ul|ol|dl|pre|blockquote)\b)", re.IGNORECASE
)


# What a page with frames has for others stands in ``noframes``, which parsers read as text.
_FRAMES = re.compile(rb"</?(?:frameset|noframes)\b[^<>]*>|<frame\b[^<>]*>", re.IGNORECASE)


def repaired(html: bytes, markup: bytes, page: Page) -> bytes:
    """``html`` as its author meant it. ``markup`` is its normal form and ``page`` the scanner's tables of that; the
    same bytes if there is nothing to repair."""
    out = html
    if page.tags[_IFRAME] and _swallows(markup, page):
        out = _OPEN_FRAME.sub(rb"\1</iframe>", out)
    if page.signs & NESTED_FIGURES:
        out = _OPEN_FIGURE.sub(rb"\1</figure>", out)
    if page.tags[_FRAMESET]:
        out = _FRAMES.sub(b"", out)
    return out


def _swallows(markup: bytes, page: Page) -> bool:
    """Whether an iframe has the end of a noscript element in it."""
    return any(_NOSCRIPT_END.search(markup, *inside) for inside in contents(page, _IFRAME))


@inner
def nests_figures(elements):
    """Whether there is a figure in another one."""
    last = -1  # the last element within the last figure
    for e in range(len(elements)):
        if elements[e, TAG_] == _FIGURE:
            if e <= last:
                return True
            last = elements[e, LAST]
    return False
