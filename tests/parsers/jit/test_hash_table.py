"""Equal hashes are counted together and share a place, however their places collide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.jit.hash_table import occurrences, places, value_of
from parsers.markup.names import build_hash_table

# Small numbers collide in the low bits, which choose the place; 0 stands for nothing.
HASHES = st.lists(
    st.sampled_from([0, 1, 2, 15, 16, 17, 31, 32, 33, 48, 64, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1),
    max_size=40,
)


@given(HASHES)
def test_occurrences_are_counts_of_equal_hashes(hashes: list[int]) -> None:
    found = occurrences(np.array(hashes, np.uint64))
    assert found.tolist() == [hashes.count(each) if each else 0 for each in hashes]


@given(HASHES)
def test_equal_hashes_share_a_place_and_others_have_their_own(hashes: list[int]) -> None:
    found, size = places(np.array(hashes, np.uint64))
    assert all(
        (place == size) is (each == 0) and 0 <= place <= size
        for each, place in zip(hashes, found.tolist(), strict=True)
    )
    assert len({*zip(hashes, found.tolist(), strict=True)}) == len({*hashes}) == len({*found.tolist()})


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 16, 17, 100, 513])
def test_a_table_is_at_most_half_full(count: int) -> None:
    hashes = np.full(count, 16, np.uint64) * np.arange(1, count + 1, dtype=np.uint64)  # all want the same few places
    found, size = places(hashes)
    assert size >= max(16, 2 * count) and size < max(17, 4 * count) and size & (size - 1) == 0
    assert len(set(found.tolist())) == count and occurrences(hashes).tolist() == [1] * count


@given(
    st.dictionaries(
        st.sampled_from([1, 2, 16, 17, 32, 33, 2**63]) | st.integers(1, 2**64 - 1), st.integers(1, 2**63), max_size=30
    )
)
def test_values_stand_beside_their_keys(entries: dict[int, int]) -> None:
    keys, values = build_hash_table(entries)
    assert len(keys) >= max(16, 4 * len(entries)) and len(keys) & (len(keys) - 1) == 0
    for key in {*entries, 1, 2, 3, 16, 48, 2**63, 12345}:
        assert int(value_of(keys, values, np.uint64(key))) == entries.get(key, 0)
