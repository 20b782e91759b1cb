"""Sorted tables of any number of sources, read by ranges of ids without opening every source for every range.

Up to ``fan_in`` sources are read directly. More are merged first, in passes; each reads every file once:

    level     groups of sources x ranges of ids, a file of each table for each
    a pass    of ``fan_in`` groups, one range  ->  one group, that range cut into up to ``fan_in`` ranges

so that files keep their size, and a pass of N files opens N and writes about N: with enough passes for N / fan_in ** k
groups to be few, openings and bytes grow as N log N. A worker holds a stretch of rows of each of its ``fan_in`` files
and the rows of one range it writes, about as many as a file had. All are files of :mod:`pipeline.transforms.sorted_rows`; of a
table without a row there is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa

from pipeline.commit import Attempt
from pipeline.listing import Manifest
from pipeline.run_state import RunState
from pipeline.transforms import sorted_rows
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.sorted_rows import rows_between
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, range_units, work_on


class Level(NamedTuple):
    """Files of ``groups`` of sources, each in ``ranges`` of ids. A unit of ``manifest`` wrote ``splits`` ranges of one
    group; that of sources as they are wrote one, which is all ids."""

    manifest: Manifest
    groups: int
    ranges: int = 1
    splits: int = 1

    def path(self, group: int, number: int, role: str) -> str | None:
        """The file of a table of a group and range; ``None`` where it has no row."""
        unit, part = divmod(number, self.splits)
        receipt = self.manifest.receipt(group * (self.ranges // self.splits) + unit)
        found = next((file for file in receipt.files if file.role == role and file.part == part), None)
        return found.at(self.manifest.run_dir) if found else None

    def rows(self, role: str, ids: IdRange, key: str = "id") -> Iterator[pa.Table]:
        """The rows of a table, sorted by ``key``, whose ids lie in a range; a table for each file that may have some."""
        first, last = (bound * self.ranges >> 32 for bound in (ids.low_number(), ids.high_number() - 1))
        for group in range(self.groups):
            for number in range(first, last + 1):
                if path := self.path(group, number, role):
                    yield rows_between(path, ids, key)


def merged(
    pipeline: beam.Pipeline, run: RunState, name: str, level: Level, keys: Mapping[str, str], outputs: int, fan_in: int
) -> Level:
    """A level of ``fan_in`` groups at the most, with the same rows. ``keys``: the tables (roles) and by which column
    each is sorted; ``outputs``: by how many ranges they will be read. Jobs are committed as ``name`` and a number."""
    number = 0
    while level.groups > fan_in:
        number += 1
        level = _merge(
            pipeline, run, f"{name}-{number}", level, keys, min(fan_in, max(1, outputs // level.ranges)), fan_in
        )
    return level


def _merge(
    pipeline: beam.Pipeline, run: RunState, job: str, level: Level, keys: Mapping[str, str], splits: int, fan_in: int
) -> Level:
    groups = -(-level.groups // fan_in)
    units = groups * level.ranges

    def build(merging: beam.Pipeline) -> None:
        work_on(merging, range_units(_Merged, units), _MergeFiles(run, job, level, keys, splits, fan_in))

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
            paths = (self._level.path(source, number, role) for source in sources)
            stretches = [_Stretch(path, key) for path in paths if path]
            if not stretches:
                continue
            for split in range(self._splits):
                ids = IdRange(number * self._splits + split, self._level.ranges * self._splits)
                rows = [table for stretch in stretches for table in stretch.below(ids.high())]
                if rows:
                    sorted_rows.write(attempt, role, pa.concat_tables(rows).sort_by(key), key, split)
            for stretch in stretches:
                stretch.close()
        return {}


class _Stretch:
    """A sorted file, taken from its beginning: each stretch of rows is read once."""

    def __init__(self, path: str, key: str):
        self._file = sorted_rows.SortedRows(path, key)
        self._key = key
        self._next = 0
        self._rows = self._file.schema.empty_table()
        self._keys: list[str] = []
        self._at = 0

    def below(self, bound: str) -> Iterator[pa.Table]:
        """The rows before ``bound`` that haven't been taken."""
        while True:
            end = bisect_left(self._keys, bound, self._at)
            if end > self._at:
                yield self._rows.slice(self._at, end - self._at)
                self._at = end
            if end < len(self._keys) or self._next == len(self._file):
                return
            self._rows = self._file.stretch(self._next)
            self._keys = self._rows[self._key].to_pylist()
            self._next += 1
            self._at = 0

    def close(self) -> None:
        self._file.close()
