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
    LINK_WORDS,
    LINKS,
    START,
    WORDS,
    Page,
)  # fmt: skip
from parsers.selection import article_numbers, button_labels, form_surroundings, section_headings, ticked_lists
from text.jit.options import kernel

HEADINGS_ABOVE, TICKED_LISTS, BUTTONS, FORMS, NUMBERS = (1 << place for place in range(5))
_INPUT, _TEXTAREA = TAG["input"], TAG["textarea"]
_HEADING_LIKELY, _ITEM_LIKELY = np.float32(section_headings.LIKELY), np.float32(ticked_lists.LIKELY)


def steps_that_may(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> int:
    """Bits of the steps that may change something: of those above. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`; ``kept``: ``bool[m]``; ``probabilities``: ``float32[m]``."""
    has_fields = page.tags[_INPUT] > 0 or page.tags[_TEXTAREA] > 0
    return int(_applicable(page.text, page.blocks, roles, kept, probabilities, has_fields))


@kernel
def _applicable(text, blocks, roles, kept, probabilities, has_fields):
    m = len(blocks)
    bits = ticked = paragraphs = 0
    last_prose, last_button = -10, -10
    for b in range(m):
        words, role = blocks[b, WORDS], roles[b, ROLE]
        if words <= 0:
            continue
        links, controls = blocks[b, LINKS], blocks[b, CONTROLS]
        if kept[b]:
            if words >= form_surroundings.PROSE and 2 * blocks[b, LINK_WORDS] < words:
                paragraphs += 1
            if words >= button_labels.PROSE and 2 * blocks[b, LINK_WORDS] < words:
                last_prose = b
                if b - last_button <= button_labels.NEAR:
                    bits |= BUTTONS
            acts = controls > 0 or (links > 0 and blocks[b, LINK_WORDS] >= words)
            if acts and words <= button_labels.LABEL_WORDS and role != HEADING and role != CELL:
                last_button = b
                if b - last_prose <= button_labels.NEAR or controls >= button_labels.SWITCH:
                    bits |= BUTTONS
        else:
            likely = probabilities[b]
            if role == HEADING and likely >= _HEADING_LIKELY and 0 < b < m - 1 and kept[b - 1] and kept[b + 1]:
                bits |= HEADINGS_ABOVE
            if role == ITEM and controls > 0 and links == 0 and likely >= _ITEM_LIKELY:
                ticked += 1
            if b < m - 1 and kept[b + 1] and role != CELL and role != ITEM and words <= article_numbers.NUMBER_WORDS:
                led = blocks[b + 1, WORDS] >= article_numbers.TEXT_WORDS
                if led and (blocks[b, DIGITS] > 0 or text[blocks[b, START]] >= 0xC2):
                    bits |= NUMBERS
    if ticked >= ticked_lists.ITEMS:
        bits |= TICKED_LISTS
    if has_fields and paragraphs >= form_surroundings.PARAGRAPHS:
        bits |= FORMS
    return bits
