"""Reads archives record by record without FastWARC: what it doesn't know, ARC, and WARC with names in another case.

As :mod:`pipeline.sources.warc` does it: a damaged stretch becomes one failed record, and reading goes on at the next
place that begins a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from pipeline.sources.captures import Capture, Limits, judge
from pipeline.sources.members import DAMAGE, Members, next_record
from pipeline.sources.records import FailedRecord, Record, failed

LINE_BYTES = 65_536


@dataclass(frozen=True)
class Head:
    """What stands before a record's block; its length in bytes, and the rest as in :class:`Capture`."""

    kind: str
    url: str
    date: str
    content_type: str
    length: int
    truncated: bool = False


class Standing(NamedTuple):
    """Where reading has come to: the place at which it goes on, ``None`` at the file's end, and whether the damage there
    has its failed record already. Who goes on from these reads what a reader without a break would read."""

    next: int | None
    reported: bool = False


Reading = Generator[Record, None, Standing]
"""Records, and where their reading has ended."""


@dataclass(frozen=True)
class Format:
    """``read_head`` is given a record's first line and the file behind it, and returns ``None`` where that is no head.
    ``beginning`` and ``begins`` as in :func:`next_record`."""

    name: str
    read_head: Callable[[bytes, Members], Head | None]
    beginning: re.Pattern[bytes]
    begins: re.Pattern[bytes]
    head_bytes: int


def read_sequentially(
    stream: BinaryIO,
    path: str,
    limits: Limits,
    form: Format,
    start: int | None = 0,
    until: int | None = None,
    any_record: bool = False,
    reported: bool = False,
) -> Reading:
    """Every record from ``start`` on that begins before ``until``, in order. ``stream`` is the raw, seekable file;
    ``any_record`` says that it has had one before, ``reported`` that damage before ``start`` has its failed record."""
    while start is not None and (until is None or start < until):
        position, message = start, ""
        try:
            members = Members(stream, start)
            while found := _first_line(members):
                line, place = found
                head = form.read_head(line, members)
                if head is None:
                    # A record that claims too many bytes has swallowed those behind it: its place remains, to search on.
                    message = f"what follows is no {form.name} record"
                    break
                if until is not None and place >= until:
                    return Standing(place, reported)
                position = place
                block = members.read(min(head.length, limits.block_bytes))
                if len(block) == limits.block_bytes:
                    members.skip(head.length - len(block))
                capture = Capture(
                    path,
                    position,
                    head.kind,
                    head.url,
                    head.date,
                    head.content_type,
                    block,
                    head.length,
                    head.truncated,
                )
                judged = judge(capture, limits)
                any_record, reported = True, isinstance(judged, FailedRecord)
                yield judged
            else:
                if not any_record and not reported:
                    yield failed(path, position, "the file is empty")
                return Standing(None)
        except DAMAGE as error:
            message = str(error)
        if not reported:
            where = (
                "the archive is damaged after this record" if any_record else "the file does not begin with a record"
            )
            yield failed(path, position, f"{where}: {message}")
            reported = True
        start = next_record(stream, position, form.beginning, form.begins, form.head_bytes)
    return Standing(start, reported)


def _first_line(members: Members) -> tuple[bytes, int] | None:
    """The next line that isn't blank, and its place; ``None`` at the end of the file."""
    while True:
        place = members.place
        line = members.readline(LINE_BYTES)
        if not line:
            return None
        if line.strip():
            return line, place
