"""Of all documents that share a key, one stays: what captures of a URL and copies of a text have in common.

    features -> (range of keys, packed claims) -> all but the best of each key -> verdicts

68 bytes a document cross the shuffle, packed by range, so that a key with a million documents is no hot key.
"""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import numpy as np

from dedup.claims import CLAIM, losers, make_claims, survivor_id
from pipeline.phases.gather import Gather
from pipeline.phases.units import units_collection
from pipeline.phases.verdicts import Verdict
from pipeline.run_state import Part, RunState, pointers
from text.hashing import range_of_hash

# Claims of one range are sorted together in memory: 68 bytes each, some four times over.
_CLAIMS_PER_RANGE = 1_000_000


def all_but_one(
    pipeline: beam.Pipeline, run: RunState, key: str, order: list[str], reason: str, identical: str | None = None
) -> beam.PCollection:
    """Pairs (part index, :class:`Verdict`) for all documents but the best of each ``key``, a column of features.

    A second record with the survivor's own id goes by the reason ``identical``, where one is given.
    """
    todo = run.parts()
    ranges = 1 + sum(part.rows for part in todo) // _CLAIMS_PER_RANGE
    return (
        units_collection(pipeline, todo)
        | "claims" >> beam.FlatMap(_claims, key, ranges)
        | "one of each key" >> beam.CombinePerKey(_OneOfEach(order))
        | "all but one" >> beam.FlatMap(_verdicts, reason, identical or reason)
    )


def _claims(part: Part, key: str, ranges: int) -> Iterator[tuple[int, bytes]]:
    alive = np.flatnonzero(part.alive())
    if not len(alive):
        return
    rows = part.read("extract", "features", [key, "id", "date", "words"]).take(alive)
    claims = make_claims(*(rows[name].to_pylist() for name in (key, "id", "date", "words")), pointers(part, alive))
    target = range_of_hash(claims["key_high"], ranges)
    for number in np.unique(target).tolist():
        yield number, claims[target == number].tobytes()


class _OneOfEach(Gather):
    """Collects packed claims; who loses is known when all are there, so they wait as bytes."""

    def __init__(self, order: list[str]):
        self._order = order

    def merge(self, packed: list[bytes]) -> bytes:
        return b"".join(packed)

    def extract_output(self, accumulator):
        return losers(np.frombuffer(self.merge(accumulator), CLAIM), self._order)


def _verdicts(element: tuple[int, np.ndarray], reason: str, identical: str) -> Iterator[tuple[int, Verdict]]:
    for loser in element[1]:
        pointer = int(loser["pointer"])
        why = identical if loser["identical"] else reason
        yield pointer >> 32, Verdict(pointer & 0xFFFFFFFF, why, None, survivor_id(loser))
