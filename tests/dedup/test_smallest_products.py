"""The kernel of signatures against a plain reading, also where shingles don't come in fours."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.smallest_products import smallest_products

HASHES = st.integers(0, 2**64 - 1)


@given(st.lists(HASHES, max_size=11), st.lists(HASHES, max_size=5))
def test_the_upper_half_of_the_smallest_product_is_taken(shingles: list[int], factors: list[int]) -> None:
    smallest = [min([shingle * factor % 2**64 for shingle in shingles], default=2**64 - 1) for factor in factors]
    found = smallest_products(np.asarray(shingles, np.uint64), np.asarray(factors, np.uint64))
    assert found.dtype == np.uint32 and found.tolist() == [product >> 32 for product in smallest]
