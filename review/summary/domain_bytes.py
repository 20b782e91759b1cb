"""Bytes of text by domain, of any number of domains: a million are in memory, the others in sorted files on this disk.

rows -> sums of up to so many domains -> a file of them, sorted by name -> all files merged: each domain once
     -> so many of those at a time, by size, in files -> merged: the largest first
"""

from __future__ import annotations

import heapq
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

import pyarrow as pa

MOST = 1_000_000
"""Domains in memory at once: some 200 bytes each."""
_FILES = 64  # merged at once, each with a batch of rows in memory
_BATCH = 8192
_SCHEMA = pa.schema([("domain", pa.string()), ("bytes", pa.int64())])
Sum = tuple[str, int]


class DomainBytes:
    """Sums by domain. ``most``: how many domains are held in memory."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._held: Counter[str] = Counter()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        # By how many times what is in them was merged, so that each sum is merged a logarithm of times.
        self._files: list[list[Path]] = []
        self._written = 0
        self._domains = 0

    def add(self, sizes: Mapping[str, int]) -> None:
        """Adds to the sums of some domains."""
        self._held.update(sizes)
        if len(self._held) > self._most:
            self._spill()

    def __len__(self) -> int:
        """How many domains there are."""
        return self._domains if self._settled() else len(self._held)

    def largest(self, count: int) -> Iterator[Sum]:
        """The ``count`` domains with most text, the largest first; equal ones by name."""
        settled = self._settled()
        if settled is None:
            yield from sorted(self._held.items(), key=_by_size)[:count]
            return
        sums = self._read(settled)
        with ExitStack() as files:
            runs: list[Path] = []
            while some := list(islice(sums, self._most)):
                path = self._write(sorted(some, key=_by_size)[:count])
                files.callback(path.unlink)
                runs.append(path)
            yield from islice(heapq.merge(*map(self._read, runs), key=_by_size), count)

    def _spill(self) -> None:
        self._put(0, self._write(sorted(self._held.items())))
        self._held = Counter()

    def _put(self, level: int, path: Path) -> None:
        if level == len(self._files):
            self._files.append([])
        self._files[level].append(path)
        if len(self._files[level]) == _FILES:
            paths, self._files[level] = self._files[level], []
            self._put(level + 1, self._merged(paths))

    def _settled(self) -> Path | None:
        """The file of all sums; none where they are all in memory."""
        if not self._files:
            return None
        if self._held:
            self._spill()
        paths = [path for level in self._files for path in level]
        if len(paths) > 1 or not self._domains:
            paths = [self._merged(paths)]
            self._files = [paths]
        return paths[0]

    def _merged(self, paths: list[Path]) -> Path:
        together = heapq.merge(*map(self._read, paths))
        self._domains = 0

        def sums() -> Iterator[Sum]:
            for name, same in groupby(together, itemgetter(0)):
                self._domains += 1
                yield name, sum(size for _, size in same)

        merged = self._write(sums())
        for path in paths:
            path.unlink()
        return merged

    def _write(self, sums: Iterable[Sum]) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="gristmill-summary-")
        path = Path(self._folder.name, f"{self._written:06d}.arrow")
        self._written += 1
        left = iter(sums)
        with pa.ipc.new_stream(str(path), _SCHEMA) as out:
            while some := list(islice(left, _BATCH)):
                out.write(pa.record_batch([list(column) for column in zip(*some, strict=True)], schema=_SCHEMA))
        return path

    def _read(self, path: Path) -> Iterator[Sum]:
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as batches:
            for batch in batches:
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _by_size(entry: Sum) -> tuple[int, str]:
    return -entry[1], entry[0]
