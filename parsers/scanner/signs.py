"""What a page has at all: how many elements of each tag, and whether arrangements occur that few pages have.

Many steps of the parser mend what one page in a hundred has: a button in a heading, a figure in another one. Each of them
would pass over all elements to find out; here the scanner does it once, and they begin where there is something to find.
"""

from __future__ import annotations

import numpy as np

from parsers.scanner.buttons import in_headings
from parsers.scanner.drawn_lines import in_rows
from parsers.scanner.page import (
    CODE_BLOCK,
    CODE_BLOCKS,
    HEADING_BUTTONS,
    KIND,
    NESTED_FIGURES,
    SPANS_IN_ROWS,
    TAG_,
)  # fmt: skip
from parsers.scanner.repair import nests_figures
from text.jit.options import inner


@inner
def sum_up(elements, context, blocks, tags):
    """Counts the elements into ``tags``, one place a tag and all of them 0; the bits that any element has in ``context``, and
    those of ``Page.signs``."""
    said, signs = np.uint64(0), 0
    for e in range(len(elements)):
        tags[elements[e, TAG_]] += 1
        said |= context[e]
    for b in range(len(blocks)):
        if blocks[b, KIND] == CODE_BLOCK:
            signs = CODE_BLOCKS
            break
    if nests_figures(elements):
        signs |= NESTED_FIGURES
    if in_headings(elements):
        signs |= HEADING_BUTTONS
    if in_rows(elements):
        signs |= SPANS_IN_ROWS
    return said, signs
