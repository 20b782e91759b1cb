"""The n-gram kernels against a plain reading of what they say they count."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.ngram_kernels import characters_by_row, repeated, rows_said_before

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


def covered(words: list[int], n: int, copies: int, is_lettered: list[bool], least: int) -> set[int]:
    """The words in an n-gram that stood before, comes so often and holds so many words without a digit."""
    ngrams = [tuple(words[place : place + n]) for place in range(len(words) - n + 1)]
    inside = set()
    for place, ngram in enumerate(ngrams):
        if ngram in ngrams[:place] and ngrams.count(ngram) >= copies and sum(is_lettered[place : place + n]) >= least:
            inside |= set(range(place, place + n))
    return inside


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(1, 4)), max_size=24),
    st.lists(st.integers(0, 24), max_size=4),
    st.integers(2, 3),
    st.integers(2, 3),
    st.integers(0, 2),
    st.integers(1, 6),
    st.sampled_from([0.4, 0.5, 0.8, 1.0]),
)
def test_rows_that_were_said_before(
    words: list[tuple[int, bool, int]], cuts: list[int], n: int, copies: int, least: int, log_words: int, share: float
) -> None:
    # Words with a digit are 4 to 6, and all one where numbers are left out.
    kinds = [kind + 3 * digit for kind, digit, _ in words]
    numberless = [9 if digit else kind for kind, digit, _ in words]
    is_lettered, lengths = [not digit for _, digit, _ in words], [length for *_, length in words]
    ends = [*sorted(min(cut, len(words)) for cut in cuts), len(words)]
    inside = covered(kinds, n, 2, is_lettered, 0)
    inside_log = covered(numberless, n, copies, is_lettered, least)

    expected = []
    for begin, end in pairwise([0, *ends]):
        row = range(begin, end)
        lettered = [word for word in row if is_lettered[word]]
        shares = [part(lengths, row, inside)]
        if not all(is_lettered) and len(row) >= log_words and lettered:
            shares.append(part(lengths, lettered, inside_log))
        expected.append((1 if max(shares) >= share else -1) if row else 0)

    found = rows_said_before(
        np.asarray(kinds, np.uint64), np.asarray(numberless, np.uint64), ~np.asarray(is_lettered, bool),
        np.asarray(lengths, np.int64), np.asarray([0, *ends], np.int64), n, copies, least, log_words, share,
    )  # fmt: skip
    assert found.tolist() == expected


def part(lengths: list[int], words: range | list[int], inside: set[int]) -> float:
    whole = sum(lengths[word] for word in words)
    return sum(lengths[word] for word in words if word in inside) / whole if whole else 0.0
