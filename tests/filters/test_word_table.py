"""Hashes are found where they stand, and numbered as they were given."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.word_table import WordTable

# Some alike in their lowest bits, by which they are first looked for.
HASHES = st.integers(0, 40) | st.integers(0, 40).map(lambda number: number << 40 | 5) | st.integers(0, 2**64 - 1)


@given(st.lists(HASHES, min_size=1, max_size=30, unique=True), st.lists(HASHES, max_size=40))
def test_each_word_of_a_text_is_found_with_its_number(listed: list[int], text: list[int]) -> None:
    text += listed[::2]
    places, numbers = WordTable(np.asarray(listed, np.uint64)).find(np.asarray(text, np.uint64))
    expected = [(place, listed.index(word)) for place, word in enumerate(text) if word in listed]
    assert list(zip(places.tolist(), numbers.tolist(), strict=True)) == expected
