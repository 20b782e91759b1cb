"""Chance that comes out the same on every machine and in every version of Python."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices that follow from a key alone.

    Only ``Random.random`` is used, the one method whose sequence Python promises to keep between versions.
    """

    def __init__(self, *key: object):
        self._uniform = random.Random("/".join(map(str, key))).random

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit - 1``."""
        return int(self._uniform() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._uniform() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of ``items`` in another order (Fisher and Yates)."""
        deck = list(items)
        for last in range(len(deck) - 1, 0, -1):
            other = self.below(last + 1)
            deck[last], deck[other] = deck[other], deck[last]
        return deck


def digest(*key: object) -> bytes:
    """Twenty bytes that follow from a key: the raw material of record ids and of noise."""
    return hashlib.sha1("/".join(map(str, key)).encode()).digest()


def noise(size: int, *key: object) -> bytes:
    """``size`` bytes that look random and follow from a key."""
    return hashlib.shake_128("/".join(map(str, key)).encode()).digest(size)
