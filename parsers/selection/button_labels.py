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
from parsers.selection.rows import without
from text.jit.options import inner, kernel

_BUTTON, _A = TAG["button"], TAG["a"]
LABEL_WORDS, _EACH = 12 * WORD, 5  # words of such a block, and of each of its buttons, at most
_LONGEST = 2_000  # bytes of a button
SWITCH = 3  # labels in one block
PROSE, NEAR = 15 * WORD, 2  # words of a paragraph, and how many blocks from it a label stands
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
    may_be = _may_be_labels(np.frombuffer(markup, np.uint8), page.elements, page.blocks, roles, kept).tolist()
    labels = [row for row, beside in may_be if _is_labels(page, markup, row, beside > 0)]
    return without(kept, labels)


@kernel
def _may_be_labels(data, elements, blocks, roles, kept):
    """``int64[k, 2]``: the blocks that are worth a look, and whether a paragraph stands close to each."""
    found = np.empty((_MOST, 2), np.int64)
    count = seen = 0
    for b in range(len(blocks)):
        words = blocks[b, WORDS]
        acts = blocks[b, CONTROLS] > 0 or (blocks[b, LINKS] > 0 and blocks[b, LINK_WORDS] >= words)
        if not (kept[b] and acts and 0 < words <= LABEL_WORDS) or roles[b, ROLE] == HEADING or roles[b, ROLE] == CELL:
            continue
        seen += 1
        if seen > _MOST:
            break
        holder = max(blocks[b, ELEMENT], 0)
        if holder == 0 or elements[holder, LAST] + 1 - holder > _MOST:
            continue
        opens = elements[holder, OPEN]
        if blocks[b, CONTROLS] == 0 and not _may_go_nowhere(data, opens, min(elements[holder, END], opens + _LONGEST)):
            continue
        found[count, 0], found[count, 1] = b, 0
        for other in range(max(b - NEAR, 0), min(b + NEAR + 1, len(blocks))):
            if kept[other] and blocks[other, WORDS] >= PROSE and 2 * blocks[other, LINK_WORDS] < blocks[other, WORDS]:
                found[count, 1] = 1
        count += 1
    return found[:count]


@inner
def _may_go_nowhere(data, start, stop):
    """Whether an address begins as those of links do that only a script follows: ``href="#`` or ``href="j``."""
    for at in range(start, stop - 3):
        if data[at + 1] == 61 and data[at + 2] == 34 and data[at] | 32 == 102:
            if data[at + 3] == 35 or data[at + 3] | 32 == 106:
                return True
    return False


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
    return rest is not text and not _LETTER.search(rest) and (heads == 0 or tabs > 1) and (beside or count >= SWITCH)
