"""The kernel finds of a text's hashes those that are listed, each at its place."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.word_table_kernels import find

NUMBERS = st.integers(0, 12) | st.sampled_from([2**63, 2**64 - 1])


@given(st.sets(NUMBERS, max_size=10), st.lists(NUMBERS, max_size=12), st.sampled_from([0, 1, 3, 15]))
def test_what_is_listed_is_found(listed: set[int], text: list[int], mask: int) -> None:
    ascending = sorted(listed)
    order = np.arange(len(listed), dtype=np.int64)[::-1] + 100
    may_be = np.array([any(number & mask == slot for number in listed) for slot in range(mask + 1)])
    places, numbers = find(
        np.array(text, np.uint64), may_be, np.uint64(mask), np.array(ascending, np.uint64), order
    )  # fmt: skip
    expected = [(place, int(order[ascending.index(number)])) for place, number in enumerate(text) if number in listed]
    assert list(zip(places.tolist(), numbers.tolist(), strict=True)) == expected
    assert places.dtype == numbers.dtype == np.int64


def test_slots_without_a_listed_word_are_not_looked_up() -> None:
    """The table says so, and it is believed: this is what makes a text cheap."""
    listed = np.array([4, 7], np.uint64)
    places, numbers = find(
        np.array([4, 7, 4], np.uint64), np.array([False, True]), np.uint64(1), listed, np.array([0, 1])
    )
    assert (places.tolist(), numbers.tolist()) == ([1], [1])
