"""A table that holds data is kept or left out as one: its rows say nothing without its header, nor half of them.

The classifier rates each cell for itself, and cells have few words: a number, a name, a link. Where most of a table is
content, all of it is. Where less is, or nothing, the text around it decides: a table between two paragraphs that are
kept, in the container that holds them, belongs to them. Lists of links that are set as tables are no tables.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import CAPTION, CELL, GROUP, HEADING, LEVEL, ROLE
from parsers.markup.names import TAG
from parsers.scanner.page import (
    CONTROLS,
    ELEMENT,
    END,
    INNER,
    LAST,
    LINK_WORDS,
    LINKS,
    OPEN,
    PARENT,
    TAG_,
    WORD,
    WORDS,
    Page,
)
from parsers.selection.rows import without
from text.jit.options import inner, kernel

_FIGURE, _DIV, _TD, _TH = (TAG[name] for name in ("figure", "div", "td", "th"))
_NEIGHBOUR_WORDS = 5 * WORD  # a shorter block beside a table, but for a heading, is a label
_SWITCHES = 20 * WORD  # words of a list of tabs, at most
_AROUND, _LINK = 5, 4 * WORD  # elements around a table; words of a link behind it
_CAPTION = 5_000  # bytes of a caption that are looked at
_LABEL_WORDS, _CAPTION_WORDS = 2 * WORD, 40 * WORD  # a caption has more and at most so many
_LINKED = 0.6  # of a list of links so many words are links
# How likely a table's words are content, on average, where its neighbours decide: between two of them, or beside one.
# Set on WCXB's labels; an infobox stands between kept paragraphs as well.
_BETWEEN, _BESIDE = 0.1, 0.25


def whole_tables(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with each table of data kept or left out as one. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`; ``probabilities``: ``float32[m]``. Time is linear in the page."""
    if not page.tags[_TD] and not page.tags[_TH]:
        return kept
    return _whole_tables(page.elements, page.blocks, roles, kept, probabilities)


def drop_switches(page: Page, roles: np.ndarray, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the captions and lists of tabs that are switches for what a table shows ("All
    Methods", "Instance Methods"). ``roles`` as above; ``markup`` is the page's normal form."""
    if not _may_be_switches(page.blocks, roles, kept):
        return kept
    rows = np.flatnonzero(kept & (page.blocks[:, CONTROLS] > 0) & (page.blocks[:, WORDS] <= _SWITCHES))
    tags = page.elements[np.maximum(page.blocks[rows, ELEMENT], 0)][:, [OPEN, INNER]].tolist()
    switches = [
        row for row, tag in zip(rows.tolist(), tags, strict=True) if markup.find(b' role="tablist"', *tag) >= 0
    ]
    captions = np.flatnonzero(kept & (roles[:, ROLE] == CAPTION) & (page.blocks[:, LINKS] > 0))
    holders = page.elements[np.maximum(page.blocks[captions, ELEMENT], 0)]
    switches += [
        row
        for row, start, stop in zip(
            captions.tolist(), holders[:, OPEN].tolist(), holders[:, END].tolist(), strict=True
        )
        if markup.find(b'href="javascript:', start, min(stop, start + _CAPTION)) >= 0
    ]
    return without(kept, switches)


@kernel
def _may_be_switches(blocks, roles, kept):
    for b in range(len(blocks)):
        if kept[b] and (
            (blocks[b, CONTROLS] > 0 and blocks[b, WORDS] <= _SWITCHES)
            or (roles[b, ROLE] == CAPTION and blocks[b, LINKS] > 0)
        ):
            return True
    return False


@kernel
def _whole_tables(elements, blocks, roles, kept, probabilities):
    whole = kept.copy()
    m = len(blocks)
    # The nearest block before and after each row that may speak for its neighbours, -1 for none.
    before, after = np.full(m + 1, -1, np.int64), np.full(m + 1, -1, np.int64)
    for b in range(m):
        before[b + 1] = b if _speaks(blocks, roles, b) else before[b]
    for b in range(m - 1, -1, -1):
        after[b] = b if _speaks(blocks, roles, b) else after[b + 1]
    first = 0
    while first < m:
        stop = first + 1
        if roles[first, ROLE] == CELL:
            table = roles[first, GROUP]
            while stop < m and (
                roles[stop, GROUP] == table or _inside(elements, table, blocks[stop, ELEMENT])
            ):  # fmt: skip
                stop += 1
            _decide(
                elements, blocks, roles, kept, probabilities, whole, first, stop, table, before[first], after[stop]
            )
            for b in (first - 1, stop):
                if 0 <= b < m and whole[first] and _captions(elements, blocks, roles, b, table):
                    whole[b] = True
        first = stop
    return whole


@inner
def _captions(elements, blocks, roles, b, table):
    """Whether a block is the caption of a table: in it, or in the figure around it; no mere label, no list of links."""
    if (
        roles[b, ROLE] != CAPTION
        or not _LABEL_WORDS < blocks[b, WORDS] <= _CAPTION_WORDS
        or 2 * blocks[b, LINK_WORDS] > blocks[b, WORDS]
    ):
        return False
    figure = table
    for _ in range(3):
        if _inside(elements, figure, blocks[b, ELEMENT]):
            return True
        figure = elements[figure, PARENT]
        if figure < 0 or (elements[figure, TAG_] != _FIGURE and elements[figure, TAG_] != _DIV):
            break
    return False


@inner
def _speaks(blocks, roles, b):
    return (
        roles[b, ROLE] != CELL
        and roles[b, ROLE] != CAPTION
        and (blocks[b, WORDS] >= _NEIGHBOUR_WORDS or roles[b, ROLE] == HEADING)
    )


@inner
def _decide(elements, blocks, roles, kept, probabilities, whole, first, stop, table, before, after):
    words = links = stay = 0
    likely = 0.0
    headed = False
    for b in range(first, stop):
        if roles[b, ROLE] == CELL:
            weight = max(blocks[b, WORDS], 1)
            words += weight
            links += blocks[b, LINK_WORDS]
            stay += weight * kept[b]
            likely += weight * probabilities[b]
            headed = headed or roles[b, LEVEL] == 1
    if not headed and links > _LINKED * words:
        return
    container = _container(elements, blocks, roles, table, first, stop)
    led = before >= 0 and kept[before] and _inside(elements, container, blocks[before, ELEMENT])
    followed = after >= 0 and kept[after] and _inside(elements, container, blocks[after, ELEMENT])
    keep = 2 * stay >= words
    if led and not followed and after >= 0 and roles[after, ROLE] == HEADING and kept[after]:  # the next section's
        followed = _inside(elements, elements[max(container, 0), PARENT], blocks[after, ELEMENT])
    if led and followed:
        keep = keep or likely >= _BETWEEN * words
    elif led or followed:
        keep = keep or likely >= _BESIDE * words
    for b in range(first, stop):
        if roles[b, ROLE] == CELL:
            whole[b] = keep


@inner
def _container(elements, blocks, roles, table, first, stop):
    """The nearest element around a table that holds other blocks as well, its caption and a link of a few words behind it, to a larger
    drawing, aside."""
    element = table
    if first > 0 and roles[first - 1, ROLE] == CAPTION:
        first -= 1
    if stop < len(blocks) and roles[stop, ROLE] == CAPTION:
        stop += 1
    if stop < len(blocks) and 0 < blocks[stop, WORDS] <= _LINK and blocks[stop, LINK_WORDS] == blocks[stop, WORDS]:
        stop += 1
    for _ in range(_AROUND):
        if elements[element, PARENT] < 0:
            break
        element = elements[element, PARENT]
        others = (first > 0 and _inside(elements, element, blocks[first - 1, ELEMENT])) or (
            stop < len(blocks) and _inside(elements, element, blocks[stop, ELEMENT])
        )
        if others:
            break
    return element


@inner
def _inside(elements, holder, element):
    return holder <= max(element, 0) <= elements[max(holder, 0), LAST]
