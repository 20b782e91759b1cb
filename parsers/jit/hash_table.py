"""How often equal things occur on a page: an open-addressing table that numba's kernels share."""

from __future__ import annotations

import numpy as np

from text.jit.options import inner, kernel


@inner
def slot(keys, key):
    """The place of ``key``, which is not 0, in a table whose length is a power of two and that is not full: where it
    stands, or the free place (its key is 0) where it belongs."""
    mask = np.uint64(len(keys) - 1)
    place = key & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + np.uint64(1)) & mask
    return place


@inner
def value_of(keys, values, key):
    """What stands beside ``key`` in a table of :func:`parsers.markup.names.build_hash_table`, 0 where it is missing."""
    return values[slot(keys, key)]  # beside a free place stands 0


@kernel
def places(hashes):
    """``(int64[m], size)``: for each hash a place below ``size`` that equal hashes share and no others. A hash of 0 stands
    for nothing; its place is ``size`` itself."""
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    keys = np.zeros(size, np.uint64)
    found = np.full(len(hashes), size, np.int64)
    for row in range(len(hashes)):
        key = hashes[row]
        if key != 0:
            place = slot(keys, key)
            keys[place] = key
            found[row] = place
    return found, size


@kernel
def occurrences(hashes):
    """``int32[m]``: how many of ``hashes`` are equal to each, and 0 for those that are 0."""
    found, size = places(hashes)
    counts = np.zeros(size + 1, np.int32)
    for place in found:
        counts[place] += 1
    counts[size] = 0
    return counts[found]
