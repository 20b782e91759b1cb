"""The block classifier: two looks at each block with gradient-boosted trees, and which blocks to keep.

The first look sees the block features, page statistics, title features and phrase features of
:mod:`parsers.classifier.feature_table`. The second sees the half of all blocks of which the first was not sure: the same
features, and the stacked features made of the first look's probabilities of all blocks. Then blocks of one template are
moved towards their mean (:mod:`parsers.classifier.template_smoothing`). The trees stand in ``data/first_look.json`` and
``data/second_look.json`` (see :mod:`parsers.classifier.boosted_trees`); ``bench/fit_blocks.py`` rebuilds them.

Which blocks are kept is decided for the page as a whole. With probabilities p and lengths w, keeping a set K has the
expected F1 of 2 sum(p w over K) / (sum(w over K) + sum(p w over all)); the best K takes the blocks in order of p down
to some point (Lewis 1995, "Evaluating and optimizing autonomous text classification systems"; Nan et al. 2012), so
that a listing, whose blocks are all doubtful, isn't cut by a threshold made for articles. That holds for blocks that
are right or wrong each by itself. They are not: where one reply of a thread is content, all are. So the expectation
is taken over pages on which all probabilities are higher or lower than they look.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import njit

from parsers.classifier import boosted_trees as forest
from parsers.classifier import feature_table as f
from parsers.classifier.block_features import write_block_features
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.page_statistics import compute_page_statistics
from parsers.classifier.phrase_features import compute_phrase_features
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.classifier.template_smoothing import smooth_by_template
from parsers.scanner import page as s
from parsers.scanner.page import Page

# Between these probabilities the first look is not sure.
UNSURE = (0.04, 0.96)
# Rows whose features are computed at once: bounds their memory to some 15 MB, whatever the page.
_ROWS = 16_384
# How much higher or lower, in logits, all probabilities of a page may be, and how likely that is: a normal distribution
# of standard deviation 1.6 at five points.
_SHIFTS = 1.6 * np.array([-1.7, -0.8, 0.0, 0.8, 1.7])
_CHANCES = np.array([0.1, 0.22, 0.36, 0.22, 0.1])


def first_look_features(page: Page, title_features: np.ndarray) -> np.ndarray:
    """``float32[m, len(FIRST_LOOK)]``: what the first look knows of each block, where ``title_features`` is
    ``float32[m, len(TITLE)]`` of :func:`parsers.classifier.title_features.compute_title_features`. All rows at once: for
    fitting."""
    rows, starts = _rows(page, title_features), range(0, len(page.blocks), _ROWS)
    empty = np.zeros((0, len(FIRST_LOOK)), np.float32)
    return np.concatenate([empty, *(rows(at)[:, : len(FIRST_LOOK)] for at in starts)])


def _rows(page: Page, title_features: np.ndarray) -> Callable[[int], np.ndarray]:
    """From a row of ``page.blocks`` to ``float32[_ROWS at most, len(SECOND_LOOK)]``: the features of the blocks from
    there on, the stacked ones still being 0. The last answer is kept, which is all of most pages."""
    statistics, phrase_features = compute_page_statistics(page), compute_phrase_features(page)

    @lru_cache(maxsize=1)
    def rows(at: int) -> np.ndarray:
        stop = min(at + _ROWS, len(page.blocks))
        out = np.zeros((stop - at, len(SECOND_LOOK)), np.float32)
        write_block_features(page, statistics, at, out)
        out[:, f.TITLE_START : f.PHRASES_START] = title_features[at:stop]
        out[:, f.PHRASES_START : len(FIRST_LOOK)] = phrase_features[at:stop]
        return out

    return rows


def probabilities(page: Page, title_features: np.ndarray) -> np.ndarray:
    """``float32[m]``: how likely each block of the page is content."""
    count = len(page.blocks)
    if not count:
        return np.zeros(0, np.float32)
    first_look, second_look = forest.load("first_look.json", FIRST_LOOK), forest.load("second_look.json", SECOND_LOOK)
    rows, starts = _rows(page, title_features), range(0, count, _ROWS)
    p = np.concatenate([forest.probabilities(first_look, rows(at)) for at in starts])
    stacked_features, is_unsure = compute_stacked_features(page, p), unsure(p)
    for at in starts:
        table, among = rows(at), np.flatnonzero(is_unsure[at : at + _ROWS])
        table[:, len(FIRST_LOOK) :] = stacked_features[at : at + _ROWS]
        p[at + among] = forest.probabilities(second_look, table, among)
    return smooth_by_template(page, p)


def unsure(probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: of which blocks the first look is not sure."""
    return (probabilities > UNSURE[0]) & (probabilities < UNSURE[1])


def kept(page: Page, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: the blocks whose choice has the best expected word F1."""
    return _kept(page.blocks, probabilities, _SHIFTS, _CHANCES)


@njit(cache=True, nogil=True)
def _kept(blocks, probabilities, shifts, chances):
    count, cases = len(probabilities), len(shifts)
    order = np.argsort(-probabilities, kind="mergesort")
    shifted = np.empty((count, cases))  # words of each block that are content, in each case
    expected = np.zeros(cases)
    for row in range(count):
        p = min(max(np.float64(probabilities[row]), 1e-6), 1 - 1e-6)
        words = blocks[row, s.WORDS] / s.WORD + 0.5
        for case in range(cases):
            shifted[row, case] = words * p / (p + (1 - p) * np.exp(-shifts[case]))
            expected[case] += shifted[row, case]
    hits = np.zeros(cases)
    taken = 0.0
    best, last = -1.0, 0
    for place in range(count):
        row = order[place]
        taken += blocks[row, s.WORDS] / s.WORD + 0.5
        score = 0.0
        for case in range(cases):
            hits[case] += shifted[row, case]
            score += chances[case] * 2 * hits[case] / (taken + expected[case])
        if score > best:
            best, last = score, place + 1
    keep = np.zeros(count, np.bool_)
    keep[order[:last]] = True
    return keep
