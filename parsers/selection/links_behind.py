"""What comes behind an article: lists of related stories, archives, questions whether it helped, that the classifier was
not sure of."""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, LINK_WORDS, PARENT, START, STOP, TAG_, WORD, WORDS, Page, text_of
from parsers.selection.rows import without
from text.jit.options import inner, kernel

_PROSE = 20 * WORD  # words outside links in a block of prose
_SURE = 0.7
_HEADINGS, _LIKELY = 2, 0.5
_HEADS_OTHERS = re.compile(
    r"\W*(?:foot ?notes?|end ?notes?|further reading|references|fußnoten|notes de bas de page|"
    r"(?:related|recommended|more|similar|recent|latest|popular|trending)(?: \w+){0,4}|you (?:may|might) also .*|attached files)\W*",
    re.IGNORECASE,
)  # whatever its probability: what it heads was left out
_LISTS = 2  # a list stays whole where so many times as many of its words stay as would go
_LI = TAG["li"]


def drop_links_behind(page: Page, probabilities: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``) without the blocks that come after the last kept block of prose, have at
    least half of their words in links, and of which the classifier is not sure (``probabilities``: ``float32[m]``). A
    list, numbered references or lines of one element stay whole where two thirds of their words stay: some references of
    a post are links alone. On a page without prose, as many listings are, all stay."""
    return _drop_links_behind(page.text, page.elements, page.blocks, probabilities, keep)


def drop_headings_behind(page: Page, roles: np.ndarray, probabilities: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``) without a heading or two after which nothing else is kept, that are rather no
    content, or speak of notes or of other pages: they head what was left out. More of them are a list of questions or names. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    first = _headings_behind(roles, keep)
    if first < 0:
        return keep
    rows = np.flatnonzero(keep[first:]) + first
    return without(keep, [row for row in rows.tolist() if probabilities[row] < _LIKELY or _heads_others(page, row)])


def _heads_others(page: Page, row: int) -> bool:
    return _HEADS_OTHERS.fullmatch(text_of(page, row)) is not None


@kernel
def _headings_behind(roles, keep):
    """The first of the one or two kept headings behind all else that is kept, -1 where there are none or more."""
    first, count = -1, 0
    for row in range(len(keep) - 1, -1, -1):
        if keep[row]:
            if roles[row, ROLE] != HEADING:
                return first if count <= _HEADINGS else -1
            first = row
            count += 1
    return -1


@inner
def _is_numbered(text, start, stop):
    """Whether a text begins as a reference does: [7]."""
    return stop - start > 2 and text[start] == 91 and 48 <= text[start + 1] <= 57


@kernel
def _drop_links_behind(text, elements, blocks, probabilities, keep):
    out = keep.copy()
    last = len(keep) - 1
    while last >= 0 and not (keep[last] and blocks[last, WORDS] - blocks[last, LINK_WORDS] >= _PROSE):
        last -= 1
    if last < 0:
        return out
    # The list so far: items of one list, numbered paragraphs side by side, or lines of one element.
    whole, first = -1, last + 1
    stays = goes = 0
    for row in range(last + 1, len(keep) + 1):
        if row < len(keep) and not keep[row]:
            continue
        holder = blocks[row, ELEMENT] if row < len(keep) else -2
        if holder >= 0 and (
            elements[holder, TAG_] == _LI or _is_numbered(text, blocks[row, START], blocks[row, STOP])
        ):
            holder = elements[holder, PARENT]
        if holder != whole:
            if goes and stays >= _LISTS * goes:
                out[first:row] = keep[first:row]
            whole, first, stays, goes = holder, row, 0, 0
        if row == len(keep):
            break
        words = blocks[row, WORDS]
        if 0 < words <= 2 * blocks[row, LINK_WORDS] and probabilities[row] < _SURE:
            out[row] = False
            goes += words
        else:
            stays += words
    return out
