"""Precision, recall, the area under the curve and rank correlation, against hand-computed and brute-force values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from filters.classifier_measures import AtThreshold, area_under_curve, at_threshold, rank_correlation

SCORES = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12).map(np.array)


def test_precision_and_recall_at_a_threshold() -> None:
    positive, negative = np.array([0.9, 0.5, 0.1]), np.array([0.5, 0.2])
    assert at_threshold(positive, negative, 0.5) == AtThreshold(0.5, 2 / 3, 2 / 3)
    assert at_threshold(positive, negative, 0.95) == AtThreshold(0.95, 1.0, 0.0)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_order(positive: np.ndarray, negative: np.ndarray) -> None:
    pairs = [(a > b) + (a == b) / 2 for a in positive for b in negative]
    assert area_under_curve(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=20))
def test_rank_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(values, float) for values in zip(*pairs, strict=True))
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)
    else:
        assert rank_correlation(first, second) == 0.0
