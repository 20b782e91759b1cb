"""Labels above code ("Code: Select all", "Copy") go, though they stand between kept blocks."""

from __future__ import annotations

import numpy as np

from parsers.code_blocks.labels import is_label
from parsers.scanner.page import CODE_BLOCK, KIND, START, STOP, WORD, WORDS, Page

_LABEL_WORDS = 6 * WORD


def drop_code_labels(page: Page, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the labels right before blocks of code that are kept."""
    blocks = page.blocks
    code = np.flatnonzero(
        kept[1:] & kept[:-1] & (blocks[1:, KIND] == CODE_BLOCK) & (blocks[:-1, WORDS] <= _LABEL_WORDS)
    )
    labels = [
        row
        for row in code.tolist()
        if blocks[row, KIND] != CODE_BLOCK
        and is_label(page.text[blocks[row, START] : blocks[row, STOP]].tobytes().decode("utf-8", "replace"))
    ]
    if not labels:
        return kept
    left = kept.copy()
    left[labels] = False
    return left
