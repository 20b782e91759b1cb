"""Code and displayed formulas belong to the text around them: where that is content, so are they.

The block classifier works with words, of which formulas and code have few. So it drops some of them from the middle of
an article that it keeps.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.scanner.page import (
    ATOMS,
    ATOMS_STOP,
    CODE_BLOCK,
    COLON,
    ELEMENT,
    END,
    FORMULAS,
    IMAGES,
    KIND,
    LAST_CHARACTER,
    OPEN,
    PARENT,
    START,
    STOP,
    WORD,
    WORDS,
    Page,
)  # fmt: skip
from text.jit.options import kernel

# A block with fewer words does not count as a neighbour: "In [4]:" beside a notebook's cell, "Copy", "(1)". Set on
# WCXB's labels, where 3 and 8 do nearly as well.
_NEIGHBOUR_WORDS = 5 * WORD
# From here on code belongs to one kept neighbour: most code on pages is content, and none of a page's machinery is.
_POSSIBLE = 0.25


def keep_adjacent(page: Page, roles: np.ndarray, keep: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``), and all blocks of code, and of formulas alone, whose nearest neighbours of
    at least five words are kept: on either side, or before it inside of the same container; and what a kept block
    right before it leads up to with a colon or as its heading. Code that is not unlikely (``probabilities``:
    ``float32[m]``) needs one such neighbour, on either side. ``roles`` is what :func:`parsers.blocks.roles.block_roles` says of
    the page. Time is linear in the text."""
    return _keep_adjacent(page.elements, page.blocks, roles, page.text, keep, probabilities)


def keep_images(page: Page, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep``, and each image that stands alone between two blocks that are kept."""
    blocks = page.blocks
    alone = (blocks[:, WORDS] == 0) & (blocks[:, IMAGES] > 0) & (blocks[:, ATOMS_STOP] > blocks[:, ATOMS])
    images, others = np.flatnonzero(alone), np.flatnonzero(~alone)
    after = np.searchsorted(others, images)
    inner = (after > 0) & (after < len(others))
    images, after = images[inner], after[inner]
    whole = keep.copy()
    whole[images] |= keep[others[after - 1]] & keep[others[after]]
    return whole


@kernel
def _keep_adjacent(elements, blocks, roles, text, keep, probabilities):
    count = len(blocks)
    alone = np.zeros(count, np.bool_)
    after = np.full(count + 1, -1, np.int64)  # the nearest neighbour from each row on, -1 for none
    for row in range(count - 1, -1, -1):
        block = blocks[row]
        alone[row] = block[KIND] == CODE_BLOCK or (
            block[FORMULAS] > 0 and not _has_letters(text, block[START], block[STOP])
        )
        after[row] = row if not alone[row] and block[WORDS] >= _NEIGHBOUR_WORDS else after[row + 1]
    filled = keep.copy()
    before = -1
    for row in range(count):
        if after[row] == row:
            before = row
        elif (
            alone[row]
            and row
            and keep[row - 1]
            and (blocks[row - 1, LAST_CHARACTER] == COLON or roles[row - 1, ROLE] == HEADING)
        ):
            filled[row] = True
        elif (
            blocks[row, KIND] == CODE_BLOCK
            and probabilities[row] >= _POSSIBLE
            and ((before >= 0 and keep[before]) or (after[row] >= 0 and keep[after[row]]))
        ):
            filled[row] = True
        elif alone[row] and before >= 0 and keep[before]:
            between = after[row] >= 0 and keep[after[row]]
            if between or _inside(elements, blocks[row, ELEMENT], blocks[before, ELEMENT]):
                filled[row] = True
    return filled


@kernel
def _inside(elements, holder, neighbour):
    """Whether a block's element lies in the element that holds its neighbour's element."""
    container = max(elements[max(neighbour, 0), PARENT], 0)
    return elements[container, OPEN] <= elements[max(holder, 0), OPEN] < elements[container, END]


@kernel
def _has_letters(text, start, stop):
    for at in range(start, stop):
        if text[at] >= 128 or 97 <= text[at] | 32 <= 122:
            return True
    return False
