"""Looking a text's words up in a table of hashes, compiled: the inner loop of :mod:`filters.word_table`."""

from __future__ import annotations

import numpy as np

from text.jit.options import kernel


@kernel
def find(hashes, may_be, mask, listed, order):
    """Which of ``hashes`` (``uint64``) are among ``listed``, which ascend: their places, and by ``order`` the number of each
    (both ``int64``). ``may_be`` (``bool``) says of the bits of a hash that ``mask`` leaves whether any listed one has them."""
    places, numbers = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.int64)
    found = 0
    for place in range(len(hashes)):
        sought = hashes[place]
        if not may_be[sought & mask]:
            continue
        low, high = 0, len(listed)
        while low < high:
            middle = (low + high) >> 1
            if listed[middle] < sought:
                low = middle + 1
            else:
                high = middle
        if low < len(listed) and listed[low] == sought:
            places[found], numbers[found] = place, order[low]
            found += 1
    return places[:found].copy(), numbers[:found].copy()
