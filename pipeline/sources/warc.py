"""Records from WARC and WET files (ISO 28500), by FastWARC on raw bytes.

Real archives are cut, concatenated with garbage, or written by tools that count their bytes wrong. Where FastWARC
stops, the damaged stretch becomes one failed record and reading goes on at the next place that begins a record: the
next gzip member that unpacks to ``WARC/``, or the next line that begins with it.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from pipeline.sources.captures import Capture, Limits, judge
from pipeline.sources.compressed import has_excessive_dictionary
from pipeline.sources.dates import normalise_date
from pipeline.sources.members import GZIP, ZSTD, Members, after_member, end_of_member, next_record, unpacked_head
from pipeline.sources.records import FailedRecord, failed
from pipeline.sources.sequential import LINE_BYTES, Format, Head, Reading, Standing, read_sequentially

_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
# Wherever it stands: a record that was cut leaves the next one in the middle of a line.
_BEGINNING = re.compile(_VERSION.pattern + rb"[\w-]+[ \t]*:")
# Not int() of whatever isdigit() likes: headers hold superscripts, and thousands of digits.
_PLAIN_HEAD_BYTES = 1 << 20
_HEAD_BYTES = 1 << 16
_BLANK_LINE = re.compile(rb"\n\r?\n")
_CLAIMED = re.compile(rb"\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh][ \t]*:[ \t]*([0-9]{1,18})\s")
_LENGTH = re.compile(r"\s*[0-9]{1,18}\s*", re.ASCII)


def read_warc(
    stream: BinaryIO,
    path: str,
    limits: Limits,
    begin: int = 0,
    until: int | None = None,
    reported: bool = False,
) -> Reading:
    """Every record of an archive, in order. ``stream`` is the raw, seekable file; ``path`` names it in errors.

    From ``begin`` on, the records that begin before ``until``; ``reported`` says that damage before ``begin`` has its
    failed record already. Whatever lies behind ``until`` is read as far as a record before it asks for it, so that
    reading in pieces, each from where the one before has ended, is reading through.
    """
    head = unpacked_head(stream, 0)
    quirks = _ends_lines_with_lf_alone(head)
    start: int | None = begin
    any_record = begin > 0
    if begin == 0 and has_excessive_dictionary(stream):
        yield failed(path, 0, "the archive begins with a zstd dictionary of more than 32 MiB")
        start, reported = next_record(stream, 0, _BEGINNING, _VERSION), True
    while start is not None and (until is None or start < until):
        position, since_restart, message = start, False, None
        gone_on: Standing | None = None
        try:
            stream.seek(start)
            for record in ArchiveIterator(stream, parse_http=False, quirks_mode=quirks):
                if until is not None and record.stream_pos >= until and _begins_at(stream, record, record.stream_pos):
                    return Standing(record.stream_pos, reported)
                position, since_restart, any_record = record.stream_pos, True, True
                if _has_names_in_another_case(record) and _can_read_sequentially(stream, position):
                    # This one, and what else lies in its member; FastWARC reads on, since the next reader would ask it too.
                    gone_on = yield from read_sequentially(
                        stream, path, limits, _FORMAT, position, position + 1, True, reported
                    )
                    break
                judged = judge(_capture(record, path, position, limits), limits)
                reported = isinstance(judged, FailedRecord)
                yield judged
        except OSError as error:
            if error.errno is not None:
                raise  # the disk or the network, not the archive: for the engine to try again
            message = str(error)
        except BaseException as error:
            # FastWARC is Rust: what it does not foresee surfaces as a panic, which is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            message = f"FastWARC panicked: {error}"
        if gone_on is not None:
            start, reported = gone_on
            continue
        if message is None and not reported:
            # FastWARC takes an empty gzip member for the end of the file, and a member that is cut off too.
            end = after_member(stream, position) if since_restart else start
            if end is None:
                return Standing(None)
            position = end
            if since_restart and _begins_record(stream, position):
                start = position
                continue
            message = "what follows is no whole record"
        if not reported:
            damage = f"the archive is damaged after this record: {message}" if any_record else _why_no_record(head)
            yield failed(path, position, damage)
            reported = True
        # A record that claims too many bytes has swallowed those behind it: search from its own beginning.
        start = next_record(stream, position, _BEGINNING, _VERSION)
    return Standing(start, reported)


def first_record(stream: BinaryIO, offset: int, before: int | None = None) -> int | None:
    """Where the first record at ``offset`` or behind it begins; ``None`` if none does before ``before`` or the end."""
    return next_record(stream, offset - 1, _BEGINNING, _VERSION, before=before)


def end_of_record(stream: BinaryIO, offset: int) -> int | None:
    """Up to where the record at ``offset`` reaches by its own account: the end of its gzip member or zstd frame, or of
    the bytes that its header claims. ``None`` where it gives none."""
    stream.seek(offset)
    head = stream.read(_PLAIN_HEAD_BYTES)
    if head.startswith((GZIP, ZSTD)):
        return end_of_member(stream, offset)
    if not head.lstrip().startswith(b"WARC/"):
        return None
    blank = _BLANK_LINE.search(head)
    if blank is None:
        return offset + len(head)
    claimed = _CLAIMED.search(head, 0, blank.end())
    return offset + blank.end() + (int(claimed[1]) if claimed else 0)


def packing(stream: BinaryIO, offset: int) -> bytes | None:
    """The magic number of the packing of the record that begins at ``offset``; empty where it isn't packed, ``None``
    where none begins there."""
    stream.seek(offset)
    head = stream.read(64)
    if head.startswith((GZIP, ZSTD)):
        return head[: len(GZIP)]
    return b"" if _VERSION.match(head.lstrip()) else None


def _ends_lines_with_lf_alone(head: bytes) -> bool:
    """Some old writers (ClueWeb's) did. Only for those is FastWARC told to be lenient: then it skips garbage silently."""
    match = _VERSION.match(head)
    return match is not None and not match[0].endswith(b"\r\n")


def _why_no_record(head: bytes) -> str:
    if not head:
        return "the file is empty"
    if head.startswith(b"filedesc:"):
        return "this is an ARC file; its name must end in .arc or .arc.gz"
    if head.startswith(b"PK"):
        return "this is a zip; if it is a WACZ file, its name must end in .wacz"
    return "the file does not begin with a WARC record"


def _begins_record(stream: BinaryIO, offset: int) -> bool:
    return _VERSION.match(unpacked_head(stream, offset).lstrip()) is not None


def _begins_at(stream: BinaryIO, record: WarcRecord, offset: int) -> bool:
    """Whether the record is the first at ``offset``. Of records within a gzip member FastWARC says where it has read
    to, which may be where the next member begins: what identifies them tells the two apart. It goes on where it was."""
    place = stream.tell()
    head = unpacked_head(stream, offset, _HEAD_BYTES).lstrip()
    stream.seek(place)
    if not _VERSION.match(head):
        return False
    fields = (record.headers.get(name) or "" for name in ("WARC-Record-ID", "WARC-Date", "Content-Length"))
    return all(value.encode("utf-8", "replace") in head for value in fields if value.isascii())


def _has_names_in_another_case(record: WarcRecord) -> bool:
    """ISO 28500, section 4: field names are case-insensitive. FastWARC finds two of them in one case alone, and goes
    astray when it misses the length."""
    if record.content_length and not str(record.record_type).endswith("unknown"):
        return False
    names = {name for name, _ in record.headers.astuples()}
    return any(name not in names and record.headers.get(name) for name in ("WARC-Type", "Content-Length"))


def _can_read_sequentially(stream: BinaryIO, position: int) -> bool:
    """Not zstd, which FastWARC alone reads. It goes on where it was."""
    place = stream.tell()
    stream.seek(position)
    packed = stream.read(len(ZSTD)) == ZSTD
    head = unpacked_head(stream, position)
    stream.seek(place)
    return head.startswith(b"WARC/") and not packed


def _read_head(line: bytes, members: Members) -> Head | None:
    if not _VERSION.fullmatch(line):
        return None
    fields: dict[str, str] = {}
    name = ""
    while (line := members.readline(LINE_BYTES)).strip():
        text = line.decode("utf-8", "replace")
        if text[:1] in " \t" and name:
            fields[name] += " " + text.strip()
            continue
        name, separator, value = text.partition(":")
        name = name.strip().lower() if separator else ""
        if separator:
            fields[name] = value.strip()
    length = fields.get("content-length", "")
    if not _LENGTH.fullmatch(length):
        return None
    return Head(
        fields.get("warc-type", "unknown").lower(),
        fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">"),
        normalise_date(fields.get("warc-date", "")),
        fields.get("content-type", ""),
        int(length),
        bool(fields.get("warc-truncated") or fields.get("warc-segment-number")),
    )


_FORMAT = Format("WARC", _read_head, _BEGINNING, _VERSION, 64)


def _capture(record: WarcRecord, path: str, offset: int, limits: Limits) -> Capture:
    headers = record.headers
    length = headers.get("Content-Length") or ""
    return Capture(
        path,
        offset,
        str(record.record_type).rpartition(".")[2],
        (headers.get("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">"),
        normalise_date(headers.get("WARC-Date") or ""),
        headers.get("Content-Type") or "",
        record.reader.read(limits.block_bytes),
        int(length) if _LENGTH.fullmatch(length) else None,
        # A segmented record (ISO 28500, 7) goes on in others, which may lie in another file.
        bool(headers.get("WARC-Truncated") or headers.get("WARC-Segment-Number")),
    )
