"""Stretches of an archive, each read on its own, that together give what reading the file through gives.

A stretch is cut by bytes; it holds the records that begin in it, so that both sides of a cut look for the first record
behind it: the next gzip member or zstd frame that unpacks to ``WARC/``, or, in what isn't packed, the next such line.
What looks like a record may be part of one: a page that shows a WARC file, an archive within an archive. Who reads up
to a cut sees that, since its last record reaches behind the cut by its own account, and reads on. So each stretch says
where it began and where the next record after it begins (:class:`Seam`), and where neighbours disagree the later one is
read again from the right place (:mod:`pipeline.seams`). A file that is one gzip member is its first stretch's alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, cast

from pipeline.sources.captures import Limits
from pipeline.sources.members import unpacked_head
from pipeline.sources.records import FailedRecord, Record
from pipeline.sources.warc import end_of_record, first_record, packing, read_warc

_BUFFER_BYTES = 1 << 20


Bounds = tuple[int, int | None, bool, bool]
"""``(start, end, exact, damaged)``: the bytes from ``start`` up to, not including, ``end`` (``None``: to the file's end).
``exact``: a record is known to begin at ``start``; ``damaged``: behind damage that has been reported."""


class Seam(NamedTuple):
    """How a stretch was read. ``began``: where its first record begins, ``None`` where none begins in it. ``ended``:
    where the first record behind it begins, ``None`` where none does. ``ends_damaged``: it ends in damage that has been
    reported; ``begins_damaged``: the first that it found is a failure, which such damage would have covered."""

    began: int | None
    ended: int | None
    ends_damaged: bool = False
    begins_damaged: bool = False


class _Bounded(io.RawIOBase):
    """A file up to ``end``, with a place of its own in it."""

    def __init__(self, stream: BinaryIO, end: int | None):
        self._stream = stream
        self._end = end
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            self._position = self._stream.seek(offset, whence)
        else:
            self._position = offset + (self._position if whence == io.SEEK_CUR else 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer) -> int:
        count = len(buffer) if self._end is None else max(0, min(len(buffer), self._end - self._position))
        self._stream.seek(self._position)
        data = self._stream.read(count)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _open(raw: BinaryIO, end: int | None = None) -> BinaryIO:
    return io.BufferedReader(cast("io.RawIOBase", _Bounded(raw, end)), _BUFFER_BYTES)


def read_stretch(
    raw: BinaryIO, path: str, limits: Limits, bounds: Bounds, seam: Callable[[Seam], None]
) -> Iterator[Record]:
    """The records of an archive that begin within ``bounds``, in order. ``raw`` is the seekable file; ``seam`` is told
    how the stretch was read, when that is known."""
    start, end, exact, damaged = bounds
    file = _open(raw)
    began = start if exact or start == 0 else first_record(file, start, end)
    if began is None or (end is not None and began >= end):
        seam(Seam(None, None))
        return
    stop = None if end is None else first_record(file, end)
    begin, reported, head = began, damaged, unpacked_head(file, 0)
    first: Record | None = None
    while True:
        # What the record at one place gave is held back until it is known that the record ends before ``stop``.
        together: list[Record] = []
        reach = None
        for record in read_warc(_open(raw, stop), path, limits, begin, reported, head):
            if together and record.offset != together[0].offset:
                if isinstance(together[-1], FailedRecord) and (reach := _reach_behind(file, together[0], stop)):
                    break
                first, reported = first or together[0], isinstance(together[-1], FailedRecord)
                yield from together
                together = []
            together.append(record)
        reach = reach or (_reach_behind(file, together[0], stop) if together else None)
        if reach is None:
            break
        # Nothing begins at ``stop``: it lies within this record.
        stop, begin = first_record(file, reach), together[0].offset or 0
    yield from together
    first = first or (together[0] if together else None)
    ends_damaged = isinstance(together[-1], FailedRecord) if together else reported
    seam(Seam(began, stop, ends_damaged, isinstance(first, FailedRecord)))


def _reach_behind(file: BinaryIO, record: Record, stop: int | None) -> int | None:
    """Up to where a record reaches, if that is behind ``stop``."""
    if stop is None or record.offset is None:
        return None
    reach = end_of_record(file, record.offset)
    if reach is not None and reach > stop:
        return reach
    # Where packed records follow others, reading on is damage, and the failed record belongs to the one before.
    before, behind = packing(file, record.offset), packing(file, stop)
    return stop + 1 if before is not None and behind is not None and before != behind else None
