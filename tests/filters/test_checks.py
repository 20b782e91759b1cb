"""A recipe's mistake becomes one sentence; what lies on a bound is allowed."""

from __future__ import annotations

import pytest

from filters._checks import require_at_least, require_fraction


@pytest.mark.parametrize("value", [3, 3.0, 4, float("inf")])
def test_numbers_of_at_least_the_least_pass(value: float) -> None:
    require_at_least("window", value, 3)


@pytest.mark.parametrize("value", [0.499, -1, True, "4", None, float("nan")])
def test_others_are_named(value: object) -> None:
    with pytest.raises(ValueError, match=f"window is {value!r}; it must be a number of at least 0.5"):
        require_at_least("window", value, 0.5)


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 1, 1.0])
def test_fractions_pass(value: float) -> None:
    require_fraction("share", value)


@pytest.mark.parametrize("value", [-0.001, 1.001, True, False, "0.5", None, float("nan")])
def test_what_is_no_fraction_is_named(value: object) -> None:
    with pytest.raises(ValueError, match=f"share is {value!r}; it must be a number between 0 and 1"):
        require_fraction("share", value)
