"""The block classifier: two looks at each block with gradient-boosted trees.

The first look sees the block features, page statistics, title features and phrase features of
:mod:`parsers.classifier.feature_table`. The second sees the half of all blocks of which the first was not sure: the same
features, and the stacked features made of the first look's probabilities of all blocks. Then blocks of one template are
moved towards their mean (:mod:`parsers.classifier.template_smoothing`). The trees stand in ``data/first_look.json`` and
``data/second_look.json`` (see :mod:`parsers.classifier.boosted_trees`); ``bench/fit_blocks.py`` rebuilds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from parsers.classifier import boosted_trees
from parsers.classifier import feature_table as f
from parsers.classifier.block_features import write_block_features
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.page_statistics import compute_page_statistics
from parsers.classifier.phrase_features import compute_phrase_features
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.classifier.template_smoothing import smooth_by_template
from parsers.scanner.page import Page
from text.jit.options import kernel

# Between these probabilities the first look is not sure.
UNSURE = (0.04, 0.96)
_BOUNDS = np.float32(UNSURE[0]), np.float32(UNSURE[1])
# Rows whose features are computed at once: bounds their memory to some 15 MB, whatever the page.
_ROWS = 16_384


def first_look_features(page: Page, title_features: np.ndarray) -> np.ndarray:
    """``float32[m, len(FIRST_LOOK)]``: what the first look knows of each block, where ``title_features`` is
    ``float32[m, len(TITLE)]`` of :func:`parsers.classifier.title_features.compute_title_features`. All rows at once: for
    fitting."""
    rows, starts = _rows(page, title_features), range(0, len(page.blocks), _ROWS)
    empty = np.zeros((0, len(FIRST_LOOK)), np.float32)
    return np.concatenate([empty, *(rows(at)[:, : len(FIRST_LOOK)] for at in starts)])


def _rows(page: Page, title_features: np.ndarray) -> Callable[[int], np.ndarray]:
    """From a row of ``page.blocks`` to ``float32[_ROWS at most, len(SECOND_LOOK)]``: the features of the blocks from
    there on, but for the stacked ones, which hold anything. The last answer is kept, which is all of most pages."""
    statistics, phrase_features = compute_page_statistics(page), compute_phrase_features(page)

    last: dict[int, np.ndarray] = {}

    def rows(at: int) -> np.ndarray:
        if at in last:
            return last[at]
        last.clear()
        stop = min(at + _ROWS, len(page.blocks))
        out = np.empty((stop - at, len(SECOND_LOOK)), np.float32)
        write_block_features(page, statistics, at, out)
        out[:, f.TITLE_START : f.PHRASES_START] = title_features[at:stop]
        out[:, f.PHRASES_START : len(FIRST_LOOK)] = phrase_features[at:stop]
        last[at] = out
        return out

    return rows


class Looks(NamedTuple):
    """How likely each of m blocks is content, each ``float32[m]``: by the ``first`` look; by the ``second``, where the first
    was not sure; and where blocks of one template have ``agreed``, which is the classifier's answer."""

    first: np.ndarray
    second: np.ndarray
    agreed: np.ndarray


def probabilities(page: Page, title_features: np.ndarray) -> np.ndarray:
    """``float32[m]``: how likely each block of the page is content."""
    return looks(page, title_features).agreed


def looks(page: Page, title_features: np.ndarray) -> Looks:
    """What each step of the classifier says about the blocks of a page, where ``title_features`` is as for
    :func:`first_look_features`."""
    count = len(page.blocks)
    if not count:
        return Looks(*(np.zeros(0, np.float32) for _ in Looks._fields))
    first_look, second_look = (
        boosted_trees.load("first_look.json", FIRST_LOOK),
        boosted_trees.load("second_look.json", SECOND_LOOK),
    )
    rows, starts = _rows(page, title_features), range(0, count, _ROWS)
    parts = [boosted_trees.probabilities(first_look, rows(at)) for at in starts]
    first = np.concatenate(parts) if len(parts) > 1 else parts[0]
    stacked_features, p = compute_stacked_features(page, first), first.copy()
    for at in starts:
        table, among = rows(at), _unsure_rows(first[at : at + _ROWS], *_BOUNDS)
        table[:, len(FIRST_LOOK) :] = stacked_features[at : at + _ROWS]
        p[at + among] = boosted_trees.probabilities(second_look, table, among)
    return Looks(first, p, smooth_by_template(page, p))


def unsure(probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: of which blocks the first look is not sure."""
    return (probabilities > UNSURE[0]) & (probabilities < UNSURE[1])


@kernel
def _unsure_rows(probabilities, low, high):
    """``int64[k]``: the rows of these blocks."""
    rows = np.empty(len(probabilities), np.int64)
    count = 0
    for b in range(len(probabilities)):
        if low < probabilities[b] < high:
            rows[count] = b
            count += 1
    return rows[:count]
