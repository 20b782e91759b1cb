"""Connected components of a graph of pointers, two ways that give the same labels.

:func:`components` takes all edges into one process (scipy; 44 bytes an edge). :func:`large_star` and
:func:`small_star` are the two moves of Kiveris et al. 2014 (Connected Components in MapReduce and Beyond), each of
which needs only the edges of one range of pointers at a time, and :func:`directed` says which range an edge must be
seen in. Applied in turn until neither changes an edge, they leave every pointer tied to the smallest of its component
and to nothing else. The number of rounds grows with the logarithm of the longest path; it is never fixed beforehand.

An edge is a pair of different pointers (``int64``), the smaller first; edges come as arrays of shape (edges, 2).
"""

from __future__ import annotations

import numpy as np

from text.hashing import GOLDEN, range_of_hash


def components(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pointers that occur in ``edges`` and, for each, the smallest pointer of its component (both ``int64``)."""
    # Loaded where there are edges: it takes longer than the components of most crawls.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pointers, compact = np.unique(edges, return_inverse=True)
    compact = compact.reshape(edges.shape)
    size = len(pointers)
    graph = coo_matrix((np.ones(len(edges), np.int8), (compact[:, 0], compact[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    # Pointers are sorted, so the first of each label is its smallest.
    _, first = np.unique(labels, return_index=True)
    return pointers, pointers[first[labels]]


def directed(edges: np.ndarray, large: bool) -> np.ndarray:
    """Edges as (from, to), as the next star looks at them: both ways for a large one, from larger to smaller for a
    small one. All that leave one pointer must be seen together."""
    down = edges[:, ::-1]
    return np.concatenate([edges, down]) if large else down


def range_of(pointers: np.ndarray, ranges: int) -> np.ndarray:
    """The range (``int64``, below ``ranges``) that a pointer's edges are dealt to, evenly whatever the pointers."""
    return range_of_hash(pointers.astype(np.uint64) * GOLDEN, ranges)


def large_star(outgoing: np.ndarray) -> tuple[np.ndarray, int]:
    """Ties every larger neighbour of a pointer to the smallest of its neighbourhood, itself included.

    Takes the :func:`directed` edges of some pointers; returns the new edges and how many of them weren't there.
    """
    return _large(*_neighbourhoods(outgoing))


def small_star(outgoing: np.ndarray) -> tuple[np.ndarray, int]:
    """Ties a pointer and all its smaller neighbours to the smallest of them. As :func:`large_star` otherwise."""
    return _small(*_neighbourhoods(outgoing))


def star_of_one(outgoing: np.ndarray, smallest: int, large: bool) -> tuple[np.ndarray, int]:
    """:func:`large_star` or :func:`small_star` of some edges of one pointer, in whose whole neighbourhood ``smallest`` is the
    smallest. An edge that comes more than once, or twice among what several calls return, changes no component."""
    outgoing = np.unique(outgoing, axis=0)
    return (_large if large else _small)(outgoing, np.full(len(outgoing), smallest, np.int64))


def _large(outgoing: np.ndarray, smallest: np.ndarray) -> tuple[np.ndarray, int]:
    larger = outgoing[:, 1] > outgoing[:, 0]
    changed = int((larger & (smallest != outgoing[:, 0])).sum())
    return _edges(smallest[larger], outgoing[larger, 1]), changed


def _small(outgoing: np.ndarray, smallest: np.ndarray) -> tuple[np.ndarray, int]:
    others = outgoing[:, 1] != smallest
    kept = _edges(smallest, outgoing[:, 0])
    return np.unique(np.concatenate([kept, _edges(smallest[others], outgoing[others, 1])]), axis=0), int(others.sum())


def _neighbourhoods(outgoing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges without repetitions, sorted, and for each the smallest pointer of the neighbourhood of its start."""
    outgoing = np.unique(outgoing, axis=0)
    if not len(outgoing):
        return outgoing, np.empty(0, np.int64)
    starts = np.flatnonzero(np.r_[True, outgoing[1:, 0] != outgoing[:-1, 0]])
    first = outgoing[starts].min(axis=1)  # sorted: a start's first neighbour is its smallest
    return outgoing, np.repeat(first, np.diff(np.r_[starts, len(outgoing)]))


def _edges(smaller: np.ndarray, larger: np.ndarray) -> np.ndarray:
    return np.unique(np.stack([smaller, larger], axis=1), axis=0)
