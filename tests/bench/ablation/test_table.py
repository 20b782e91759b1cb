"""Scores and their differences."""

from __future__ import annotations

import numpy as np
import pytest

from bench.ablation.table import Texts, difference, score, share


def test_scores_weigh_sets_alike_and_differences_are_paired() -> None:
    texts = Texts(np.array([10, 10, 100]), np.array([0, 0, 1]), ("a", "b"))
    bits = np.array([[10.0, 30.0, 100.0]])
    assert score(bits, texts) == pytest.approx((40 / 20 + 1) / 2)
    other = bits + np.array([[1.0, 1.0, 10.0]])
    found = difference(bits, other, texts)
    assert [found.mean, found.low, found.high] == pytest.approx([-0.1] * 3)
    noisy = difference(bits, bits * np.array([[1.5, 0.5, 1.0]]), texts)
    assert noisy.low < noisy.mean < noisy.high and noisy.visible > 0


def test_a_share_is_the_mean_over_rules_with_an_interval() -> None:
    rules = np.array([0] * 30 + [1] * 10)
    right = np.zeros((3, 40), np.bool_)
    right[:, :15] = True  # half of one rule, none of the other
    mean, low, high = share(right, rules)
    assert mean == pytest.approx(0.25) and low < 0.2 < 0.3 < high
    right[:] = True
    assert share(right, rules) == (1.0, 1.0, 1.0)
