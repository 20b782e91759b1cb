"""Which n-grams of a sequence of words come more than once, for all lengths at once.

An n-gram is a 64-bit hash. It can only repeat where the shorter n-grams at its own place and at the next one do, so each
length is looked for among what was found for the one before: most texts are done after a few dozen comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from filters.ngram_kernels import repeated
from text.hashing import GOLDEN

_NOTHING = np.empty(0, np.int64)


class Repeats(NamedTuple):
    """The n-grams of one length that occur at least twice. ``starts``, ascending, are the words that they begin at;
    ``first`` says which of those are first occurrences; ``group`` numbers the n-gram in the order of these, ``counts`` its
    occurrences."""

    n: int
    starts: np.ndarray  # int64, shape (occurrences,)
    first: np.ndarray  # bool, shape (occurrences,)
    group: np.ndarray  # int64, shape (occurrences,)
    counts: np.ndarray  # int64, shape (different n-grams,)


def repeats(hashes: np.ndarray, largest: int, smallest: int = 2) -> Iterator[Repeats]:
    """:class:`Repeats` for n = ``smallest`` … ``largest`` of a sequence of word hashes (``uint64``)."""
    ngrams = hashes
    for n in range(2, smallest + 1):
        tail = hashes[n - 1 :]
        ngrams = _longer(ngrams[: tail.size], tail)
    found = _repeated(smallest, ngrams, None)
    yield found
    ngrams = ngrams[found.starts]
    for n in range(smallest + 1, largest + 1):
        if not found.starts.size:
            yield _none(n)
            continue
        # A longer n-gram repeats only where this one does, here and one word on.
        two = np.flatnonzero(found.starts[1:] == found.starts[:-1] + 1)
        places = found.starts[two]
        ngrams = _longer(ngrams[two], hashes[places + (n - 1)])
        found = _repeated(n, ngrams, places)
        yield found
        ngrams = ngrams[np.searchsorted(places, found.starts)]


def _longer(ngrams: np.ndarray, following: np.ndarray) -> np.ndarray:
    """Hashes of n-grams that one word follows, with that word."""
    return ngrams * GOLDEN + following  # wraps modulo 2^64, as it should


def _repeated(n: int, ngrams: np.ndarray, places: np.ndarray | None) -> Repeats:
    """Which of ``ngrams`` come more than once; they begin at ``places``, ascending, or at 0, 1, 2 …"""
    starts, first, group, counts = repeated(ngrams)
    return Repeats(n, starts if places is None else places[starts], first, group, counts)


def _none(n: int) -> Repeats:
    return Repeats(n, _NOTHING, np.empty(0, bool), _NOTHING, _NOTHING)


def covered(starts: np.ndarray, n: int, words: int) -> np.ndarray:
    """Which of so many words lie in n-grams that begin at ``starts``: ``bool`` of shape (words,)."""
    steps = np.bincount(starts, minlength=words + 1) - np.bincount(starts + n, minlength=words + 1)
    return np.cumsum(steps[:words]) > 0


def most_frequent(found: Repeats, lengths: np.ndarray) -> np.ndarray:
    """Where the most frequent n-gram begins; a tie goes to the longest in characters, then to the earliest. Empty where
    none repeats. ``lengths`` are the characters of each word."""
    if not found.counts.size:
        return found.starts
    candidates = np.flatnonzero(found.first & (found.counts == found.counts.max())[found.group])
    firsts = found.starts[candidates]
    ends = np.concatenate(([0], np.cumsum(lengths)))
    best = candidates[np.argmax(ends[firsts + found.n] - ends[firsts])]  # the first of equals
    return found.starts[found.group == found.group[best]]
