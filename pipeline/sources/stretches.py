"""Stretches of an archive, each read on its own, that together give what reading the file through gives.

A stretch is cut by bytes; it holds the records that begin in it, so that both sides of a cut look for the first record
behind it: the next gzip member or zstd frame that unpacks to ``WARC/``, or, in what isn't packed, the next such line.
What looks like a record may be part of one: a page that shows a WARC file, an archive within an archive, what a record
with a wrong length or a member that was cut off has swallowed. Who reads up to a cut sees that, since it reads on behind
the cut as a reader of the whole file would, up to where the next record begins. So each stretch says where it began and
where reading would go on after it (:class:`Seam`), and where neighbours disagree the later one is read again from the
right place (:mod:`pipeline.seams`). Nothing else passes from one to the next, so that what comes out is what reading
through gives, of damaged files too. A file that is one gzip member is its first stretch's alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, cast

from pipeline.sources.captures import Limits
from pipeline.sources.records import FailedRecord, Record
from pipeline.sources.sequential import Standing
from pipeline.sources.warc import first_record, read_warc

_BUFFER_BYTES = 1 << 20


Bounds = tuple[int, int | None, bool, bool]
"""``(start, end, exact, damaged)``: the bytes from ``start`` up to, not including, ``end`` (``None``: to the file's end).
``exact``: a record is known to begin at ``start``; ``damaged``: behind damage that has been reported."""


class Seam(NamedTuple):
    """How a stretch was read. ``began``: where its first record begins, ``None`` where none begins in it. ``ended``:
    where reading through would go on behind it, ``None`` where the file ends. ``ends_damaged``: it ends in damage that has been
    reported; ``begins_damaged``: the first that it found is a failure, which such damage would have covered."""

    began: int | None
    ended: int | None
    ends_damaged: bool = False
    begins_damaged: bool = False


def read_stretch(
    raw: BinaryIO, path: str, limits: Limits, bounds: Bounds, seam: Callable[[Seam], None]
) -> Iterator[Record]:
    """The records of an archive that begin within ``bounds``, in order. ``raw`` is the seekable file; ``seam`` is told
    how the stretch was read, when that is known."""
    start, end, exact, damaged = bounds
    file = io.BufferedReader(cast("io.RawIOBase", raw), _BUFFER_BYTES)
    try:
        began = start if exact or start == 0 else first_record(file, start, end)
        if began is None or (end is not None and began >= end):
            seam(Seam(None, None))
            return
        reading = read_warc(file, path, limits, began, end, damaged)
        first: Record | None = None
        while True:
            try:
                record = next(reading)
            except StopIteration as done:
                standing: Standing = done.value
                break
            first = first or record
            yield record
        seam(Seam(began, standing.next, standing.reported, isinstance(first, FailedRecord)))
    finally:
        file.detach()  # the caller has opened it
