"""Which n-grams of a sequence of words come more than once, for all lengths at once.

An n-gram is a 64-bit hash. It can only repeat where the shorter n-grams at its own place and at the next one do, so each
length is looked for among what was found for the one before: most texts are done after a few dozen comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from text.hashing import GOLDEN


class Repeats(NamedTuple):
    """The n-grams of one length that occur at least twice. ``starts``, ascending, are the words that they begin at;
    ``first`` says which of those are first occurrences; ``group`` numbers the n-gram, ``counts`` its occurrences."""

    n: int
    starts: np.ndarray  # int64, shape (occurrences,)
    first: np.ndarray  # bool, shape (occurrences,)
    group: np.ndarray  # int64, shape (occurrences,)
    counts: np.ndarray  # int64, shape (different n-grams,)


def repeats(hashes: np.ndarray, largest: int) -> Iterator[Repeats]:
    """:class:`Repeats` for n = 1 … ``largest`` of a sequence of word hashes (``uint64``)."""
    ngrams, places = hashes, np.arange(hashes.size)
    for n in range(1, largest + 1):
        _, first, group, counts = np.unique(ngrams[places], return_index=True, return_inverse=True, return_counts=True)
        is_first = np.zeros(places.size, bool)
        is_first[first] = True
        repeated = counts[group] > 1
        number = np.cumsum(counts > 1) - 1
        yield Repeats(n, places[repeated], is_first[repeated], number[group[repeated]], counts[counts > 1])
        # A longer n-gram repeats only where this one does, here and one word on.
        found = places[repeated]
        places = found[:-1][found[1:] == found[:-1] + 1]
        tail = hashes[n:]
        ngrams = ngrams[: tail.size] * GOLDEN + tail  # wraps modulo 2^64, as it should


def covered(starts: np.ndarray, n: int, words: int) -> np.ndarray:
    """Which of so many words lie in n-grams that begin at ``starts``: ``bool`` of shape (words,)."""
    steps = np.bincount(starts, minlength=words + 1) - np.bincount(starts + n, minlength=words + 1)
    return np.cumsum(steps[:words]) > 0


def most_frequent(found: Repeats, lengths: np.ndarray) -> np.ndarray:
    """Where the most frequent n-gram begins; a tie goes to the longest in characters, then to the earliest. Empty where
    none repeats. ``lengths`` are the characters of each word."""
    if not found.counts.size:
        return found.starts
    ends = np.concatenate(([0], np.cumsum(lengths)))
    firsts = found.starts[found.first]
    characters = ends[firsts + found.n] - ends[firsts]
    groups = found.group[found.first]
    best = np.lexsort((firsts, -characters, -found.counts[groups]))[0]
    return found.starts[found.group == groups[best]]
