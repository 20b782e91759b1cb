"""Of all documents that share a key, one stays: what captures of a URL and copies of a text have in common.

    features -> the best of each key in a part -> (range of keys, packed claims) -> those that lost -> their parts
             -> all that lost in a part, for the survivor that is known by now -> verdicts

A part sends one claim of 68 bytes for each key, however many of its documents share it: of a URL with a million
captures a worker sees as many claims as there are parts. Back come 25 bytes for each claim that lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import apache_beam as beam
import numpy as np

from dedup.claims import CLAIM, LOSER, best_of_each, losers, make_claims, survivor_id
from pipeline.run_state import PARTS, Part, RunState, pointers
from pipeline.transforms.committing import commit
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.verdict_tables import Verdict, write_verdicts
from pipeline.transforms.work_units import part_units, units_collection
from text.hashing import range_of_hash

# Claims of one range are sorted together in memory: 68 bytes each, some four times over.
_CLAIMS_PER_RANGE = 1_000_000


def all_but_one(
    pipeline: beam.Pipeline,
    run: RunState,
    phase: str,
    key: str,
    order: list[str],
    reason: str,
    identical: str | None = None,
) -> None:
    """Writes ``phase``'s verdicts: all documents but the best of each ``key``, a column of features, go.

    A second record with the survivor's own id goes by the reason ``identical``, where one is given.
    """
    ranges = 1 + run.manifests[PARTS].rows("text") // _CLAIMS_PER_RANGE
    lost = (
        units_collection(pipeline, part_units(run))
        | "claims" >> beam.FlatMap(_best_claims, key, order, ranges)
        | "one of each key" >> beam.CombinePerKey(_OneOfEach(order))
        | "by part" >> beam.FlatMap(_by_part)
    )
    complete = partial(_verdicts, key=key, order=order, reason=reason, identical=identical or reason)
    commit(write_verdicts(pipeline, lost, run, phase, complete), run.dir, phase, run.part_count())


def _claims(part: Part, key: str) -> np.ndarray:
    alive = np.flatnonzero(part.alive())
    rows = part.read("extract", "features", [key, "id", "date", "words"]).take(alive)
    keys, ids, dates, words = (rows[name].to_pylist() for name in (key, "id", "date", "words"))
    return make_claims(keys, ids, dates, words, pointers(part, alive))


def _best_claims(part: Part, key: str, order: list[str], ranges: int) -> Iterator[tuple[int, bytes]]:
    claims = best_of_each(_claims(part, key), order)
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
        return losers(np.frombuffer(self.merge(accumulator), CLAIM), self._order).tobytes()


def _by_part(element: tuple[int, bytes]) -> Iterator[tuple[int, bytes]]:
    lost = np.frombuffer(element[1], LOSER)
    index = lost["pointer"] >> 32
    for part in np.unique(index).tolist():
        yield part, lost[index == part].tobytes()


def _verdicts(
    part: Part, packed: Iterable[bytes], key: str, order: list[str], reason: str, identical: str
) -> Iterator[Verdict]:
    elsewhere = np.frombuffer(b"".join(packed), LOSER)
    for loser in losers(_claims(part, key), order, elsewhere):
        why = identical if loser["identical"] else reason
        yield Verdict(int(loser["pointer"]) & 0xFFFFFFFF, why, None, survivor_id(loser))
