"""The counting kernels against plain counts; the scratch table is as it was after each."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.count_kernels import add_counts, own_counts, sum_over_windows

WORDS = st.lists(st.integers(0, 6), max_size=20)
STEPS = st.integers(1, 4)


def scratch() -> np.ndarray:
    return np.zeros(7, np.int32)


@given(WORDS, STEPS)
def test_every_so_many_th_word_is_added(words: list[int], step: int) -> None:
    counts = np.arange(7, dtype=np.int64)
    add_counts(counts, np.asarray(words, np.int64), step)
    found = Counter(words[::step])
    assert counts.tolist() == [bucket + found[bucket] for bucket in range(7)]


@given(WORDS, STEPS)
def test_each_word_is_told_how_often_it_was_counted(words: list[int], step: int) -> None:
    table, own = scratch(), np.full(len(words), -1, np.int64)
    own_counts(np.asarray(words, np.int64), step, table, own)
    found = Counter(words[::step])
    assert own.tolist() == [found[word] for word in words]
    assert not table.any()


@given(WORDS, st.integers(1, 6))
def test_whole_windows_are_added_up(words: list[int], window: int) -> None:
    values = np.asarray([0, *(7**count for count in range(1, window + 2))], np.int64)
    table = scratch()
    whole = [words[begin : begin + window] for begin in range(0, len(words) // window * window, window)]
    expected = sum(int(values[count]) for part in whole for count in Counter(part).values())
    assert sum_over_windows(np.asarray(words, np.int64), window, values, table) == expected
    assert not table.any()
