"""Checks of the numbers that constructors are given; a recipe's mistake becomes one sentence."""

from __future__ import annotations


def require_at_least(name: str, value: float, least: float) -> None:
    """``ValueError`` naming the argument unless ``value`` is a number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= least:
        raise ValueError(f"{name} is {value!r}; it must be a number of at least {least}.")


def require_fraction(name: str, value: float) -> None:
    """``ValueError`` naming the argument unless ``value`` is a number between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{name} is {value!r}; it must be a number between 0 and 1.")
