"""From candidate pairs to clusters with one survivor each.

Documents are named by *pointers* (64-bit integers that say where they lie). Candidates come as stars: in a bucket of
documents that share a band, every document is tied to the smallest pointer, never every pair. What hangs together is
a component; within it, documents are compared with the survivor itself before they go, so that a chain of weak links
cannot sweep away a document that has little to do with the one that stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dedup.minhash import similarity


def star_edges(keys: np.ndarray, pointers: np.ndarray) -> np.ndarray:
    """Edges (``int64``, shape (edges, 2)) from the smallest pointer of each bucket to all others in it.

    ``keys`` (``uint64``) and ``pointers`` (``int64``) have one entry per document and band; equal keys are a bucket.
    """
    order = np.lexsort((pointers, keys))
    keys, pointers = keys[order], pointers[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    centres = np.repeat(pointers[starts], sizes)
    edges = np.stack([centres, pointers], axis=1)[centres != pointers]
    return np.unique(edges, axis=0)


def components(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pointers that occur in ``edges`` and, for each, the smallest pointer of its component (both ``int64``)."""
    pointers, compact = np.unique(edges, return_inverse=True)
    compact = compact.reshape(edges.shape)
    size = len(pointers)
    graph = coo_matrix((np.ones(len(edges), np.int8), (compact[:, 0], compact[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    # Pointers are sorted, so the first of each label is its smallest.
    _, first = np.unique(labels, return_index=True)
    return pointers, pointers[first[labels]]


@dataclass(frozen=True)
class Member:
    """A document of a component: what decides who stays (date, length, id) and its signature."""

    pointer: int
    id: str
    date: str
    words: int
    signature: bytes


@dataclass(frozen=True)
class Duplicate:
    """A document that goes: the survivor it repeats, and their estimated similarity."""

    pointer: int
    survivor: str
    similarity: float


def find_duplicates(members: list[Member], min_similarity: float) -> list[Duplicate]:
    """Who goes from one component.

    The survivor is the newest capture, then the longest text, then the smallest id. Members at or over
    ``min_similarity`` to it go; of the rest the next survivor is chosen, until nobody is left. Time grows with members
    times survivors.
    """
    ordered = sorted(members, key=lambda m: m.id)
    ordered.sort(key=lambda m: (m.date, m.words), reverse=True)
    signatures = np.stack([np.frombuffer(m.signature, np.uint32) for m in ordered])
    waiting = np.arange(len(ordered))
    duplicates = []
    while len(waiting) > 1:
        survivor, waiting = ordered[waiting[0]], waiting[1:]
        alike = similarity(np.frombuffer(survivor.signature, np.uint32), signatures[waiting])
        gone = alike >= min_similarity
        duplicates += [
            Duplicate(ordered[index].pointer, survivor.id, round(float(score), 4))
            for index, score in zip(waiting[gone], alike[gone], strict=True)
        ]
        waiting = waiting[~gone]
    return duplicates
