"""Which of the steps that hardly ever change anything may do so on a page: one pass over its blocks says that of most of them that
they can't, and costs less than their own looks.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import CELL, HEADING, ITEM, ROLE
from parsers.markup.names import TAG
from parsers.scanner.page import (
    CONTROLS,
    DIGITS,
    ELEMENT,
    LINK_WORDS,
    LINKS,
    START,
    TAG_,
    WORD,
    WORDS,
    Page,
)  # fmt: skip
from text.jit.options import kernel

SIBLINGS, HEADINGS_ABOVE, TICKED_LISTS, BUTTONS, FORMS, NUMBERS = (1 << place for place in range(6))
_P, _INPUT, _TEXTAREA = TAG["p"], TAG["input"], TAG["textarea"]
_SENTENCE, _PROSE, _NEAR, _SWITCH = 12 * WORD, 15 * WORD, 2, 3


def steps_that_may(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> int:
    """Bits of the steps that may change something: of those above. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`; ``kept``: ``bool[m]``; ``probabilities``: ``float32[m]``."""
    return int(_applicable(page.text, page.elements, page.blocks, roles, kept, probabilities))


@kernel
def _applicable(text, elements, blocks, roles, kept, probabilities):
    m = len(blocks)
    bits = ticked = prose = 0
    last_prose, last_button = -10, -10
    for b in range(m):
        words, role = blocks[b, WORDS], roles[b, ROLE]
        if words <= 0:
            continue
        links, controls = blocks[b, LINKS], blocks[b, CONTROLS]
        if kept[b]:
            if words >= _PROSE and 2 * blocks[b, LINK_WORDS] < words:
                prose += 1
                last_prose = b
                if b - last_button <= _NEAR:
                    bits |= BUTTONS
            acts = controls > 0 or (links > 0 and blocks[b, LINK_WORDS] >= words)
            if acts and words <= _SENTENCE and role != HEADING and role != CELL:
                last_button = b
                if b - last_prose <= _NEAR or controls >= _SWITCH:
                    bits |= BUTTONS
        else:
            tag = elements[max(blocks[b, ELEMENT], 0), TAG_]
            likely = probabilities[b]
            if words >= _SENTENCE and links == 0 and controls == 0 and likely >= np.float32(0.3) and tag == _P:
                bits |= SIBLINGS
            if role == HEADING and likely >= np.float32(0.2) and 0 < b < m - 1 and kept[b - 1] and kept[b + 1]:
                bits |= HEADINGS_ABOVE
            if role == ITEM and controls > 0 and links == 0 and likely >= np.float32(0.1):
                ticked += 1
            if b < m - 1 and kept[b + 1] and role != CELL and role != ITEM and words <= 16 * WORD:
                if blocks[b, DIGITS] > 0 or text[blocks[b, START]] >= 0xC2:
                    bits |= NUMBERS
    if ticked > 1:
        bits |= TICKED_LISTS
    if prose >= 3:
        for e in range(len(elements)):
            if elements[e, TAG_] == _INPUT or elements[e, TAG_] == _TEXTAREA:
                bits |= FORMS
                break
    return bits
