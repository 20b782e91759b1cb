"""The block classifier: two looks at each block with gradient-boosted trees, and which blocks to keep.

The first look sees the features of :mod:`parsers.classifier.block_features`, :mod:`parsers.classifier.title_features` and :mod:`parsers.classifier.phrase_features`; the second,
at the half of all blocks of which the first was not sure, those and the first look's opinion of all blocks
(:mod:`parsers.classifier.stacked_features`). Then blocks of one template are moved towards their mean (:mod:`parsers.classifier.template_smoothing`). The trees
stand in ``data/first_look.json`` and ``data/second_look.json`` (see :mod:`parsers.classifier.boosted_trees`); ``bench/fit_blocks.py``
rebuilds them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from parsers.classifier import block_features, boosted_trees
from parsers.classifier.page_statistics import survey
from parsers.classifier.phrase_features import PHRASES, phrases
from parsers.classifier.stacked_features import OPINIONS, opinions
from parsers.classifier.template_smoothing import together
from parsers.classifier.title_features import STATED
from parsers.scanner.page import Page

FIRST = block_features.NAMES + STATED + PHRASES
SECOND = FIRST + OPINIONS
# Between these probabilities the first look is not sure.
UNSURE = (0.04, 0.96)
# Rows whose features are computed at once: bounds their memory to some 15 MB, whatever the page.
_ROWS = 16_384


def features(page: Page, statements: np.ndarray) -> np.ndarray:
    """``float32[m, len(FIRST)]``: what the first look knows of each block, where ``statements`` is
    ``float32[m, len(STATED)]`` of :func:`parsers.classifier.title_features.stated`. All rows at once: for fitting."""
    rows, starts = _rows(page, statements), range(0, len(page.blocks), _ROWS)
    return np.concatenate([np.zeros((0, len(FIRST)), np.float32), *(rows(at)[:, : len(FIRST)] for at in starts)])


def _rows(page: Page, statements: np.ndarray) -> Callable[[int], np.ndarray]:
    """From a row of ``page.blocks`` to ``float32[_ROWS at most, len(SECOND)]``: the features of the blocks from there
    on, opinions still being 0. The last answer is kept, which is all of most pages."""
    shared, said = survey(page), phrases(page)
    stated_at, said_at = len(block_features.NAMES), len(FIRST) - len(PHRASES)

    @lru_cache(maxsize=1)
    def rows(at: int) -> np.ndarray:
        stop = min(at + _ROWS, len(page.blocks))
        out = np.zeros((stop - at, len(SECOND)), np.float32)
        block_features.features(page, shared, at, out)
        out[:, stated_at:said_at] = statements[at:stop]
        out[:, said_at : len(FIRST)] = said[at:stop]
        return out

    return rows


def probabilities(page: Page, statements: np.ndarray) -> np.ndarray:
    """``float32[m]``: how likely each block of the page is content."""
    count = len(page.blocks)
    if not count:
        return np.zeros(0, np.float32)
    first_look, second_look = (
        boosted_trees.load("first_look.json", FIRST),
        boosted_trees.load("second_look.json", SECOND),
    )
    rows, starts = _rows(page, statements), range(0, count, _ROWS)
    p = np.concatenate([boosted_trees.probabilities(first_look, rows(at)) for at in starts])
    said, doubtful = opinions(page, p), unsure(p)
    for at in starts:
        again, among = rows(at), np.flatnonzero(doubtful[at : at + _ROWS])
        again[:, len(FIRST) :] = said[at : at + _ROWS]
        p[at + among] = boosted_trees.probabilities(second_look, again, among)
    return together(page, p)


def unsure(probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: of which blocks the first look is not sure."""
    return (probabilities > UNSURE[0]) & (probabilities < UNSURE[1])
