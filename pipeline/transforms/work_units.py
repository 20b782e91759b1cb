"""The frame of all work: one unit in, its files and receipt out. Workers read from listings which units there are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import apache_beam as beam
from apache_beam.pvalue import PValue

from pipeline import storage
from pipeline.commit import Attempt, Receipt, read_receipts, receipts_folder
from pipeline.listing import BLOCK_UNITS
from pipeline.progress import WorkerProgress
from pipeline.run_state import RunState
from pipeline.stopwatch import MILLISECONDS, SECONDS, since
from pipeline.transforms.committing import commit


class Unit(Protocol):
    """A piece of work: its name, and its place among the units of its phase."""

    @property
    def unit(self) -> str: ...

    @property
    def number(self) -> int: ...


@dataclass(frozen=True)
class Units:
    """So many units. ``block(number)`` makes those from ``number * BLOCK_UNITS`` on; it is called on workers."""

    count: int
    block: Callable[[int], Iterable[Any]]

    def blocks(self) -> int:
        return -(-self.count // BLOCK_UNITS)


def part_units(run: RunState) -> Units:
    """The parts of a run."""
    return Units(run.part_count(), run.part_block)


@dataclass(frozen=True)
class _RangeBlock:
    kind: Callable[[int, int], Any]
    count: int

    def __call__(self, block: int) -> Iterator[Any]:
        for number in range(block * BLOCK_UNITS, min(self.count, (block + 1) * BLOCK_UNITS)):
            yield self.kind(number, self.count)


def range_units(kind: Callable[[int, int], Any], count: int) -> Units:
    """``kind(number, count)`` for each number: ranges of ids or hashes."""
    return Units(count, _RangeBlock(kind, count))


class UnitDoFn(beam.DoFn):
    """Works on one unit. Subclasses say in :meth:`work` what they write, and return the receipt's counts."""

    def __init__(self, run: RunState, phase: str):
        self.run = run
        self.phase = phase
        self._progress: WorkerProgress | None = None

    def process(self, unit: Any) -> Iterable[Receipt]:
        attempt = Attempt(self.run.dir, self.phase, unit.unit, unit.number)
        before = dict(SECONDS)
        counts = self.work(unit, attempt)
        if self._progress is not None:
            self._progress.unit_done()
        yield attempt.finish({**counts, MILLISECONDS: since(before)})

    def finish_bundle(self) -> None:
        if self._progress is not None:
            self._progress.write()

    def advanced(
        self, share: float, records: int = 0, kept: int = 0, read: int = 0, rejected: Iterable[str] = ()
    ) -> None:
        """For :meth:`work` to say how far it is within a unit (:meth:`pipeline.progress.WorkerProgress.add`)."""
        if self._progress is None:
            self._progress = WorkerProgress(self.run.dir, self.phase)
        self._progress.add(share, records, kept, read, rejected)

    @abstractmethod
    def work(self, unit: Any, attempt: Attempt) -> dict[str, Any]:
        """Writes the unit's files through ``attempt`` and returns the counts for its receipt."""


def units_collection(pipeline: beam.Pipeline, units: Units, label: str = "units") -> PValue:
    """The units as a collection spread over all workers: engines fuse what isn't reshuffled onto one of them. What is
    one block, or one unit, isn't spread: each reshuffle is eight transforms, of which a small job mostly consists."""
    if units.blocks() > 1:
        found = _blocks(pipeline, units, label) | f"{label}: read" >> beam.FlatMap(units.block)
    else:
        found = pipeline | f"{label}: begin" >> beam.Impulse() | f"{label}: read" >> beam.FlatMap(_read_all, units)
    return found | f"{label}: spread" >> beam.Reshuffle() if units.count > 1 else found


def work_on(pipeline: beam.Pipeline, units: Units, work: UnitDoFn, block_units: int = BLOCK_UNITS) -> None:
    """The whole job of a phase whose units don't depend on each other: works on those that have no receipt yet, and
    commits the phase. ``block_units``: of a block of its listing (:func:`pipeline.listing.block_units_of`)."""
    folder = receipts_folder(work.run.dir, work.phase)
    if not storage.list_files(folder):
        worked = units_collection(pipeline, units) | "work" >> beam.ParDo(work)
        commit(worked, work.run.dir, work.phase, units.count, block_units=block_units)
        return
    done = (
        pipeline
        | "begin again" >> beam.Impulse()
        | "files of receipts" >> beam.FlatMap(_list, folder)
        | "spread receipts" >> beam.Reshuffle()
        | "read receipts" >> beam.FlatMap(_read_receipts, work.run.dir)
    )
    blocks = _blocks(pipeline, units, "units") | "units: key" >> beam.Map(_with_nothing)
    left = (
        {"block": blocks, "done": done | "numbers" >> beam.Map(_numbered_by_block)}
        | "what is done" >> beam.CoGroupByKey()
        | "what is left" >> beam.FlatMap(_left_over, units)
        | "spread what is left" >> beam.Reshuffle()
    )
    commit(left | "work" >> beam.ParDo(work), work.run.dir, work.phase, units.count, done, block_units)


def _left_over(element: tuple[int, dict], units: Units) -> Iterator[Any]:
    """Of a block, the units without a receipt."""
    block, groups = element
    done = frozenset(groups["done"])
    return (unit for unit in units.block(block) if unit.number not in done)


def every_range(pipeline: beam.Pipeline, ranges: int, nothing: Any, label: str = "ranges") -> PValue:
    """``(number, nothing)`` for each range, so that one to which nothing is sent hands in a receipt too."""
    return (
        pipeline
        | f"{label}: begin" >> beam.Impulse()
        | f"{label}: numbers" >> beam.FlatMap(_numbered, ranges, nothing)
    )


def _numbered(_: bytes, count: int, nothing: Any) -> Iterator[tuple[int, Any]]:
    for number in range(count):
        yield number, nothing


def _blocks(pipeline: beam.Pipeline, units: Units, label: str) -> PValue:
    return (
        pipeline
        | f"{label}: begin" >> beam.Impulse()
        | f"{label}: blocks" >> beam.FlatMap(_numbers, units.blocks())
        | f"{label}: spread blocks" >> beam.Reshuffle()
    )


def _numbers(_: bytes, count: int) -> Iterable[int]:
    return range(count)


def _read_all(_: bytes, units: Units) -> Iterator[Any]:
    for block in range(units.blocks()):
        yield from units.block(block)


def _with_nothing(block: int) -> tuple[int, None]:
    return block, None


def _list(_: bytes, folder: str) -> list[str]:
    return storage.list_files(folder)


def _read_receipts(path: str, run_dir: str) -> list[Receipt]:
    return read_receipts(run_dir, path)


def _numbered_by_block(receipt: Receipt) -> tuple[int, int]:
    return receipt.number // BLOCK_UNITS, receipt.number
