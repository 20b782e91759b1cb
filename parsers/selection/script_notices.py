"""What a page says to browsers without scripts about itself: "Please enable JavaScript to see this page"."""

from __future__ import annotations

import numpy as np

from parsers.jit.byte_search import which_may_be
from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, LAST, PARENT, START, STOP, TAG_, WORD, WORDS, Page

_NOSCRIPT = TAG["noscript"]
_NAME = b"avascript"
_BEGINNING = np.frombuffer(_NAME[:4], np.uint8).reshape(1, 4)
_WORDS, _LEVELS, _NOTICES = 60 * WORD, 8, 20  # words of a notice, elements around it, and notices looked at, at most


def drop_script_notices(page: Page, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the ``noscript`` elements of a few words that speak of JavaScript, in any
    language. In longer ones a page may have all of its content. Time is linear in the page."""
    if not page.tags[_NOSCRIPT] or not which_may_be(page.text, _BEGINNING):
        return kept
    text = page.text.tobytes().lower()
    left, at = kept, text.find(_NAME)
    found = 0
    while at >= 0 and found < _NOTICES:
        row = int(np.searchsorted(page.blocks[:, START], at, "right")) - 1
        if kept[row] and (holder := _noscript_around(page, int(page.blocks[row, ELEMENT]))) >= 0:
            inside = (page.blocks[:, ELEMENT] >= holder) & (page.blocks[:, ELEMENT] <= page.elements[holder, LAST])
            if page.blocks[inside, WORDS].sum() <= _WORDS:
                left = left & ~inside
            found += 1
        at = text.find(_NAME, max(int(page.blocks[row, STOP]), at + 1))
    return left


def _noscript_around(page: Page, element: int) -> int:
    """The ``noscript`` element around ``element``, -1 if there is none close by."""
    for _ in range(_LEVELS):
        if element < 0 or page.elements[element, TAG_] == _NOSCRIPT:
            return element
        element = int(page.elements[element, PARENT])
    return -1
