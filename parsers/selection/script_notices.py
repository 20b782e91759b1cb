"""What a page says to browsers without scripts about itself: "Please enable JavaScript to see this page"."""

from __future__ import annotations

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, PARENT, START, STOP, TAG_, WORD, WORDS, Page

_NOSCRIPT = TAG["noscript"]
_NAME = b"avascript"
_WORDS, _LEVELS = 60 * WORD, 8  # words of a notice, and elements around it, at most


def drop_script_notices(page: Page, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the short blocks in ``noscript`` elements that speak of JavaScript, in any
    language. ``markup`` is the page's normal form. Time is linear in the page."""
    if b"<noscript" not in markup:
        return kept
    text = page.text.tobytes().lower()
    left, at = kept, text.find(_NAME)
    while at >= 0:
        row = int(np.searchsorted(page.blocks[:, START], at, "right")) - 1
        if kept[row] and page.blocks[row, WORDS] <= _WORDS and _in_noscript(page, int(page.blocks[row, ELEMENT])):
            left = left.copy() if left is kept else left
            left[row] = False
        at = text.find(_NAME, max(int(page.blocks[row, STOP]), at + 1))
    return left


def _in_noscript(page: Page, element: int) -> bool:
    for _ in range(_LEVELS):
        if element < 0 or page.elements[element, TAG_] == _NOSCRIPT:
            break
        element = int(page.elements[element, PARENT])
    return element >= 0 and bool(page.elements[element, TAG_] == _NOSCRIPT)
