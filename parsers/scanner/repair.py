"""Mends markup in three cases where the tree shows that the author meant another page.

Browsers hide these from authors: two end tags that are missing, and a set of frames, of which one crawled page shows nothing
but what it has for browsers without frames. A page is repaired only if its tree shows the result of one of them, so for
all other pages this costs three checks of the scanner's tables.
"""

from __future__ import annotations

import re

from parsers.markup.names import TAG
from parsers.scanner.page import CLOSE, INNER, LAST, TAG_, Page
from text.jit.options import kernel

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
    has_iframe, nests_figures, has_frameset = _signs(page.elements)
    if has_iframe and _swallows(markup, page):
        out = _OPEN_FRAME.sub(rb"\1</iframe>", out)
    if nests_figures:
        out = _OPEN_FIGURE.sub(rb"\1</figure>", out)
    if has_frameset:
        out = _FRAMES.sub(b"", out)
    return out


def _swallows(markup: bytes, page: Page) -> bool:
    """Whether an iframe has the end of a noscript element in it."""
    frames = page.elements[page.elements[:, TAG_] == _IFRAME]
    return any(_NOSCRIPT_END.search(markup, row[INNER], row[CLOSE]) for row in frames.tolist())


@kernel
def _signs(elements):
    """Whether there is an iframe, a figure in another one, a frameset."""
    iframe = nested = frameset = False
    last = -1  # the last element within the last figure
    for e in range(len(elements)):
        tag = elements[e, TAG_]
        iframe |= tag == _IFRAME
        frameset |= tag == _FRAMESET
        if tag == _FIGURE:
            nested |= e <= last
            last = elements[e, LAST]
    return iframe, nested, frameset
