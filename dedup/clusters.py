"""Who stays of what hangs together.

Within a component, documents are compared with the survivor itself before they go, so that a chain of weak links can't
sweep away a document that has little to do with the one that stays. Signatures settle the clear cases. Where the
estimate lies within two standard errors of the threshold, the two sets of shingles are compared: one pair in twenty at
the threshold's distance of two errors is judged wrongly by 120 places, none by the sets themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dedup.minhash import jaccard, similarity, standard_error

ORDERS = ("newest", "oldest", "longest", "shortest")
# Estimates this many standard errors away from the threshold are settled.
_CLEAR = 2.0


@dataclass(frozen=True)
class Member:
    """A document of a component: what decides who stays (date, length, id), its signature, where its shingles are."""

    pointer: int
    id: str
    date: str
    words: int
    signature: bytes
    shingles: object = None


@dataclass(frozen=True)
class Duplicate:
    """A document that goes: the survivor it repeats, and their similarity (exact where it was close)."""

    pointer: int
    survivor: str
    similarity: float


def survivors_first(members: list[Member], order: list[str]) -> list[Member]:
    """``members`` by the criteria of ``order`` (of :data:`ORDERS`), the first deciding first; ties by smallest id."""
    ordered = sorted(members, key=lambda m: m.id)
    for criterion in reversed(order):
        by_date = criterion in ("newest", "oldest")
        ordered.sort(key=lambda m: m.date if by_date else m.words, reverse=criterion in ("newest", "longest"))
    return ordered


def find_duplicates(
    members: list[Member],
    min_similarity: float,
    order: list[str],
    read_shingles: Callable[[Member], np.ndarray] | None = None,
) -> list[Duplicate]:
    """Who goes from one component.

    The survivor is the first by ``order``. Members at or over ``min_similarity`` to it go; of the rest the next
    survivor is chosen, until nobody is left. ``read_shingles`` gives a member's shingles, for close calls; without it
    estimates decide alone. Time grows with members times survivors.
    """
    ordered = survivors_first(members, order)
    signatures = np.stack([np.frombuffer(m.signature, np.uint32) for m in ordered])
    close = _CLEAR * standard_error(min_similarity, signatures.shape[1]) if read_shingles else 0.0
    waiting = np.arange(len(ordered))
    duplicates = []
    while len(waiting) > 1:
        survivor, waiting = ordered[waiting[0]], waiting[1:]
        alike = similarity(np.frombuffer(survivor.signature, np.uint32), signatures[waiting])
        in_doubt = np.flatnonzero(np.abs(alike - min_similarity) < close)
        if len(in_doubt):
            shingles = read_shingles(survivor)
            alike[in_doubt] = [jaccard(shingles, read_shingles(ordered[waiting[index]])) for index in in_doubt]
        gone = alike >= min_similarity
        duplicates += [
            Duplicate(ordered[index].pointer, survivor.id, round(float(score), 4))
            for index, score in zip(waiting[gone], alike[gone], strict=True)
        ]
        waiting = waiting[~gone]
    return duplicates
