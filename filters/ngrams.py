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


def repeats(hashes: np.ndarray, largest: int, smallest: int = 2) -> Iterator[Repeats]:
    """:class:`Repeats` for n = ``smallest`` … ``largest`` of a sequence of word hashes (``uint64``)."""
    ngrams = hashes
    for n in range(2, smallest + 1):
        ngrams = _longer(ngrams, hashes, n)
    places = np.arange(ngrams.size)
    for n in range(smallest, largest + 1):
        found = _repeated(n, ngrams, places)
        yield found
        # A longer n-gram repeats only where this one does, here and one word on.
        places = found.starts[:-1][found.starts[1:] == found.starts[:-1] + 1]
        ngrams = _longer(ngrams, hashes, n + 1)


def _longer(ngrams: np.ndarray, hashes: np.ndarray, n: int) -> np.ndarray:
    """Hashes of the n-grams from those of one word less."""
    tail = hashes[n - 1 :]
    return ngrams[: tail.size] * GOLDEN + tail  # wraps modulo 2^64, as it should


def _repeated(n: int, ngrams: np.ndarray, places: np.ndarray) -> Repeats:
    if places.size < 2:
        nothing = np.empty(0, np.int64)
        return Repeats(n, nothing, np.empty(0, bool), nothing, nothing)
    _, first, group, counts = np.unique(ngrams[places], return_index=True, return_inverse=True, return_counts=True)
    is_first = np.zeros(places.size, bool)
    is_first[first] = True
    repeated = counts[group] > 1
    number = np.cumsum(counts > 1) - 1
    return Repeats(n, places[repeated], is_first[repeated], number[group[repeated]], counts[counts > 1])


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
