"""The interval of a share holds exactly the shares from which what was seen is not too far away."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.confidence import wilson_interval


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.2, 4))
def test_at_its_ends_what_was_seen_is_so_many_standard_deviations_away(count: int, more: int, z: float) -> None:
    of = count + more or 1
    low, high = wilson_interval(count, of, z)
    share = count / of
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1
    for end in (low, high):
        assert abs(share - end) == pytest.approx(z * math.sqrt(end * (1 - end) / of), abs=1e-7)
    assert (low == pytest.approx(0, abs=1e-12)) == (count == 0) and (high == pytest.approx(1)) == (count == of)


@pytest.mark.parametrize(
    ("count", "of", "expected"), [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (5, 10, (0.2366, 0.7634))]
)
def test_intervals_by_hand(count: int, of: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(count, of, 1.96) == pytest.approx(expected, abs=5e-5)
