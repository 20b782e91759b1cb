"""The rows of a table are kept whole or left out whole: a label says nothing without its value."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import CELL, COLUMN, GROUP, LINE, ROLE
from parsers.scanner.page import WORD
from text.jit.options import kernel

_TITLE_WORDS = 8 * WORD  # a title across a table has at most so many


def whole_rows(kept: np.ndarray, roles: np.ndarray, words: np.ndarray) -> np.ndarray:
    """``kept`` (``bool[m]``) with each row of a table kept or left out as a whole, by the
    majority of its words. A title across the table goes with the rows below it. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`; ``words``: ``int32[m]``, column ``WORDS`` of ``Page.blocks``."""
    return _whole_rows(kept, roles, words)


@kernel
def said_by_rows(roles, words):
    """``bool[m]``: the cells of rows in which some cell has words. In such a row a sign alone (a tick, a dash) is a
    value. ``roles`` and ``words`` as in :func:`whole_rows`. For kernels as well."""
    said = np.zeros(len(roles), np.bool_)
    last = -1
    for b in range(len(roles)):
        if roles[b, ROLE] == CELL:
            last = max(last, roles[b, LINE])
    spoken = np.zeros(last + 1, np.bool_)
    for b in range(len(roles)):
        if roles[b, ROLE] == CELL and words[b] > 0:
            spoken[roles[b, LINE]] = True
    for b in range(len(roles)):
        said[b] = roles[b, ROLE] == CELL and spoken[roles[b, LINE]]
    return said


@kernel
def _whole_rows(kept, roles, words):
    whole = kept.copy()
    last = -1
    for b in range(len(kept)):
        if roles[b, ROLE] == CELL:
            last = max(last, roles[b, LINE])
    balance = np.zeros(last + 1, np.int64)  # of each row of a table: words kept less words left
    column = np.full(last + 1, -1, np.int64)  # its first cell with text
    parted = np.zeros(last + 1, np.bool_)  # whether it has another one
    for b in range(len(kept)):
        if roles[b, ROLE] == CELL:
            weight, row = max(words[b], 1), roles[b, LINE]
            balance[row] += weight if kept[b] else -weight
            parted[row] |= column[row] >= 0 and column[row] != roles[b, COLUMN]
            column[row] = roles[b, COLUMN]
    for b in range(len(kept)):
        if roles[b, ROLE] == CELL:
            whole[b] = balance[roles[b, LINE]] >= 0
    _leave_titles(whole, roles, words, parted)
    return whole


@kernel
def _leave_titles(whole, roles, words, parted):
    """Takes out of ``whole`` the short rows of one cell below which, up to the next of them, no row stays."""
    table = title = -1
    rows = stay = False  # whether there are rows below, and whether one of them stays
    for b in range(len(whole) - 1, -1, -1):
        if roles[b, ROLE] != CELL:
            continue
        row = roles[b, LINE]
        if roles[b, GROUP] != table or (title >= 0 and row != title):
            table, title = roles[b, GROUP], -1
            rows = stay = False
        if parted[row]:
            rows = True
            stay = stay or whole[b]
        else:
            title = row
            whole[b] = whole[b] and (stay or not rows or words[b] > _TITLE_WORDS)
