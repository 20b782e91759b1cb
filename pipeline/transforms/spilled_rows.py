"""Rows that were sent to one worker and may be more than it can hold: dealt by their key to files on its own disk.

    rows -> all of them, where they are few
         -> by hashes of keys, 64 files at a time, until a file is small, or holds one key alone
    rows of one key -> as they lie there, or by a column of hashes in its order, so many at a time

Nothing is written while they are few, and nothing is left when the last was taken.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from text.hashing import GOLDEN, range_of_hash

_BITS = 6
_FILES = 1 << _BITS


class Group(NamedTuple):
    """Rows of some keys, in one array; or of one key in more arrays than one (``is_one_key``), which ``arrays`` reads anew
    each time it is called."""

    is_one_key: bool
    arrays: Callable[[], Iterator[np.ndarray]]


def by_key(chunks: Iterable[np.ndarray], key: str, most: int, order: str | None = None) -> Iterator[Group]:
    """The rows of ``chunks``, structured arrays of one type, in groups of at most ``most`` rows, of which no two hold the same
    ``key`` (of 64 bits). A key with more rows is a group of its own, whose arrays have about as many each and come in the
    order of the column ``order``, hashes of 64 bits; within an array rows are in no order. There is at least one group."""
    left = iter(chunks)
    held: list[np.ndarray] = []
    rows = 0
    for chunk in left:
        held.append(chunk)
        rows += len(chunk)
        if rows > most:
            break
    if rows <= most:
        yield _in_memory(held)
        return
    with tempfile.TemporaryDirectory(prefix="gristmill-rows-") as folder:
        yield from _dealt(chain(held, left), key, most, order, Path(folder), 0)


def _in_memory(arrays: list[np.ndarray]) -> Group:
    def whole() -> Iterator[np.ndarray]:
        if arrays:
            yield np.concatenate(arrays)

    return Group(False, whole)


class _Pile:
    """Rows in a file, and whether they have one key."""

    def __init__(self, path: Path, key: str):
        self.path, self._key = path, key
        self.rows = 0
        self.keys: set[int] = set()  # two at the most
        self.dtype: np.dtype | None = None

    def add(self, rows: np.ndarray) -> None:
        with open(self.path, "ab") as file:
            file.write(rows.tobytes())
        self.rows += len(rows)
        self.dtype = rows.dtype
        if len(self.keys) < 2:
            self.keys.update((int(rows[self._key].min()), int(rows[self._key].max())))

    def read(self, most: int) -> Iterator[np.ndarray]:
        for start in range(0, self.rows, most):
            count = min(most, self.rows - start)
            yield np.fromfile(self.path, self.dtype, count, offset=start * np.dtype(self.dtype).itemsize)


def _piles(
    chunks: Iterable[np.ndarray], number_of: Callable[[np.ndarray], np.ndarray], count: int, key: str, folder: Path
) -> Iterator[_Pile]:
    piles = [_Pile(folder / f"{number:06d}", key) for number in range(count)]
    for chunk in chunks:
        numbers = number_of(chunk)
        for number in np.unique(numbers).tolist():
            piles[number].add(chunk[numbers == number])
    return (pile for pile in piles if pile.rows)


def _dealt(
    chunks: Iterable[np.ndarray], key: str, most: int, order: str | None, folder: Path, level: int
) -> Iterator[Group]:
    shift = np.uint64(64 - _BITS * (level + 1)) if level < 10 else np.uint64(0)

    def digit(rows: np.ndarray) -> np.ndarray:
        hashes = rows[key].astype(np.uint64) * GOLDEN
        return (hashes >> shift & np.uint64(_FILES - 1)).astype(np.int64)

    for pile in _piles(chunks, digit, _FILES, key, folder):
        if pile.rows <= most:
            yield _in_memory(list(pile.read(most)))
        elif len(pile.keys) == 1:
            yield from _of_one_key(pile, key, most, order)
        else:
            below = folder / f"below-{pile.path.name}"
            below.mkdir()
            yield from _dealt(pile.read(most), key, most, order, below, level + 1)
        pile.path.unlink()


def _of_one_key(pile: _Pile, key: str, most: int, order: str | None) -> Iterator[Group]:
    if order is None:
        yield Group(True, lambda: pile.read(most))
        return
    count = -(-2 * pile.rows // most)  # hashes aren't spread quite evenly
    folder = pile.path.with_name(f"ordered-{pile.path.name}")
    folder.mkdir()
    with ExitStack() as files:
        ordered = list(_piles(pile.read(most), lambda rows: range_of_hash(rows[order], count), count, key, folder))
        for each in ordered:
            files.callback(each.path.unlink)
        yield Group(True, lambda: (rows for each in ordered for rows in each.read(each.rows)))
