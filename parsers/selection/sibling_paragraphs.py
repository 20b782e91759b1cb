"""A paragraph among kept ones: behind a newsletter's box or a list of links the last paragraph of a short article looks like what
follows the article.
"""

from __future__ import annotations

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.page import CONTROLS, ELEMENT, LINKS, PARENT, TAG_, WORD, WORDS, Page
from parsers.selection.rows import along_with
from text.jit.options import kernel

_P = TAG["p"]
_WORDS = 12 * WORD
_LIKELY, _KEPT = 0.3, 0.8  # of such a paragraph, and of the kept ones on average
_FEWEST = 2


def keep_sibling_paragraphs(page: Page, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the paragraphs of a sentence's words and without links, not unlikely
    (``probabilities``: ``float32[m]``), of whose siblings of that kind two and more are kept, and half of them all. Time is linear in
    the page."""
    if not _may_be_kept(page.elements, page.blocks, kept, probabilities):  # as on most pages
        return kept
    blocks = page.blocks
    plain = (blocks[:, WORDS] >= _WORDS) & (blocks[:, LINKS] == 0) & (blocks[:, CONTROLS] == 0)
    rows = np.flatnonzero(plain & ~kept & (probabilities >= _LIKELY))
    if not len(rows):
        return kept
    paragraphs = np.flatnonzero(plain)
    holders = np.maximum(blocks[paragraphs, ELEMENT], 0)
    paragraphs = paragraphs[page.elements[holders, TAG_] == _P]
    parents = page.elements[np.maximum(blocks[paragraphs, ELEMENT], 0), PARENT]
    _, place = np.unique(parents, return_inverse=True)
    stays = kept[paragraphs]
    count, total = np.bincount(place, stays), np.bincount(place)
    likely = np.bincount(place, np.where(stays, probabilities[paragraphs], 0))
    agree = (count >= _FEWEST) & (2 * count >= total) & (likely > _KEPT * count)
    return along_with(kept, paragraphs[agree[place] & ~stays & (probabilities[paragraphs] >= _LIKELY)])


@kernel
def _may_be_kept(elements, blocks, kept, probabilities):
    """Whether there is such a paragraph."""
    for b in range(len(blocks)):
        if not kept[b] and blocks[b, WORDS] >= _WORDS and blocks[b, LINKS] == 0 and blocks[b, CONTROLS] == 0:
            if probabilities[b] >= np.float32(_LIKELY) and elements[max(blocks[b, ELEMENT], 0), TAG_] == _P:
                return True
    return False
