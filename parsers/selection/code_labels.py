"""Labels above code ("Code: Select all", "Copy") go, though they stand between kept blocks."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.code_blocks.labels import is_label
from parsers.scanner.page import CODE_BLOCK, CODE_BLOCKS, KIND, START, STOP, WORD, WORDS, Page
from parsers.selection.rows import without

_LABEL_WORDS = 6 * WORD


def drop_code_labels(page: Page, roles: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the labels right before blocks of code that are kept; headings stay.
    ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    if not page.signs & CODE_BLOCKS:
        return kept
    blocks = page.blocks
    code = np.flatnonzero(
        kept[1:] & kept[:-1] & (blocks[1:, KIND] == CODE_BLOCK) & (blocks[:-1, WORDS] <= _LABEL_WORDS)
    )
    labels = [
        row
        for row in code.tolist()
        if blocks[row, KIND] != CODE_BLOCK
        and roles[row, ROLE] != HEADING
        and is_label(page.text[blocks[row, START] : blocks[row, STOP]].tobytes().decode("utf-8", "replace"))
    ]
    return without(kept, labels)
