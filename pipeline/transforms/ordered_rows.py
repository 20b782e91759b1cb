"""Rows of many sorted files in the order of their keys, some at a time: however many there are, few are in memory.

A file is a series of stretches of at most :data:`pipeline.commit.ROW_GROUP_ROWS` rows, whose first and last keys are
known without reading them. So it is known beforehand at which keys to cut what lies in all files, that about so many
rows lie between two cuts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import pyarrow as pa

from pipeline.commit import ROW_GROUP_ROWS
from pipeline.transforms.sorted_rows import SortedRows


class Source:
    """Files of :mod:`pipeline.transforms.sorted_rows`, of which each goes on where the one before ends, taken from the key ``low`` on:
    each stretch of rows is read once."""

    def __init__(self, paths: Sequence[str], key: str, low: str = ""):
        self._paths, self._key, self._low = list(paths), key, low
        self._file: SortedRows | None = None
        self._bounds: list[tuple[str, str]] = []
        # Of each stretch its file, and its number there.
        self._places: list[tuple[int, int]] = []
        for number in range(len(self._paths)):
            # That of one is open as long as rows are taken; of several, each is opened again when it is its turn.
            self._open(number)
            found = [place for place, (_, last) in enumerate(self._now().bounds) if last >= low]
            self._bounds += [self._now().bounds[place] for place in found]
            self._places += [(number, place) for place in found]
        self._opened = len(self._paths) - 1
        self._firsts = [first for first, _ in self._bounds]
        self._next = 0
        self._rows: pa.Table | None = None
        self._keys: list[str] = []
        self._at = 0

    def most_below(self, bound: str) -> int:
        """How many rows there are, or fewer, before ``bound`` that haven't been taken."""
        return len(self._keys) - self._at + ROW_GROUP_ROWS * (self._begun(bound) - self._next)

    def ends_below(self, bound: str) -> Iterator[str]:
        """The last keys of the stretches before ``bound`` that haven't been read."""
        return (last for _, last in self._bounds[self._next : self._begun(bound)] if last < bound)

    def below(self, bound: str) -> Iterator[pa.Table]:
        """The rows before ``bound`` that haven't been taken."""
        while True:
            end = bisect_left(self._keys, bound, self._at)
            if self._rows is not None and end > self._at:
                yield self._rows.slice(self._at, end - self._at)
                self._at = end
            if end < len(self._keys) or self._next == len(self._bounds):
                return
            self._read()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begun(self, bound: str) -> int:
        """How many stretches begin before ``bound``."""
        return bisect_left(self._firsts, bound, self._next)

    def _now(self) -> SortedRows:
        assert self._file is not None
        return self._file

    def _open(self, number: int) -> None:
        self.close()
        self._file = SortedRows(self._paths[number], self._key)
        self._opened = number

    def _read(self) -> None:
        number, place = self._places[self._next]
        if number != self._opened:
            self._open(number)
        self._rows = rows = self._now().stretch(place)
        self._keys = rows[self._key].to_pylist()
        self._next += 1
        self._at = bisect_left(self._keys, self._low)


def in_order(sources: Sequence[Source], key: str, bound: str, most: int) -> Iterator[pa.Table]:
    """All rows before ``bound`` that haven't been taken, sorted by ``key``, in tables of about ``most`` rows, and of one
    stretch more from each source. Rows of one key are in one table."""
    for cut in _cuts(sources, bound, most):
        rows = [table for source in sources for table in source.below(cut)]
        if rows:
            yield pa.concat_tables(rows).sort_by(key)


def _cuts(sources: Sequence[Source], bound: str, most: int) -> Iterator[str]:
    if sum(source.most_below(bound) for source in sources) > most:
        ends = sorted(end for source in sources for end in source.ends_below(bound))
        step = max(1, most // ROW_GROUP_ROWS)
        # The least text behind a key is that with the least character added.
        yield from (f"{end}\0" for end in dict.fromkeys(ends[step - 1 :: step]))
    yield bound
