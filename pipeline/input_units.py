"""What a worker extracts at once: a stretch of a large file, or a number of small ones.

Which units there are is written down before work starts, in a listing that workers read. Documents don't depend on
where files are cut, so that the cut may follow from all sizes together: a small crawl becomes :data:`LEAST_UNITS`
units where that leaves each a megabyte, so that several workers have something to do, and its last quarter half as large
ones (its last files, or the end of its only one), so that they end at nearly the same time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline import storage
from pipeline.listing import BLOCK_UNITS
from pipeline.sources.files import can_be_cut

LEAST_UNITS = 16
LEAST_BYTES = 1 << 20
_ROOM = 1.05
_LARGE = 0.7  # of the bytes lie before the files with small units: some more than half, some less than all
_SCHEMA = pa.schema(
    [("unit", pa.int64()), ("file", pa.int64()), ("path", pa.string()), ("name", pa.string()), ("limit", pa.int64()),
     ("start", pa.int64()), ("end", pa.int64()), ("exact", pa.bool_()), ("damaged", pa.bool_())]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of the crawl. ``name`` stands for it in ledgers and errors; reading ends after ``limit`` pages.
    ``bytes`` is ``None`` where nobody can say how many there are."""

    index: int
    path: str
    name: str
    limit: int | None
    bytes: int | None = None


@dataclass(frozen=True)
class Stretch:
    """The records of the file with index ``file`` that begin from byte ``start`` up to, not including, ``end``;
    ``end`` ``None``: all that begin from ``start`` on. ``exact`` and ``damaged`` are what
    :func:`pipeline.sources.stretches.read_stretch` is told of a stretch that is read again."""

    file: int
    path: str
    name: str
    limit: int | None
    start: int = 0
    end: int | None = None
    exact: bool = False
    damaged: bool = False

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end is None


@dataclass(frozen=True)
class InputUnit:
    """Stretches that one worker reads, one after the other."""

    number: int
    stretches: tuple[Stretch, ...]

    @property
    def unit(self) -> str:
        return f"unit-{self.number:06d}"


def cut(files: Sequence[InputFile], unit_bytes: int) -> Iterator[InputUnit]:
    """Files as units of some ``unit_bytes`` each, or fewer where there would be few units."""
    total = sum(file.bytes or 0 for file in files)
    # Files of nearly one size are cut into as many pieces.
    large = min(unit_bytes, max(LEAST_BYTES, int(_ROOM * total / LEAST_UNITS)))
    cut_alone = len(files) == 1 and 2 * LEAST_BYTES <= large < unit_bytes
    number = gathered = begun = 0
    together: list[Stretch] = []
    for file in files:
        ends_small = large < unit_bytes and begun >= _LARGE * total
        target = max(LEAST_BYTES, large // 2) if ends_small else large
        begun += file.bytes or 0
        for stretch, size in _stretches(file, target, cut_alone):
            if together and (cut_alone or gathered + size > target):
                yield InputUnit(number, tuple(together))
                number, gathered, together = number + 1, 0, []
            together.append(stretch)
            gathered += size
    if together:
        yield InputUnit(number, tuple(together))


def _stretches(file: InputFile, target: int, ends_small: bool) -> Iterator[tuple[Stretch, int]]:
    """A file's stretches, and how many bytes each is taken for. ``ends_small``: those of its last quarter are half as large."""
    size = file.bytes
    pieces = 1 if size is None or file.limit is not None or not can_be_cut(file.path) else max(1, -(-size // target))
    halves = list(range(0, 2 * pieces, 2))
    if ends_small:
        halves += range(2 * (pieces - pieces // 4) + 1, 2 * pieces, 2)
    bounds = [(size or 0) * half // (2 * pieces) for half in sorted(halves)]
    for start, end in zip(bounds, [*bounds[1:], None], strict=True):
        stretch = Stretch(file.index, file.path, file.name, file.limit, start, end)
        # A file of which nobody knows the size is one worker's work.
        yield stretch, target if size is None else (size if end is None else end) - start


class InputListing:
    """The units of a job that reads a crawl, in the run's folder: blocks of :data:`BLOCK_UNITS`."""

    def __init__(self, run_dir: str, job: str = "inputs"):
        self._folder = storage.join(run_dir, "work", job)

    def write(self, units: Iterable[InputUnit]) -> int:
        """Writes the listing and returns the number of units."""
        block: list[InputUnit] = []
        count = 0
        for unit in units:
            block.append(unit)
            count += 1
            if len(block) == BLOCK_UNITS:
                self._write_block(block)
                block = []
        if block:
            self._write_block(block)
        return count

    def block(self, number: int) -> list[InputUnit]:
        """The units from ``number * BLOCK_UNITS`` on."""
        found: dict[int, list[Stretch]] = {}
        for row in storage.read_table(self._path(number)).to_pylist():
            found.setdefault(row.pop("unit"), []).append(Stretch(**row))
        return [InputUnit(unit, tuple(stretches)) for unit, stretches in found.items()]

    def _write_block(self, units: list[InputUnit]) -> None:
        rows = [{"unit": unit.number, **vars(stretch)} for unit in units for stretch in unit.stretches]
        table = pa.Table.from_pylist(rows, schema=_SCHEMA)
        path = self._path(units[0].number // BLOCK_UNITS)
        storage.write_bytes(path, storage.parquet_bytes(table, max(1, len(rows))))

    def _path(self, block: int) -> str:
        return storage.join(self._folder, f"units-{block:06d}.parquet")
