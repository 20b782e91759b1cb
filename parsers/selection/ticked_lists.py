"""Lists of things to pack, to buy or to do: each item has a box to tick and a word or two."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import GROUP, ITEM, ROLE
from parsers.markup.names import TAG
from parsers.scanner.page import CONTROLS, ELEMENT, LAST, LINKS, PARENT, TAG_, WORD, WORDS, Page

_FORM, _NAV, _ASIDE = TAG["form"], TAG["nav"], TAG["aside"]
_ITEM = 12 * WORD
LIKELY, ITEMS, _LEVELS = 0.1, 2, 6
_NEAR, _TEXT = 40, 8 * WORD  # blocks from the text above a list, and words of that


def keep_ticked_lists(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the lists of which every item has a box to tick and no link, in a container with kept
    text that stands above them, and the headings between, unless they are unlikely (``probabilities``: ``float32[m]``) or part of a
    form. ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    ticked = (roles[:, ROLE] == ITEM) & (blocks[:, CONTROLS] > 0) & (blocks[:, LINKS] == 0) & (blocks[:, WORDS] > 0)
    rows = np.flatnonzero(ticked & ~kept & (blocks[:, WORDS] <= _ITEM) & (probabilities >= LIKELY))
    if len(rows) < ITEMS:
        return kept
    whole = kept
    for group in np.unique(roles[rows, GROUP]).tolist():
        lines = np.flatnonzero(roles[:, GROUP] == group)
        if len(lines) < ITEMS or not ticked[lines].all() or probabilities[lines].mean() < LIKELY:
            continue
        first = int(lines[0])
        above = first - 1
        while above > max(first - _NEAR, 0) and not (whole[above] and blocks[above, WORDS] >= _TEXT):
            above -= 1
        if above >= 0 and whole[above] and _together(page, int(blocks[above, ELEMENT]), int(blocks[first, ELEMENT])):
            whole = whole.copy() if whole is kept else whole
            whole[lines] = True
            if first and 0 < blocks[first - 1, WORDS] <= _ITEM and roles[first - 1, GROUP] < 0:
                whole[first - 1] = True
    return whole


def _together(page: Page, text: int, item: int) -> bool:
    """Whether a container close around a text holds an item, and no form or margin around that."""
    elements = page.elements
    holder = max(int(elements[max(text, 0), PARENT]), 0)
    if not holder <= item <= elements[holder, LAST]:
        return False
    while item > holder:
        if elements[item, TAG_] in (_FORM, _NAV, _ASIDE):
            return False
        item = int(elements[item, PARENT])
    return True
