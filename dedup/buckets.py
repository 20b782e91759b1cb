"""From buckets of documents that share a band to the pairs that are worth joining.

A bucket becomes stars, never all its pairs: its first document is compared with all others; those that are too unlike
it wait, and the first of them becomes the next centre. Without the comparison a chain of chance meetings would
glue a cluster together; without the second star the pairs among the unlike ones would be lost.

What is compared are b-bit signatures (Li and König 2010, arXiv 0910.3349): the two lowest bits of each place, 30 bytes
for 120 places, small enough to travel with every band. Two places agree by chance in a quarter of all cases, which the
estimate takes out.
"""

from __future__ import annotations

import numpy as np

_BITS = 2
_BY_CHANCE = 2.0**-_BITS
# Who is left after so many stars in one bucket is tied to the last centre uncompared: nothing is lost by it, since the
# survivor of a component is compared with everyone, and the time of a bucket stays linear.
STARS_PER_BUCKET = 256


def packed_width(places: int) -> int:
    """Bytes of a packed signature."""
    return _BITS * -(-places // 8)


def pack(signatures: np.ndarray) -> np.ndarray:
    """The b-bit forms of ``signatures`` (``uint32``, (documents, places)): ``uint8``, (documents, packed width)."""
    planes = [np.packbits((signatures >> np.uint32(bit) & np.uint32(1)).astype(bool), axis=1) for bit in range(_BITS)]
    return np.concatenate(planes, axis=1)


def estimates(ones: np.ndarray, others: np.ndarray, places: int) -> np.ndarray:
    """Estimated similarities, row by row, of two arrays from :func:`pack`."""
    planes = (ones ^ others).reshape(len(ones), _BITS, -1)
    differing = np.bitwise_count(np.bitwise_or.reduce(planes, axis=1)).sum(axis=1, dtype=np.int64)
    return (1 - differing / places - _BY_CHANCE) / (1 - _BY_CHANCE)


def tolerance(similarity: float, places: int) -> float:
    """Three standard errors of an estimate: a pair at ``similarity`` falls that far below it once in 700 times."""
    agreement = _BY_CHANCE + (1 - _BY_CHANCE) * similarity
    return 3 * (agreement * (1 - agreement) / places) ** 0.5 / (1 - _BY_CHANCE)


def verified_stars(
    keys: np.ndarray, ranks: np.ndarray, pointers: np.ndarray, packed: np.ndarray, places: int, min_similarity: float
) -> np.ndarray:
    """The edges (``int64``, shape (edges, 2), sorted, smaller pointer first) of all buckets' stars.

    ``keys``, ``ranks`` (``uint64``), ``pointers`` (``int64``) and ``packed`` (rows of :func:`pack`) have one entry per
    document and band; equal keys are a bucket. Ranks, hashes of content, choose the centres: pointers say where a
    document lies, and who is compared with whom must not depend on that. Pairs whose estimate may belong to
    ``min_similarity`` are joined; see :func:`tolerance`.
    """
    bound = min_similarity - tolerance(min_similarity, places)
    order = np.lexsort((pointers, ranks, keys))
    order = order[_shared(keys[order])]
    keys, pointers, packed = keys[order], pointers[order], packed[order]
    edges = [np.empty((0, 2), np.int64)]
    for number in range(STARS_PER_BUCKET):
        if not len(keys):
            break
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        centres = np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
        last = number == STARS_PER_BUCKET - 1
        joined = (estimates(packed[centres], packed, places) >= bound) | last
        chosen = joined & (pointers[centres] != pointers)
        edges.append(np.stack([pointers[centres[chosen]], pointers[chosen]], axis=1))
        keys, pointers, packed = keys[~joined], pointers[~joined], packed[~joined]
    return np.unique(np.sort(np.concatenate(edges), axis=1), axis=0)


class LargeBucket:
    """:func:`verified_stars` of one bucket, whose entries come by rank and pointer, some at a time: what is held are its
    centres and those that have just come."""

    def __init__(self, places: int, min_similarity: float):
        self._places = places
        self._bound = min_similarity - tolerance(min_similarity, places)
        self._centres: list[tuple[int, np.ndarray]] = []

    def edges(self, pointers: np.ndarray, packed: np.ndarray) -> np.ndarray:
        """The edges of the next entries, as :func:`verified_stars` returns all."""
        edges = [np.empty((0, 2), np.int64)]
        number = 0
        while len(pointers):
            if number == len(self._centres):
                self._centres.append((int(pointers[0]), packed[0].copy()))
            pointer, centre = self._centres[number]
            last = number == STARS_PER_BUCKET - 1
            alike = estimates(np.broadcast_to(centre, packed.shape), packed, self._places)
            joined = (alike >= self._bound) | last
            others = pointers[joined & (pointers != pointer)]
            edges.append(np.stack([np.full(len(others), pointer, np.int64), others], axis=1))
            pointers, packed = pointers[~joined], packed[~joined]
            number += 1
        return np.unique(np.sort(np.concatenate(edges), axis=1), axis=0)


def _shared(keys: np.ndarray) -> np.ndarray:
    """Which of the sorted ``keys`` have an equal neighbour."""
    equal = keys[1:] == keys[:-1]
    return np.r_[equal, False] | np.r_[False, equal] if len(keys) else np.empty(0, bool)
