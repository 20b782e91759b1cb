"""Elements of one template have one hash."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.scanner.page import PARENT
from parsers.scanner.template_hash import template

CHAIN = [2**63 + 5, 2, 8, 16, 32]  # signatures from the root to the element; their lowest bits say something else


def hashed(signatures: list[int], levels: int) -> int:
    elements = np.zeros((len(signatures), 7), np.int32)
    elements[:, PARENT] = np.arange(-1, len(signatures) - 1)
    with np.errstate(over="ignore"):
        return int(template(elements, np.array(signatures, np.uint64), len(signatures) - 1, levels))


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5])
def test_as_many_signatures_count_as_there_are_levels(levels: int) -> None:
    for place in range(5):
        other, low = CHAIN.copy(), CHAIN.copy()
        other[place] ^= 64
        low[place] ^= 1
        assert (hashed(other, levels) == hashed(CHAIN, levels)) is (place < 5 - levels)
        assert hashed(low, levels) == hashed(CHAIN, levels)
    assert len({hashed(CHAIN, each) for each in range(1, 6)}) == 5


def test_the_order_of_elements_counts_and_what_is_above_the_root_is_the_root() -> None:
    assert hashed([2, 8, 16], 3) != hashed([2, 16, 8], 3) and hashed([8], 1) == 8 | 1
    assert hashed([8], 2) == hashed([8, 8], 2) == hashed([8, 8, 8], 2)
