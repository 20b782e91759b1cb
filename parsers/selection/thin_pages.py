"""A page without content has no best set of blocks: the forms, notices and labels that are left are not kept."""

from __future__ import annotations

import numpy as np

from parsers.scanner.page import WORD, WORDS, Page

# Fewer words than these, of which less than this share is expected to be content. The best expected F1 has no floor: of
# blocks that are all unlikely it takes the likeliest. Of the development pack's pages with content one has such a set.
_FEW_WORDS, _LIKELY = 100 * WORD, 0.3


def drop_unlikely(page: Page, probabilities: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``), or nothing where that is a few words of which the classifier holds most to be
    none of the page's content (``probabilities``: ``float32[m]``). A page of which all is kept says nothing else."""
    words = page.blocks[keep, WORDS]
    few = words.sum() < min(_FEW_WORDS, page.blocks[:, WORDS].sum())
    return np.zeros_like(keep) if few and words @ probabilities[keep] < _LIKELY * words.sum() else keep
