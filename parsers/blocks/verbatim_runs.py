"""Runs of neighbouring blocks whose text can be written as it is, joined in one kernel: most of a page's text.

The kernel finds them (:mod:`parsers.blocks.verbatim` says which blocks qualify), and copies their text with the line
ends that :func:`parsers.blocks.render.render_blocks` would put between them. For each of the other blocks a
:class:`parsers.blocks.block.Block` is made.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import ANCHORED, CELL, CODE, GROUP, HEADING, ITEM, PARAGRAPH, QUOTE, ROLE, TERM
from parsers.blocks.verbatim import tidy_already
from parsers.scanner.page import START, STOP, WORDS, Page
from text.jit.options import inner, kernel

# Kinds of run: blocks that do not qualify; paragraphs, headings and the like; lines of one list; a quote.
OTHERS, PLAIN, LIST, QUOTED = range(4)
SPANS = (None, None, "list", "quote")
_NUMBER = 6  # characters of what numbers a definition, at most


def find_runs(
    page: Page, roles: np.ndarray, rows: np.ndarray, tidy: np.ndarray | None = None
) -> tuple[list[list[int]], bytes]:
    """What these rows of ``page.blocks`` (``roles``: :func:`parsers.blocks.roles.block_roles`) fall into, in their
    order: ``[kind, first, stop, start, end]``, places in ``rows`` and, except for :data:`OTHERS`, bytes of the text
    that is returned with them (UTF-8). ``tidy``: what :func:`parsers.blocks.verbatim.tidy_already` says of the rows,
    where that is known."""
    found, text = _find_runs(page.text, page.blocks, roles, rows, tidy_already(page, rows) if tidy is None else tidy)
    return found.tolist(), text.tobytes()


@kernel
def _find_runs(text, blocks, roles, rows, is_tidy):
    count = length = first = 0
    tidy = is_tidy.copy()
    found = np.empty((len(rows), 5), np.int64)
    size = 0
    for place in range(len(rows)):
        block = blocks[rows[place]]
        size += block[STOP] - block[START] + 2
        tidy[place] = tidy[place] and block[WORDS] > 0 and not roles[rows[place], ANCHORED]
    out = np.empty(size, np.uint8)
    while first < len(rows):
        stop = _group_stop(roles, rows, first)
        kind = _kind(roles, rows, tidy, first, stop)
        if count and found[count - 1, 0] == kind and (kind == OTHERS or kind == PLAIN):
            found[count - 1, 2] = stop
        else:
            found[count, 0], found[count, 1], found[count, 2], found[count, 3] = kind, first, stop, length
            count += 1
        if kind != OTHERS:
            for place in range(first, stop):
                if length > found[count - 1, 3]:
                    if kind == LIST and _numbers(text, blocks, roles, rows[place - 1], rows[place]):
                        out[length] = 32
                        length += 1
                    else:
                        length = _separate(out, length, 1 if kind == LIST else 2)
                length = _copy(text, blocks[rows[place]], roles[rows[place], ROLE] == HEADING, out, length)
        found[count - 1, 4] = length
        first = stop
    return found[:count], out[:length]


@inner
def _group_stop(roles, rows, first):
    """The place behind the lines of one list or table that begin at ``first``, or behind the one block there."""
    group, stop = roles[rows[first], GROUP], first + 1
    while group >= 0 and stop < len(rows) and roles[rows[stop], GROUP] == group:
        stop += 1
    return stop


@inner
def _kind(roles, rows, tidy, first, stop):
    shape = roles[rows[first], ROLE]
    if shape == CELL or shape == CODE or (shape == PARAGRAPH and roles[rows[first], GROUP] >= 0):
        return OTHERS
    for place in range(first, stop):
        if not tidy[place]:
            return OTHERS
    if shape == ITEM or shape == TERM:
        # A neighbour that turns out to be empty may have more lines of the same list behind it.
        apart = (first == 0 or tidy[first - 1]) and (stop == len(rows) or tidy[stop])
        return LIST if apart else OTHERS
    return QUOTED if shape == QUOTE else PLAIN


@inner
def _numbers(text, blocks, roles, row, after):
    """Whether a block is a term that only numbers the definition ``after`` it: :func:`parsers.blocks.render.is_number` of its text."""
    if roles[row, ROLE] != TERM or roles[after, ROLE] == TERM:
        return False
    start, stop = blocks[row, START], blocks[row, STOP]
    length = stop - start
    if length < 2 or length > _NUMBER or not (text[stop - 1] == 41 or text[stop - 1] == 46):
        return False
    first = start + 1 if text[start] == 40 else start
    for at in range(first, stop - 1):
        if not (48 <= text[at] <= 57 or 97 <= text[at] | 32 <= 122):
            return False
    return stop - 1 > first


@inner
def _separate(out, length, feeds):
    for _ in range(feeds):
        out[length] = 10
        length += 1
    return length


@inner
def _copy(text, block, on_one_line, out, length):
    for at in range(block[START], block[STOP]):
        out[length] = 32 if on_one_line and text[at] == 10 else text[at]
        length += 1
    return length
