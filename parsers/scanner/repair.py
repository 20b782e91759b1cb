"""End tags that authors forgot, put in where a page shows that without them it is not what its author saw.

Two mistakes that browsers hide from their authors. A page is mended when its tree has what they lead to, and only then, so
that sound pages cost two looks at the scanner's tables.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.page import CLOSE, INNER, LAST, TAG_, Page

_IFRAME, _FIGURE = TAG["iframe"], TAG["figure"]
# To a parser without scripts, what follows an iframe that nobody closed is its content. Browsers read a noscript element as
# text, so such pages work for their readers. An end tag is put in for each that is open where a noscript ends.
_OPEN_FRAME = re.compile(rb"(<iframe\b[^<>]*>)(?=[^<]*+</noscript)", re.I)
_NOSCRIPT_END = re.compile(rb"</noscript", re.I)
# A start tag where a figure's end tag was meant: text follows, and no picture.
_OPEN_FIGURE = re.compile(rb"(</figcaption\s*+>\s*+)<figure\s*+>(?=\s*+<(?:p|h[1-6]|ul|ol|dl|pre|blockquote)\b)", re.I)


def repaired(html: bytes, markup: bytes, page: Page) -> bytes:
    """``html`` as its author meant it. ``markup`` is its normal form and ``page`` the scanner's tables of that; the same bytes
    if there is nothing to mend."""
    out = html
    if _swallows(markup, page):
        out = _OPEN_FRAME.sub(rb"\1</iframe>", out)
    if _nests_figures(page):
        out = _OPEN_FIGURE.sub(rb"\1</figure>", out)
    return out


def _swallows(markup: bytes, page: Page) -> bool:
    """Whether an iframe has the end of a noscript element in it."""
    frames = page.elements[page.elements[:, TAG_] == _IFRAME]
    return any(_NOSCRIPT_END.search(markup, row[INNER], row[CLOSE]) for row in frames.tolist())


def _nests_figures(page: Page) -> bool:
    figures = np.flatnonzero(page.elements[:, TAG_] == _FIGURE)
    return bool((page.elements[figures[:-1], LAST] >= figures[1:]).any())
