"""Finding the words of lists in a text by their hashes, a whole text at once.

A text's words are hashed in any case (:attr:`text.view.TextView.folded_hashes`), and of 64 bits no two words of a list and
a text are taken for each other by chance. Making strings of all words, to look each up in a set, took longer than all that
was then done with those found.
"""

from __future__ import annotations

import numpy as np

# Slots of the first look for each word of the list: one word in so many of other texts is looked up for nothing.
_SLOTS_A_WORD = 16


class WordTable:
    """Different hashes (``uint64``), numbered in the order in which they are given."""

    def __init__(self, hashes: np.ndarray) -> None:
        self._order = np.argsort(hashes)
        self._sorted = hashes[self._order]
        slots = 1 << max(1, _SLOTS_A_WORD * len(hashes) - 1).bit_length()
        self._mask = np.uint64(slots - 1)
        self._may_be = np.zeros(slots, bool)
        self._may_be[hashes & self._mask] = True

    def find(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of a text's ``hashes`` (``uint64``): the places of those that the table holds, ascending, and which of its own each
        of them is (both ``int64``)."""
        from filters.word_table_kernels import find  # imports numba

        return find(hashes, self._may_be, self._mask, self._sorted, self._order)
