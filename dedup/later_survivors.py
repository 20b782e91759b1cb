"""Survivors of a component that has very many: who of them a document may be like, without asking each.

Chains of weak links tie together what is unlike: a component of a million documents may have as many survivors, and to
compare each with each takes the square of that. So behind the first ones a document is compared with those survivors alone
that agree with it in a band, some neighbouring places of a signature, as candidates are found anywhere (:mod:`dedup.minhash`): of
pairs at similarity 0.8 that misses one in four hundred where there are 20 bands of 6 places. No more than
:data:`PER_BAND` of a band are asked, and none but the last :data:`KEPT`: documents that are alike are near one another in
the order in which survivors are chosen where that goes by length. Memory is that of :data:`KEPT` documents, and time grows
with their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

from dedup.minhash import band_keys, similarity
from dedup.shingles import KINDS

KEPT = 16_384
PER_BAND = 64
BAND_ROWS = 6
_Document = TypeVar("_Document")
Bands = list[int]


class LaterSurvivors(Generic[_Document]):
    """Documents with their signatures (by kind of shingles, ``uint32`` as bytes), in the order in which they came."""

    def __init__(self, band_rows: int):
        self._rows = band_rows
        self._came = 0
        # Of the last ones, by their number: what they are, and their bands.
        self._kept: dict[int, tuple[_Document, Bands]] = {}
        # By band the numbers of the first ones in it that are still kept.
        self._in_band: dict[int, list[int]] = {}
        # By kind: who has one; signatures, a row for each number modulo the number of rows.
        self._signatures: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def bands(self, signatures: Sequence[Mapping[str, bytes]]) -> list[Bands]:
        """The bands of some documents, of all their kinds of shingles."""
        found: list[Bands] = [[] for _ in signatures]
        for salt, kind in enumerate(KINDS):
            having = [number for number, each in enumerate(signatures) if kind in each]
            if not having:
                continue
            rows = np.stack([np.frombuffer(signatures[number][kind], np.uint32) for number in having])
            count = max(1, rows.shape[1] // self._rows)
            width = min(self._rows, rows.shape[1])
            keys = band_keys(rows[:, : count * width], count, width, salt << 62)
            for number, of_one in zip(having, keys.tolist(), strict=True):
                found[number] += of_one
        return found

    def like(self, bands: Bands, signatures: Mapping[str, bytes]) -> Iterator[tuple[_Document, float]]:
        """Those that share a band with a document and the estimated similarity of the two, in their order."""
        numbers = np.array(sorted({number for band in bands for number in self._in_band.get(band, ())}), np.int64)
        alike = np.zeros(len(numbers))
        for kind in reversed(KINDS):  # so that the first one has the last word
            if len(numbers) and kind in signatures and kind in self._signatures:
                has, rows = self._signatures[kind]
                slots = numbers % KEPT
                chosen = has[slots]
                alike[chosen] = similarity(np.frombuffer(signatures[kind], np.uint32), rows[slots[chosen]])
        for number, estimate in zip(numbers.tolist(), alike.tolist(), strict=True):
            yield self._kept[number][0], estimate

    def add(self, document: _Document, bands: Bands, signatures: Mapping[str, bytes]) -> None:
        """One more, behind all others."""
        number, self._came = self._came, self._came + 1
        self._forget(number - KEPT)
        self._kept[number] = (document, bands)
        for band in bands:
            of_band = self._in_band.setdefault(band, [])
            if len(of_band) < PER_BAND:
                of_band.append(number)
        for kind in KINDS:
            if kind in signatures and kind not in self._signatures:
                places = len(signatures[kind]) // 4
                self._signatures[kind] = np.zeros(KEPT, bool), np.empty((KEPT, places), np.uint32)
            if kind in self._signatures:
                has, rows = self._signatures[kind]
                has[number % KEPT] = kind in signatures
                if kind in signatures:
                    rows[number % KEPT] = np.frombuffer(signatures[kind], np.uint32)

    def _forget(self, number: int) -> None:
        if number not in self._kept:
            return
        for band in self._kept.pop(number)[1]:
            of_band = self._in_band.get(band)
            if of_band and of_band[0] == number:  # the first of those that are left
                of_band.pop(0)
                if not of_band:
                    del self._in_band[band]
