"""Repeated n-grams against counting them one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.ngram_kernels import characters_of_later_copies
from filters.ngrams import covered, most_frequent, repeats

WORDS = st.lists(st.sampled_from("abcd"), max_size=40) | st.lists(st.integers(0, 30).map(str), max_size=120)


def as_arrays(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes, and lengths that tell words apart: ``a`` has one character, ``d`` four."""
    numbers = {word: number for number, word in enumerate(sorted(set(words)), 1)}
    hashes = np.array([numbers[word] * 0x9E3779B97F4A7C15 % 2**64 for word in words], np.uint64)
    return hashes, np.array([numbers[word] for word in words], np.int64)


@given(WORDS, st.integers(2, 6))
def test_exactly_what_comes_twice(words: list[str], n: int) -> None:
    ngrams = [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]
    counts = Counter(ngrams)
    expected = [start for start, ngram in enumerate(ngrams) if counts[ngram] > 1]
    *_, found = repeats(as_arrays(words)[0], n)
    (alone,) = repeats(as_arrays(words)[0], n, n)
    for each in (found, alone):
        assert each.starts.tolist() == expected
        assert each.first.tolist() == [ngrams.index(ngrams[start]) == start for start in expected]
        assert each.counts[each.group].tolist() == [counts[ngrams[start]] for start in expected]
        first = list(dict.fromkeys(ngrams[start] for start in expected))
        assert each.group.tolist() == [first.index(ngrams[start]) for start in expected]


@given(WORDS, st.sampled_from([1, 2, 4]))
def test_characters_of_later_copies_are_those_of_the_arrays(words: list[str], scale: int) -> None:
    hashes, lengths = as_arrays(words)
    ends = np.concatenate(([0], np.cumsum(lengths)))
    found = characters_of_later_copies(hashes, ends, scale, 4, 10)
    for each in repeats(hashes, 10 * scale):
        n = each.n // scale
        if each.n % scale or n < 2:
            continue
        later = most_frequent(each, lengths)[1:] if n <= 4 else each.starts[~each.first]
        assert found[n] == lengths[covered(later, each.n, lengths.size)].sum()
