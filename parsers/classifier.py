"""The block classifier: two looks at each block with gradient-boosted trees, and which blocks to keep.

The first look sees the features of :mod:`parsers.features` and :mod:`parsers.stated`; the second those and the first
look's opinion of all blocks (:mod:`parsers.opinions`). The trees stand in ``data/first_look.json`` and
``data/second_look.json`` (see :mod:`parsers.forest`); ``bench/fit_blocks.py`` rebuilds them.

Which blocks are kept is decided for the page as a whole. With probabilities p and lengths w, keeping a set K has the
expected F1 of 2 sum(p w over K) / (sum(w over K) + sum(p w over all)); the best K takes the blocks in order of p down
to some point (Lewis 1995, "Evaluating and optimizing autonomous text classification systems"; Nan et al. 2012), so
that a listing, whose blocks are all doubtful, isn't cut by a threshold made for articles.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import njit

from parsers import features as block_features
from parsers import forest
from parsers import scan as s
from parsers.opinions import OPINIONS, opinions
from parsers.scan import Page
from parsers.stated import STATED
from parsers.survey import survey

FIRST = block_features.NAMES + STATED
SECOND = FIRST + OPINIONS
# Rows whose features are computed at once: bounds their memory to some 15 MB, whatever the page.
_ROWS = 16_384


def features(page: Page, statements: np.ndarray) -> np.ndarray:
    """``float32[m, len(FIRST)]``: what the first look knows of each block, where ``statements`` is
    ``float32[m, len(STATED)]`` of :func:`parsers.stated.stated`. All rows at once: for fitting."""
    rows, starts = _rows(page, statements), range(0, len(page.blocks), _ROWS)
    return np.concatenate([np.zeros((0, len(FIRST)), np.float32), *(rows(at)[:, : len(FIRST)] for at in starts)])


def _rows(page: Page, statements: np.ndarray) -> Callable[[int], np.ndarray]:
    """From a row of ``page.blocks`` to ``float32[_ROWS at most, len(SECOND)]``: the features of the blocks from there
    on, opinions still being 0. The last answer is kept, which is all of most pages."""
    shared = survey(page)

    @lru_cache(maxsize=1)
    def rows(at: int) -> np.ndarray:
        stop = min(at + _ROWS, len(page.blocks))
        out = np.zeros((stop - at, len(SECOND)), np.float32)
        block_features.features(page, shared, at, out)
        out[:, len(block_features.NAMES) : len(FIRST)] = statements[at:stop]
        return out

    return rows


def probabilities(page: Page, statements: np.ndarray) -> np.ndarray:
    """``float32[m]``: how likely each block of the page is content."""
    count = len(page.blocks)
    if not count:
        return np.zeros(0, np.float32)
    first_look, second_look = forest.load("first_look.json", FIRST), forest.load("second_look.json", SECOND)
    rows, starts = _rows(page, statements), range(0, count, _ROWS)
    said = opinions(page, np.concatenate([forest.probabilities(first_look, rows(at)) for at in starts]))
    found = []
    for at in starts:
        rows(at)[:, len(FIRST) :] = said[at : at + _ROWS]
        found.append(forest.probabilities(second_look, rows(at)))
    return np.concatenate(found)


def kept(page: Page, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: the blocks whose choice has the best expected word F1."""
    return _kept(page.blocks, probabilities)


@njit(cache=True, nogil=True)
def _kept(blocks, probabilities):
    p = probabilities.astype(np.float64)
    order = np.argsort(-p, kind="mergesort")
    expected = 0.0
    for row in order:
        expected += p[row] * (blocks[row, s.WORDS] / s.WORD + 0.5)
    hits = taken = 0.0
    best, count = -1.0, 0
    for place in range(len(order)):
        row = order[place]
        words = blocks[row, s.WORDS] / s.WORD + 0.5
        hits += p[row] * words
        taken += words
        score = 2 * hits / (taken + expected)
        if score > best:
            best, count = score, place + 1
    keep = np.zeros(len(p), np.bool_)
    keep[order[:count]] = True
    return keep
