"""The kernel of :func:`dedup.minhash.signature`."""

from __future__ import annotations

import numpy as np

from text.jit.options import kernel

_LARGEST = np.uint64(2**64 - 1)
_HALF = np.uint64(32)


@kernel
def smallest_products(shingles, factors):
    """The upper half (``uint32``) of the smallest product, modulo 2^64, of each of ``factors`` with any of ``shingles``,
    all bits set where there are none. Both are ``uint64``.

    Four shingles are multiplied between a load and a store of the smallest products; the inner loop, over factors, is
    one that LLVM turns into instructions for four or eight products at once.
    """
    smallest = np.full(len(factors), _LARGEST)
    fours = len(shingles) - len(shingles) % 4
    for start in range(0, fours, 4):
        one, two, three, four = shingles[start], shingles[start + 1], shingles[start + 2], shingles[start + 3]
        for place in range(len(factors)):
            factor = factors[place]
            smallest[place] = min(smallest[place], one * factor, two * factor, three * factor, four * factor)
    for shingle in shingles[fours:]:
        for place in range(len(factors)):
            smallest[place] = min(smallest[place], shingle * factors[place])
    return (smallest >> _HALF).astype(np.uint32)
