"""The choice of blocks, against a plain reading: every choice in order of probability is scored, the best one counts."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.selection.expected_f1 import best_expected_f1 as best_choice

# A normal distribution of standard deviation 1.6 at five points, in logits, and how likely each is.
CASES = ((-1.7 * 1.6, 0.1), (-0.8 * 1.6, 0.22), (0.0, 0.36), (0.8 * 1.6, 0.22), (1.7 * 1.6, 0.1))


def chosen(lengths: list[int], p: list[float]) -> list[bool]:
    page = parse("<body>" + "".join(f"<p>{' '.join(['word'] * length)}</p>" for length in lengths)).page
    return best_choice(page, np.array(p, np.float32)).tolist()


def moved(p: float, shift: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return p / (p + (1 - p) * exp(-shift))


def expected_f1(lengths: list[int], p: list[float], choice: list[bool], cases=CASES) -> float:
    """Over the cases, 2 sum(p w over the choice) / (sum(w over the choice) + sum(p w over all)); w is words and a half."""
    total = 0.0
    for shift, chance in cases:
        weighed = [(length + 0.5, moved(each, shift)) for length, each in zip(lengths, p, strict=True)]
        hits = sum(w * each for (w, each), is_in in zip(weighed, choice, strict=True) if is_in)
        taken = sum(w for (w, _), is_in in zip(weighed, choice, strict=True) if is_in)
        total += chance * 2 * hits / (taken + sum(w * each for w, each in weighed))
    return total


def choices(p: list[float]) -> list[list[bool]]:
    """Each choice of the likeliest blocks, of equal ones the first."""
    order = sorted(range(len(p)), key=lambda row: (-p[row], row))
    return [[row in order[:count] for row in range(len(p))] for count in range(1, len(p) + 1)]


@given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from([n / 20 for n in range(21)])), min_size=1, max_size=10))
def test_no_other_choice_has_a_better_expected_f1(blocks: list[tuple[int, float]]) -> None:
    lengths, p = map(list, zip(*blocks, strict=True))
    choice = chosen(lengths, p)
    assert choice in choices(p)
    best = max(expected_f1(lengths, p, other) for other in choices(p))
    assert expected_f1(lengths, p, choice) == pytest.approx(best, abs=1e-7)


def test_blocks_are_right_or_wrong_together() -> None:
    """The second block would go if each were right or wrong by itself. Where one is right, the other likely is."""
    lengths, p = [50, 100], [0.5, 0.25]
    each_by_itself = max(choices(p), key=lambda choice: expected_f1(lengths, p, choice, cases=((0.0, 1.0),)))
    assert each_by_itself == [True, False]
    assert chosen(lengths, p) == [True, True]
