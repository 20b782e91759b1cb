"""Labels above code ("Code: Select all", "Copy") go, though they stand between kept blocks."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.code_blocks.labels import is_label, is_language
from parsers.scanner.page import (
    CODE_BLOCK,
    CODE_BLOCKS,
    ELEMENT,
    KIND,
    LAST,
    PARENT,
    WORD,
    WORDS,
    Page,
    text_of,
)  # fmt: skip
from parsers.selection.rows import without

_LABEL_WORDS = 6 * WORD
_LEVELS = 3  # elements from a label to the one around it and its code


def drop_code_labels(page: Page, roles: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the labels right before blocks of code that are kept, and
    names of languages beside code that an element holds with nothing else; headings stay.
    ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    if not page.signs & CODE_BLOCKS:
        return kept
    blocks = page.blocks
    may = kept & (blocks[:, WORDS] <= _LABEL_WORDS) & (blocks[:, KIND] != CODE_BLOCK) & (roles[:, ROLE] != HEADING)
    code = kept & (blocks[:, KIND] == CODE_BLOCK)
    before, behind = may.copy(), may.copy()
    before[:-1] &= code[1:]
    before[-1:] = False
    behind[1:] &= code[:-1]
    behind[:1] = False
    labels = []
    for row in np.flatnonzero(before | behind).tolist():
        text = text_of(page, row)
        if before[row] and is_label(text):
            labels.append(row)
        elif is_language(text) and (
            (before[row] and _share(page, row, row + 1)) or (behind[row] and _share(page, row, row - 1))
        ):
            labels.append(row)
    return without(kept, labels)


def _share(page: Page, row: int, code: int) -> bool:
    """Whether an element close by holds a block and the code beside it, and nothing else."""
    elements, holders = page.elements, page.blocks[:, ELEMENT]
    around = max(int(holders[row]), 0)
    for _ in range(_LEVELS):
        if around < 0:
            return False
        last = int(elements[around, LAST])
        if around <= holders[code] <= last:
            # Blocks come in order: it is enough to look at the next on either side.
            first, stop = min(row, code) - 1, max(row, code) + 1
            return not (first >= 0 and around <= holders[first] <= last) and not (
                stop < len(holders) and around <= holders[stop] <= last
            )
        around = int(elements[around, PARENT])
    return False
