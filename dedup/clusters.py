"""Who stays of what hangs together.

Within a component, documents are compared with the survivor itself before they go, so that a chain of weak links can't
sweep away a document that has little to do with the one that stays. Signatures settle the clear cases. Where the
estimate lies within two standard errors of the threshold, the two sets of shingles are compared: one pair in twenty at
the threshold's distance of two errors is judged wrongly by 120 places, none by the sets themselves.

A document that is alike but would take too many words with it that the survivor doesn't have stays
(:mod:`dedup.unique_words`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dedup.later_survivors import BAND_ROWS, LaterSurvivors
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
COMPARED = 1024
"""Survivors of a component with whom all later members are compared."""


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


def rank_of(date: str, words: int, identity: str, order: list[str]) -> str:
    """Text by which members sort as :func:`survivors_first` sorts them, so that files of members can be merged."""
    ranks = [_RANKS[criterion](date if criterion in ("newest", "oldest") else f"{words:016x}") for criterion in order]
    return "".join(ranks) + identity


def _ascending(text: str) -> str:
    # Two digits a byte, whose ends come before those of longer texts that begin alike: 00 isn't in any text.
    return text.encode().hex() + "00"


def _descending(text: str) -> str:
    return bytes(0xFF - byte for byte in text.encode()).hex() + "ff"


_RANKS = {"newest": _descending, "oldest": _ascending, "longest": _descending, "shortest": _ascending}


def find_duplicates(
    members: list[Member],
    min_similarity: float,
    order: list[str],
    read_shingles: ReadShingles | None = None,
    max_unique_share: float = 1.0,
    band_rows: int = BAND_ROWS,
) -> list[Duplicate]:
    """Who goes from one component.

    The survivor is the first by ``order``. Members at or over ``min_similarity`` to it go, unless more than
    ``max_unique_share`` of a member's words stand nowhere in the survivor; of the rest the next survivor is chosen,
    until nobody is left. ``read_shingles`` gives a member's shingles of a kind, for close calls; without it estimates
    decide alone. With the first :data:`COMPARED` survivors all are compared; with later ones those that agree in
    ``band_rows`` neighbouring places of a signature (:mod:`dedup.later_survivors`), so that time grows with members.
    """
    return Component(min_similarity, read_shingles, max_unique_share, band_rows).gone(survivors_first(members, order))


class Component:
    """:func:`find_duplicates` for members that come in the order of :func:`survivors_first`, some at a time: what is held
    are the first survivors, the last ones, and those that have just come."""

    def __init__(
        self,
        min_similarity: float,
        read_shingles: ReadShingles | None,
        max_unique_share: float,
        band_rows: int = BAND_ROWS,
    ):
        self._min_similarity = min_similarity
        self._read_shingles = read_shingles
        self._max_unique_share = max_unique_share
        self._survivors: list[Member] = []
        self._later: LaterSurvivors[Member] = LaterSurvivors(band_rows)

    def gone(self, members: list[Member]) -> list[Duplicate]:
        """Who of the next members goes."""
        known = len(self._survivors)
        everyone = [*self._survivors, *members]
        estimates = _Estimates(everyone)
        refusals = np.zeros(len(everyone), np.int32)
        waiting = np.arange(known, len(everyone))
        duplicates: list[Duplicate] = []
        place = 0
        while len(waiting) and place < COMPARED:
            if place == len(self._survivors):
                self._survivors.append(everyone[waiting[0]])
                first, waiting = int(waiting[0]), waiting[1:]
            else:
                first = place
            place += 1
            if len(waiting):
                waiting = self._left(estimates, everyone, first, waiting, refusals, duplicates)
        if len(waiting):
            duplicates += self._gone_for_later_ones([everyone[index] for index in waiting], refusals[waiting].tolist())
        return duplicates

    def _gone_for_later_ones(self, members: list[Member], refusals: list[int]) -> Iterator[Duplicate]:
        """Who goes of those that no one of the first survivors has replaced, one after the other; ``refusals``: how many of
        them would have taken too many words with it."""
        banded = self._later.bands([member.signatures for member in members])
        for member, bands, refused in zip(members, banded, refusals, strict=True):
            for survivor, alike in self._later.like(bands, member.signatures):
                places = len(next(iter(member.signatures.values()))) // 4
                if self._is_close(alike, places) and self._read_shingles is not None:
                    exact = _exact_similarities(survivor, [member], self._read_shingles)[0]
                    alike = alike if np.isnan(exact) else float(exact)
                if alike < self._min_similarity:
                    continue
                unique = _unique_words(member, survivor)
                if not self._takes_too_much(member, unique):
                    yield Duplicate(member.pointer, survivor.id, round(alike, 4), unique)
                    break
                refused += 1
                if refused == _MAX_REFUSALS:
                    break
            else:
                self._later.add(member, bands, member.signatures)

    def _is_close(self, alike: Any, places: int) -> Any:
        """Whether an estimate doesn't settle the case; or of an array, which."""
        return np.abs(alike - self._min_similarity) < _CLEAR * standard_error(self._min_similarity, places)

    def _takes_too_much(self, member: Member, unique: int | None) -> bool:
        own = member.vocabulary
        return unique is not None and own is not None and too_many(unique, own.words, self._max_unique_share)

    def _left(
        self,
        estimates: _Estimates,
        everyone: list[Member],
        first: int,
        waiting: np.ndarray,
        refusals: np.ndarray,
        duplicates: list[Duplicate],
    ) -> np.ndarray:
        """Who still waits when the ``first`` has been compared with those that did; adds who goes to ``duplicates``."""
        survivor = everyone[first]
        alike = estimates.similarities(first, waiting)
        if self._read_shingles is not None:
            close = self._is_close(alike, estimates.places)
            exact = _exact_similarities(survivor, [everyone[index] for index in waiting[close]], self._read_shingles)
            alike[close] = np.where(np.isnan(exact), alike[close], exact)
        gone = alike >= self._min_similarity
        for place in np.flatnonzero(gone):
            member = everyone[waiting[place]]
            unique = _unique_words(member, survivor)
            if self._takes_too_much(member, unique):
                gone[place] = False
                refusals[waiting[place]] += 1
            else:
                duplicates.append(Duplicate(member.pointer, survivor.id, round(float(alike[place]), 4), unique))
        return waiting[~gone & (refusals[waiting] < _MAX_REFUSALS)]


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
