"""Questions to the reader with buttons for the answers: "Was this helpful?", Yes, No."""

from __future__ import annotations

import numpy as np

from parsers.scanner.page import CONTROLS, ELEMENT, LAST, PARENT, STOP, WORD, WORDS, Page
from text.jit.options import kernel

_QUESTION, _ANSWERS, _POLL = 15 * WORD, 6 * WORD, 40 * WORD  # words of the question, of the buttons, of all, at most
_LEVELS = 6


def drop_polls(page: Page, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the elements of at most forty words that hold a short question and, right
    behind it, a block of buttons that isn't kept."""
    blocks, elements = page.blocks, page.elements
    left = kept
    for row in _before_buttons(blocks, kept).tolist():
        if not page.text[: blocks[row, STOP]][-3:].tobytes().rstrip().endswith((b"?", "？".encode(), "؟".encode())):
            continue
        holder, answers = int(blocks[row, ELEMENT]), int(blocks[row + 1, ELEMENT])
        for _ in range(_LEVELS):
            if holder < 0 or holder <= answers <= elements[holder, LAST]:
                break
            holder = int(elements[holder, PARENT])
        if holder <= 0:
            continue
        first = row
        while first > 0 and blocks[first - 1, ELEMENT] >= holder:
            first -= 1
        stop = row + 2
        while stop < len(blocks) and blocks[stop, ELEMENT] <= elements[holder, LAST]:
            stop += 1
        if holder <= answers <= elements[holder, LAST] and blocks[first:stop, WORDS].sum() <= _POLL:
            left = left.copy() if left is kept else left
            left[first:stop] = False
    return left


@kernel
def _before_buttons(blocks, kept):
    """``int64[k]``: the short blocks that are kept before short ones with buttons that aren't."""
    rows = np.empty(len(blocks), np.int64)
    count = 0
    for b in range(len(blocks) - 1):
        if (
            kept[b]
            and not kept[b + 1]
            and blocks[b + 1, CONTROLS] > 0
            and blocks[b, WORDS] <= _QUESTION
            and blocks[b + 1, WORDS] <= _ANSWERS
        ):
            rows[count] = b
            count += 1
    return rows[:count]
