"""Who stays of what hangs together.

Within a component, documents are compared with the survivor itself before they go, so that a chain of weak links can't
sweep away a document that has little to do with the one that stays. Signatures settle the clear cases. Where the
estimate lies within two standard errors of the threshold, the two sets of shingles are compared: one pair in twenty at
the threshold's distance of two errors is judged wrongly by 120 places, none by the sets themselves.

A document that is alike but would take too many words with it that the survivor doesn't have stays
(:mod:`dedup.unique_words`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dedup.minhash import jaccard, similarity, standard_error
from dedup.shingles import KINDS, common_kind
from dedup.unique_words import Vocabulary, too_many, unique_words

ORDERS = ("newest", "oldest", "longest", "shortest")
# A member's shingles of a kind.
ReadShingles = Callable[["Member", str], np.ndarray]
# Estimates this many standard errors away from the threshold are settled.
_CLEAR = 2.0
# A document that so many survivors would not have replaced has words of its own, and stays without being asked again.
# Else a family of a template's pages, each with much of its own, would be compared by all its pairs.
_MAX_REFUSALS = 64


@dataclass(frozen=True)
class Member:
    """A document of a component: what decides who stays (date, length, id), by kind of shingles (of
    :data:`dedup.shingles.KINDS`) its signatures and where the shingles are, and its words."""

    pointer: int
    id: str
    date: str
    words: int
    signatures: Mapping[str, bytes]
    shingles: Mapping[str, Any] = field(default_factory=dict)
    vocabulary: Vocabulary | None = None


@dataclass(frozen=True)
class Duplicate:
    """A document that goes: the survivor it repeats, their similarity (exact where it was close), and how many of its
    words the survivor doesn't have (None where members come without their words)."""

    pointer: int
    survivor: str
    similarity: float
    unique_words: int | None = None


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
    read_shingles: ReadShingles | None = None,
    max_unique_share: float = 1.0,
) -> list[Duplicate]:
    """Who goes from one component.

    The survivor is the first by ``order``. Members at or over ``min_similarity`` to it go, unless more than
    ``max_unique_share`` of a member's words stand nowhere in the survivor; of the rest the next survivor is chosen,
    until nobody is left. ``read_shingles`` gives a member's shingles of a kind, for close calls; without it estimates
    decide alone. Time grows with members times survivors, of which those that differ in their own words alone count no
    more than 64 times.
    """
    ordered = survivors_first(members, order)
    estimates = _Estimates(ordered)
    refusals = np.zeros(len(ordered), np.int32)
    waiting = np.arange(len(ordered))
    duplicates = []
    while len(waiting) > 1:
        first, waiting = waiting[0], waiting[1:]
        survivor = ordered[first]
        alike = estimates.similarities(first, waiting)
        if read_shingles is not None:
            close = np.abs(alike - min_similarity) < _CLEAR * standard_error(min_similarity, estimates.places)
            exact = _exact_similarities(survivor, [ordered[index] for index in waiting[close]], read_shingles)
            alike[close] = np.where(np.isnan(exact), alike[close], exact)
        gone = alike >= min_similarity
        for place in np.flatnonzero(gone):
            member = ordered[waiting[place]]
            unique = _unique_words(member, survivor)
            if unique is not None and too_many(unique, member.vocabulary.words, max_unique_share):
                gone[place] = False
                refusals[waiting[place]] += 1
            else:
                duplicates.append(Duplicate(member.pointer, survivor.id, round(float(alike[place]), 4), unique))
        waiting = waiting[~gone & (refusals[waiting] < _MAX_REFUSALS)]
    return duplicates


def _unique_words(member: Member, survivor: Member) -> int | None:
    if member.vocabulary is None or survivor.vocabulary is None:
        return None
    return unique_words(member.vocabulary, survivor.vocabulary)


def _exact_similarities(survivor: Member, others: list[Member], read_shingles: ReadShingles) -> np.ndarray:
    """Similarity of ``survivor`` to each of ``others`` by their shingles; NaN where the two share no kind of them, as
    happens where the threshold is close to nothing."""
    found = np.full(len(others), np.nan)
    shingles: dict[str, np.ndarray] = {}
    for row, other in enumerate(others):
        kind = common_kind(survivor.signatures, other.signatures)
        if kind is None:
            continue
        if kind not in shingles:
            shingles[kind] = read_shingles(survivor, kind)
        found[row] = jaccard(shingles[kind], read_shingles(other, kind))
    return found


class _Estimates:
    """Members' signatures as one array a kind, so that one member is compared with many at once."""

    def __init__(self, members: list[Member]):
        self._by_kind: list[tuple[np.ndarray, np.ndarray]] = []  # who has the kind; rows of signatures
        for kind in reversed(KINDS):  # so that the first one has the last word
            rows = [np.frombuffer(m.signatures[kind], np.uint32) for m in members if kind in m.signatures]
            if rows:
                has = np.array([kind in m.signatures for m in members])
                signatures = np.zeros((len(members), len(rows[0])), np.uint32)
                signatures[has] = rows
                self._by_kind.append((has, signatures))
                self.places = len(rows[0])

    def similarities(self, one: int, others: np.ndarray) -> np.ndarray:
        """Estimated similarity of member ``one`` to each of ``others``; 0 where they share no kind of shingles."""
        found = np.zeros(len(others))
        for has, signatures in self._by_kind:
            if has[one]:
                found[has[others]] = similarity(signatures[one], signatures[others[has[others]]])
        return found
