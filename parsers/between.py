"""Code and displayed formulas belong to the text around them: where that is content, so are they.

The block classifier sees words, and a formula or a line of code has few that prose has; so it drops some from the
middle of an article that it keeps. Whoever reads two paragraphs reads the formula between them.
"""

from __future__ import annotations

import numpy as np

from parsers.page import CODE, ELEMENT, END, FORMULAS, KIND, OPEN, PARENT, START, STOP, WORD, WORDS, Page

# What has fewer words is no neighbour: "In [4]:" beside a notebook's cell, "Copy", "(1)". Set on WCXB's labels, where
# 3 and 8 do nearly as well.
_NEIGHBOUR_WORDS = 5 * WORD


def fill(page: Page, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``), and all blocks of code, and of formulas alone, whose nearest neighbours of at
    least five words are kept: on either side, or before it inside of the same container. Time is linear in the text."""
    blocks = page.blocks
    count = len(blocks)
    alone = blocks[:, KIND] == CODE
    for row in np.flatnonzero((blocks[:, FORMULAS] > 0) & ~alone):
        alone[row] = not _has_letters(page.text[blocks[row, START] : blocks[row, STOP]])
    rows = np.arange(count)
    neighbour = ~alone & (blocks[:, WORDS] >= _NEIGHBOUR_WORDS)
    before = np.maximum.accumulate(np.where(neighbour, rows, -1))
    after = np.minimum.accumulate(np.where(neighbour, rows, count)[::-1])[::-1]
    kept = np.append(keep, False)  # the last place stands for a neighbour that there is not: -1 or count
    follows = alone & kept[before] & _inside(page, rows, before)
    return keep | (alone & kept[before] & kept[after]) | follows


def _inside(page: Page, rows: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Whether each of these blocks lies in the element that holds its neighbour's element."""
    elements, holders = page.elements, np.maximum(page.blocks[:, ELEMENT], 0)
    container = np.maximum(elements[holders[before], PARENT], 0)
    place = elements[holders[rows], OPEN]
    return (elements[container, OPEN] <= place) & (place < elements[container, END])


def _has_letters(text: np.ndarray) -> bool:
    lower = text | 32
    return bool((((lower >= 97) & (lower <= 122)) | (text >= 128)).any())
