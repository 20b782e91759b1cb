"""What stands on buttons is no text: "Add all to cart", "Copy to clipboard", and links that only a script follows ("show
all").

A button with a question on it, or with more than a few words, heads what it unfolds; so does one that says so, or the
only tab of its block.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, HEADING, ROLE
from parsers.markup.names import TAG
from parsers.markup.tokens import plain_text
from parsers.scanner.buttons import NOWHERE
from parsers.scanner.page import (
    CLOSE,
    CONTROLS,
    ELEMENT,
    END,
    INNER,
    LAST,
    LINK_WORDS,
    LINKS,
    OPEN,
    START,
    STOP,
    TAG_,
    WORD,
    WORDS,
    Page,
)

_BUTTON, _A = TAG["button"], TAG["a"]
_WORDS, _EACH = 12 * WORD, 5  # words of such a block, and of each of its buttons, at most
_LONGEST = 2_000  # bytes of a button
_SWITCH = 3  # labels in one block
_PROSE, _NEAR = 15 * WORD, 2  # words of a paragraph, and how many blocks from it a label stands
_MOST = 200  # blocks of a page that are looked at
_UNFOLDS = re.compile(
    rb"aria-expanded|aria-controls|toggle|collaps|accordion|role=\"tab\"|disclosure|summary", re.IGNORECASE
)
_TABS = re.compile(rb'role="tab"')
_LETTER = re.compile(r"[^\W_]")


def drop_button_labels(page: Page, markup: bytes, roles: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without short blocks of which all words stand on buttons or on links without an
    address. Headings and cells stay. ``markup``: the page's normal form; ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    words = blocks[:, WORDS]
    acts = (blocks[:, CONTROLS] > 0) | ((blocks[:, LINKS] > 0) & (blocks[:, LINK_WORDS] >= words))
    rows = np.flatnonzero(kept & acts & (words > 0) & (words <= _WORDS))
    if not len(rows):
        return kept
    rows = rows[(roles[rows, ROLE] != HEADING) & (roles[rows, ROLE] != CELL)][:_MOST]
    prose = np.flatnonzero(kept & (words >= _PROSE) & (2 * blocks[:, LINK_WORDS] < words))
    labels = [row for row in rows.tolist() if _is_labels(page, markup, row, _beside(row, prose))]
    if not labels:
        return kept
    left = kept.copy()
    left[labels] = False
    return left


def _beside(row: int, prose: np.ndarray) -> bool:
    """Whether a paragraph stands close to a row."""
    at = int(np.searchsorted(prose, row))
    return any(abs(int(other) - row) <= _NEAR for other in prose[max(at - 1, 0) : at + 1])


def _is_labels(page: Page, markup: bytes, row: int, beside: bool) -> bool:
    """Whether a block consists of labels; where it is not ``beside`` a paragraph, of so many that they are a switch."""
    elements, block = page.elements, page.blocks[row]
    holder = max(int(block[ELEMENT]), 0)
    stop = int(elements[holder, LAST]) + 1
    if block[CONTROLS] == 0:
        opens, ends = elements[holder, [OPEN, END]].tolist()
        if not NOWHERE.search(markup, opens, min(ends, opens + _LONGEST)):
            return False
    if holder == 0 or stop - holder > _MOST:
        return False
    text = page.text[block[START] : block[STOP]].tobytes().decode("utf-8", "replace")
    if text.rstrip().endswith(("?", "？", "؟")):
        return False
    rest, count, tabs, heads = text, 0, 0, 0
    tags = elements[holder:stop, TAG_]
    for element in (np.flatnonzero((tags == _BUTTON) | (tags == _A)) + holder).tolist():
        opens, inner, close = elements[element, [OPEN, INNER, CLOSE]].tolist()
        if elements[element, TAG_] == _A:
            start = markup[opens:inner]
            if b" href=" in start and not NOWHERE.search(start):
                continue
        if close - inner > _LONGEST:
            return False
        said = " ".join(plain_text(markup[inner:close].decode("utf-8", "replace")).split())
        if not said or said not in rest:
            continue
        if len(said.split()) > _EACH or not said.isprintable():
            return False
        tabs += _TABS.search(markup, opens, inner) is not None
        heads += _UNFOLDS.search(markup, opens, inner) is not None
        count += 1
        rest = rest.replace(said, " ", 1)
    return rest is not text and not _LETTER.search(rest) and (heads == 0 or tabs > 1) and (beside or count >= _SWITCH)
