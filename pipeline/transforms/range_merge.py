"""Sorted tables of any number of sources, read by ranges of ids without opening every source for every range.

Up to ``fan_in`` sources are read directly. More are merged first, in passes; each reads every file once:

    level     groups of sources x ranges of ids, a file of each table for each
    a pass    of ``fan_in`` groups, one range  ->  one group, that range cut into up to ``fan_in`` ranges

so that files keep their size, and a pass of N files opens N and writes about N: with enough passes for N / fan_in ** k
groups to be few, openings and bytes grow as N log N. A worker holds a stretch of rows of each of its ``fan_in`` files
and the rows of one file it writes, about as many as each of those had and at most some :data:`ROWS_PER_FILE`: a range in
which more lie, of many rows that share the beginning of their keys, is a series of files. All are files of
:mod:`pipeline.transforms.sorted_rows`; of a table without a row there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa

from pipeline import storage
from pipeline.commit import Attempt
from pipeline.listing import Manifest, block_units_of
from pipeline.run_state import RunState
from pipeline.transforms import sorted_rows
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.ordered_rows import Source, in_order
from pipeline.transforms.sorted_rows import rows_between
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, range_units, work_on

ROWS_PER_FILE = 1 << 17
_REMOVED_AT_ONCE = 10_000


class Level(NamedTuple):
    """Files of ``groups`` of sources, each in ``ranges`` of ids. A unit of ``manifest`` wrote ``splits`` ranges of one
    group; that of sources as they are wrote one, which is all ids."""

    manifest: Manifest
    groups: int
    ranges: int = 1
    splits: int = 1

    def paths(self, group: int, number: int, role: str) -> list[str]:
        """The files of a table of a group and range, in the order of their rows; none where it has no row."""
        unit, part = divmod(number, self.splits)
        receipt = self.manifest.receipt(group * (self.ranges // self.splits) + unit)
        found = [file for file in receipt.files if file.role == role and file.part % self.splits == part]
        return [file.at(self.manifest.run_dir) for file in sorted(found, key=lambda file: file.part)]

    def rows(self, role: str, ids: IdRange, key: str = "id") -> Iterator[pa.Table]:
        """The rows of a table, sorted by ``key``, whose ids lie in a range; a table for each file that may have some."""
        for group in range(self.groups):
            for path in self._paths_between(group, role, ids):
                yield rows_between(path, ids, key)

    def sources(self, role: str, ids: IdRange, key: str = "id") -> list[Source]:
        """The same rows, to be taken in order; the caller closes them."""
        found = (self._paths_between(group, role, ids) for group in range(self.groups))
        return [Source(paths, key, ids.low()) for paths in found if paths]

    def _paths_between(self, group: int, role: str, ids: IdRange) -> list[str]:
        first, last = (bound * self.ranges >> 32 for bound in (ids.low_number(), ids.high_number() - 1))
        return [path for number in range(first, last + 1) for path in self.paths(group, number, role)]


def merged(
    pipeline: beam.Pipeline, run: RunState, name: str, level: Level, keys: Mapping[str, str], outputs: int, fan_in: int
) -> Level:
    """A level of ``fan_in`` groups at the most, with the same rows. ``keys``: the tables (roles) and by which column
    each is sorted; ``outputs``: by how many ranges they will be read. Jobs are committed as ``name`` and a number. What a
    pass has read is removed when it is committed: of all passes the rows of two are there at a time."""
    number = 0
    while level.groups > fan_in:
        number += 1
        job, read = f"{name}-{number}", level.manifest
        level = _merge(pipeline, run, job, level, keys, min(fan_in, max(1, outputs // level.ranges)), fan_in)
        committed(pipeline, run.dir, f"{job}-read", read.blocks(), partial(_remove, run, f"{job}-read", read))
    return level


def _remove(run: RunState, job: str, read: Manifest, pipeline: beam.Pipeline) -> None:
    work_on(pipeline, range_units(_Block, read.blocks()), _RemoveFiles(run, job, read))


class _Block(NamedTuple):
    number: int
    of: int

    @property
    def unit(self) -> str:
        return f"block-{self.number:06d}"


class _RemoveFiles(UnitDoFn):
    """Removes the files of a block of a listing; those that are gone already, where it was begun before, are fine."""

    def __init__(self, run: RunState, job: str, read: Manifest):
        super().__init__(run, job)
        self._read = read

    def work(self, unit: _Block, attempt: Attempt) -> dict[str, Any]:
        paths = (file.at(self._read.run_dir) for receipt in self._read.each_of(unit.number) for file in receipt.files)
        removed = 0
        while batch := list(islice(paths, _REMOVED_AT_ONCE)):
            storage.remove_files(batch)
            removed += len(batch)
        return {"removed": removed}


def _merge(
    pipeline: beam.Pipeline, run: RunState, job: str, level: Level, keys: Mapping[str, str], splits: int, fan_in: int
) -> Level:
    groups = -(-level.groups // fan_in)
    units = groups * level.ranges
    work = _MergeFiles(run, job, level, keys, splits, fan_in)

    def build(merging: beam.Pipeline) -> None:
        work_on(merging, range_units(_Merged, units), work, block_units_of(splits * len(keys)))

    return Level(committed(pipeline, run.dir, job, units, build), groups, level.ranges * splits, splits)


class _Merged(NamedTuple):
    number: int
    of: int

    @property
    def unit(self) -> str:
        return f"merged-{self.number:06d}"


class _MergeFiles(UnitDoFn):
    def __init__(self, run: RunState, job: str, level: Level, keys: Mapping[str, str], splits: int, fan_in: int):
        super().__init__(run, job)
        self._level = level
        self._keys = dict(keys)
        self._splits = splits
        self._fan_in = fan_in

    def work(self, unit: _Merged, attempt: Attempt) -> dict[str, Any]:
        group, number = divmod(unit.number, self._level.ranges)
        sources = range(group * self._fan_in, min(self._level.groups, (group + 1) * self._fan_in))
        for role, key in self._keys.items():
            found = (self._level.paths(source, number, role) for source in sources)
            taken = [Source(paths, key) for paths in found if paths]
            for split in range(self._splits if taken else 0):
                ids = IdRange(number * self._splits + split, self._level.ranges * self._splits)
                for piece, rows in enumerate(in_order(taken, key, ids.high(), ROWS_PER_FILE)):
                    sorted_rows.write(attempt, role, rows, key, split + piece * self._splits)
            for source in taken:
                source.close()
        return {}
