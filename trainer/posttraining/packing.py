"""Which documents share a row: first fit, the longest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def first_fit_decreasing(lengths: Sequence[int], capacity: int, seed: int) -> list[list[int]]:
    """Puts each document, the longest first and those of one length in the order that ``seed`` gives, into the first
    row that has room for it. Returns the documents' numbers row by row; each length must be at most ``capacity``.

    Takes O(N log N): a tree over the rows knows the most room that is left below each of its nodes.
    """
    order = np.random.default_rng(seed).permutation(len(lengths))
    order = order[np.argsort(-np.asarray(lengths, dtype=np.int64)[order], kind="stable")]
    leaves = 1 << len(lengths).bit_length()  # more than documents
    room = [capacity] * (2 * leaves)
    rows: list[list[int]] = []
    for number in map(int, order):
        length, node = lengths[number], 1
        if length > capacity:
            raise ValueError(f"A document of {length} tokens does not fit a row of {capacity}.")
        while node < leaves:
            node = 2 * node if room[2 * node] >= length else 2 * node + 1
        if node - leaves == len(rows):
            rows.append([])
        rows[node - leaves].append(number)
        room[node] -= length
        while node := node // 2:
            room[node] = max(room[2 * node], room[2 * node + 1])
    return rows


def fill(lengths: Sequence[int], rows: int, capacity: int) -> float:
    """The share of the rows' places that documents take."""
    return sum(lengths) / (rows * capacity) if rows else 0.0


class RowOrder:
    """Which rows each step reads: every row once an epoch, in an order of its own each time, by seed and number alone.

    Behind the last epoch come rows of no number (-1), which fill up the last step.
    """

    def __init__(self, rows: int, epochs: float, seed: int) -> None:
        self.rows, self.seed = rows, seed
        self.total = max(1, round(rows * epochs))
        """Rows of all epochs together."""
        self._epoch, self._permutation = -1, np.zeros(0, dtype=np.int64)

    def take(self, begin: int, count: int) -> list[int]:
        """``count`` row numbers from the place ``begin`` on."""
        return [self._at(place) if place < self.total else -1 for place in range(begin, begin + count)]

    def _at(self, place: int) -> int:
        epoch, within = divmod(place, self.rows)
        if epoch != self._epoch:
            self._epoch = epoch
            self._permutation = np.random.default_rng([self.seed, epoch]).permutation(self.rows)
        return int(self._permutation[within])
