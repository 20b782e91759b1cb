"""The block classifier: two looks at each block with gradient-boosted trees.

The first look sees the block features, page statistics, title features and phrase features of
:mod:`parsers.classifier.feature_table`. The second sees the half of all blocks of which the first was not sure: the same
features, and the stacked features made of the first look's probabilities of all blocks. Then blocks of one template are
moved towards their mean (:mod:`parsers.classifier.template_smoothing`). The trees stand in ``data/first_look.json`` and
``data/second_look.json`` (see :mod:`parsers.classifier.boosted_trees`); ``bench/fit_blocks.py`` rebuilds them.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from parsers.classifier import boosted_trees, phrase_features
from parsers.classifier import feature_table as f
from parsers.classifier.block_features import write_block_features, write_rows
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.page_statistics import BLOCK_TAGS, compute_page_statistics, gathered
from parsers.classifier.phrase_features import compute_phrase_features
from parsers.classifier.stacked_features import write_stacked_features
from parsers.classifier.template_smoothing import WITHOUT_CLASS, smoothed
from parsers.scanner.page import Page
from text.jit.options import inner, kernel

# Between these probabilities the first look is not sure.
UNSURE = (0.04, 0.96)
_LOW, _HIGH = np.float32(UNSURE[0]), np.float32(UNSURE[1])
# Rows whose features are computed at once: bounds their memory to some 15 MB, whatever the page.
_ROWS = 16_384
_FIRST, _COLUMNS = len(FIRST_LOOK), len(SECOND_LOOK)
_TITLE, _PHRASES, _STACKED, _SUBTREE = len(f.TITLE), len(f.PHRASES), len(f.STACKED), len(f.SUBTREE)


def first_look_features(page: Page, title_features: np.ndarray) -> np.ndarray:
    """``float32[m, len(FIRST_LOOK)]``: what the first look knows of each block, where ``title_features`` is
    ``float32[m, len(TITLE)]`` of :func:`parsers.classifier.title_features.compute_title_features`. All rows at once: for
    fitting."""
    out = np.empty((len(page.blocks), len(FIRST_LOOK)), np.float32)
    write_block_features(page, compute_page_statistics(page), 0, out)
    out[:, f.TITLE_START : f.PHRASES_START] = title_features
    out[:, f.PHRASES_START :] = compute_phrase_features(page)
    return out


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
    if not len(page.blocks):
        return Looks(*(np.zeros(0, np.float32) for _ in Looks._fields))
    tables = _tables()
    return Looks(
        *_looks(
            page.text, page.elements, page.context, page.signature, page.blocks, page.hashes, title_features, *tables
        )
    )


@cache
def _tables() -> tuple[np.ndarray, ...]:
    """What the kernel knows beside the page. Asked for by names alone: to look a forest up by its features takes as long as one
    of them does to compute."""
    first_look, second_look = (
        boosted_trees.load("first_look.json", FIRST_LOOK),
        boosted_trees.load("second_look.json", SECOND_LOOK),
    )
    return (BLOCK_TAGS, WITHOUT_CLASS, *phrase_features.TABLES, *first_look, *second_look)


@kernel
def _looks(text, elements, context, signature, blocks, hashes, title, block_tags, without_class, folded, sign, keys, values,
           labelled, features, starts, thresholds, trees, masks, leaves, features_2, starts_2, thresholds_2, trees_2, masks_2,
           leaves_2):  # fmt: skip
    """All steps in one call: each call from Python finds its code and tables gone from the processor's nearest memory."""
    m, n = len(blocks), len(elements)
    statistics = gathered(elements, context, signature, blocks, hashes, block_tags)
    phrases = np.zeros((m, _PHRASES), np.float32)
    phrase_features.write_phrase_features(text, elements, blocks, folded, sign, keys, values, labelled, phrases)
    subtrees, described = np.empty((n, _SUBTREE), np.float32), np.zeros(n, np.bool_)
    stacked, first = np.zeros((m, _STACKED), np.float32), np.empty(m, np.float32)
    table = np.empty((min(m, _ROWS), _COLUMNS), np.float32)
    for at in range(0, m, _ROWS):
        rows = table[: min(_ROWS, m - at)]
        _write(at, elements, context, blocks, statistics, title, phrases, subtrees, described, rows)
        all_rows = np.arange(len(rows))
        found = boosted_trees.evaluate(rows, all_rows, features, starts, thresholds, trees, masks, leaves)
        for b in range(len(rows)):
            first[at + b] = found[b]
    write_stacked_features(first, elements, signature, blocks, stacked)
    second = first.copy()
    for at in range(0, m, _ROWS):
        rows = table[: min(_ROWS, m - at)]
        if m > _ROWS:  # else they are there still
            _write(at, elements, context, blocks, statistics, title, phrases, subtrees, described, rows)
        among = _unsure_rows(first[at : at + len(rows)])
        for b in among:
            for column in range(_STACKED):
                rows[b, _FIRST + column] = stacked[at + b, column]
        found = boosted_trees.evaluate(rows, among, features_2, starts_2, thresholds_2, trees_2, masks_2, leaves_2)
        for place in range(len(among)):
            second[at + among[place]] = found[place]
    return first, second, smoothed(elements, signature, blocks, second, without_class)


@inner
def _write(at, elements, context, blocks, statistics, title, phrases, subtrees, described, rows):
    """The features of the first look, of the blocks from ``at`` on."""
    inherited, sums, twins, best, best_share, in_stretch, numbers, repeated, first_block, long_before = statistics
    write_rows(at, elements, context, blocks, inherited, sums, twins, best, best_share, in_stretch, numbers, repeated, first_block,
               long_before, subtrees, described, rows)  # fmt: skip
    for b in range(len(rows)):
        for column in range(_TITLE):
            rows[b, f.TITLE_START + column] = title[at + b, column]
        for column in range(_PHRASES):
            rows[b, f.PHRASES_START + column] = phrases[at + b, column]


def unsure(probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: of which blocks the first look is not sure."""
    return (probabilities > UNSURE[0]) & (probabilities < UNSURE[1])


@kernel
def _unsure_rows(probabilities):
    """``int64[k]``: the rows of these blocks."""
    rows = np.empty(len(probabilities), np.int64)
    count = 0
    for b in range(len(probabilities)):
        if _LOW < probabilities[b] < _HIGH:
            rows[count] = b
            count += 1
    return rows[:count]
