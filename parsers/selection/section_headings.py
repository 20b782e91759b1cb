"""Headings between kept text: a heading of a few words, often a link to itself, is unlikely by itself."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.scanner.page import CODE_BLOCK, ELEMENT, KIND, LAST, LINK_WORDS, PARENT, WORD, WORDS, Page
from parsers.selection.rows import along_with

_WORDS, _TEXT = 12 * WORD, 8 * WORD
_LEVELS = 3
LIKELY = 0.2


def keep_section_headings(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the headings between two kept blocks of one container, of which the latter is
    code or has a sentence's words, that are not unlikely (``probabilities``: ``float32[m]``). ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    heads = (roles[1:-1, ROLE] == HEADING) & ~kept[1:-1] & kept[2:] & kept[:-2]
    rows = np.flatnonzero(heads & (probabilities[1:-1] >= LIKELY)) + 1
    found = [row for row in rows.tolist() if _leads(page, roles, row)]
    return along_with(kept, found)


def _leads(page: Page, roles: np.ndarray, row: int) -> bool:
    blocks = page.blocks
    if not 0 < blocks[row, WORDS] <= _WORDS or roles[row + 1, ROLE] == HEADING:
        return False
    says = blocks[row + 1, WORDS] >= _TEXT and 2 * blocks[row + 1, LINK_WORDS] < blocks[row + 1, WORDS]
    if not says and blocks[row + 1, KIND] != CODE_BLOCK:
        return False
    before, holder, after = (max(int(blocks[at, ELEMENT]), 0) for at in (row - 1, row, row + 1))
    for _ in range(_LEVELS):
        holder = max(int(page.elements[holder, PARENT]), 0)
        stop = int(page.elements[holder, LAST])
        if holder <= before <= stop and holder <= after <= stop:
            return True
    return False
