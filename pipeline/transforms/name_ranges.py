"""Ranges of names that are about equally full: names aren't spread evenly, as hashes are, so a sample says where to cut.

The sample are the names with the smallest hashes, whatever order they come in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import apache_beam as beam

from text.hashing import hash64

# With so many none of a thousand ranges comes out twice as full as the mean.
_SAMPLED_PER_RANGE = 32
_HASH_SEED = 0xD0


class Cuts(beam.CombineFn):
    """From different names the first of each range but the first range, sorted: ``ranges - 1`` names, of which some may
    be equal where there are few."""

    def __init__(self, ranges: int):
        self._ranges = ranges
        self._most = ranges * _SAMPLED_PER_RANGE

    def create_accumulator(self):
        return []

    def add_input(self, accumulator, name):
        accumulator.append((hash64(name, _HASH_SEED), name))
        # Sorting once in so many additions costs little more than none.
        return self._smallest(accumulator) if len(accumulator) > 2 * self._most else accumulator

    def merge_accumulators(self, accumulators):
        return self._smallest(found for accumulator in accumulators for found in accumulator)

    def extract_output(self, accumulator):
        names = sorted(name for _, name in self._smallest(accumulator))
        return tuple(names[len(names) * number // self._ranges] for number in range(1, self._ranges) if names)

    def _smallest(self, found: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
        return sorted(found)[: self._most]


def range_of_name(name: str, cuts: tuple[str, ...]) -> int:
    """The range that a name lies in, from 0 on."""
    return bisect_right(cuts, name)
