"""The n-gram kernels against a plain reading of what they say they count."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.ngram_kernels import characters_by_row, repeated

# Few kinds of words, so that n-grams repeat, overlap and meet in rows of their own.
WORDS = st.lists(st.integers(1, 3), max_size=24)


@given(WORDS)
def test_what_comes_more_than_once_is_named_by_place_and_kind(ngrams: list[int]) -> None:
    counts = Counter(ngrams)
    kinds = [ngram for ngram in dict.fromkeys(ngrams) if counts[ngram] > 1]
    places = [place for place, ngram in enumerate(ngrams) if counts[ngram] > 1]
    found = repeated(np.asarray(ngrams, np.uint64))
    assert found[0].tolist() == places
    assert found[1].tolist() == [ngrams.index(ngrams[place]) == place for place in places]
    assert found[2].tolist() == [kinds.index(ngrams[place]) for place in places]
    assert found[3].tolist() == [counts[kind] for kind in kinds]


def test_many_kinds_are_kept_apart() -> None:
    """More than the table of kinds begins with, among them some that differ in their highest bits alone."""
    ngrams = np.asarray([kind << shift for kind in range(1, 40) for shift in (0, 29, 47, 58)], np.uint64)
    kinds, counts = np.unique(ngrams, return_counts=True)
    places, _, _, how_often = repeated(ngrams)
    assert sorted(how_often.tolist()) == sorted(counts[counts > 1].tolist())
    assert {int(ngrams[place]) for place in places} == set(kinds[counts > 1].tolist())


@given(
    WORDS,
    st.integers(2, 4),
    st.integers(1, 3),
    st.integers(0, 3),
    st.lists(st.integers(0, 24), max_size=3),
    st.integers(0, 2**24 - 1),
)
def test_characters_in_later_copies_are_counted_by_row(
    words: list[int], n: int, copies: int, least: int, cuts: list[int], letters: int
) -> None:
    characters = [3 + place for place in range(len(words))]
    has_letters = [letters >> place & 1 for place in range(len(words))]
    ends = [*sorted(min(cut, len(words)) for cut in cuts), len(words)]
    lettered = np.concatenate(([0], np.cumsum(has_letters))).astype(np.int64)

    ngrams = [tuple(words[place : place + n]) for place in range(len(words) - n + 1)]
    inside = set()
    for place, ngram in enumerate(ngrams):
        is_later = ngram in ngrams[:place] and ngrams.count(ngram) >= copies
        if is_later and sum(has_letters[place : place + n]) >= least:
            inside |= set(range(place, place + n))
    rows = [
        sum(characters[word] for word in range(begin, end) if word in inside)
        for begin, end in zip([0, *ends], ends, strict=False)
    ]

    hashes = np.asarray(words, np.uint64)
    lengths, row_ends = np.asarray(characters, np.int64), np.asarray(ends, np.int64)
    assert characters_by_row(hashes, n, copies, lettered, least, lengths, row_ends).tolist() == rows
