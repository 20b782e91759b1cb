"""How well scores tell two kinds of documents apart: precision, recall, area under the curve, rank correlation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class AtThreshold(NamedTuple):
    """What a threshold does: of all that reach it the share that is positive, and the share of positives that reach it.

    ``precision`` is 1.0 where nothing reaches the threshold: nothing was taken wrongly.
    """

    threshold: float
    precision: float
    recall: float


def at_threshold(positive: np.ndarray, negative: np.ndarray, threshold: float) -> AtThreshold:
    """Precision and recall of ``score >= threshold``. Arrays of scores, shapes (positives,) and (negatives,)."""
    right, wrong = int((positive >= threshold).sum()), int((negative >= threshold).sum())
    return AtThreshold(threshold, right / (right + wrong) if right + wrong else 1.0, right / len(positive))


def area_under_curve(positive: np.ndarray, negative: np.ndarray) -> float:
    """The area under the ROC curve: how often a positive scores above a negative, equal scores by half (Mann and
    Whitney 1947). Arrays of scores, shapes (positives,) and (negatives,), neither empty."""
    ordered = np.sort(negative)
    below, up_to = np.searchsorted(ordered, positive, "left"), np.searchsorted(ordered, positive, "right")
    return float((below + up_to).sum()) / (2 * len(positive) * len(negative))


def rank_correlation(scores: np.ndarray, other: np.ndarray) -> float:
    """Spearman's correlation of two rankings of the same documents, equal values sharing their mean rank; 0.0 where
    one of them is constant. Arrays of shape (documents,)."""
    first, second = (_ranks(values) - (len(values) - 1) / 2 for values in (scores, other))
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    ordered = np.sort(values)
    below, up_to = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return (below + up_to - 1) / 2
