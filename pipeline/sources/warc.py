"""Records from WARC and WET files (ISO 28500), by FastWARC on raw bytes.

Real archives are cut, concatenated with garbage, or written by tools that count their bytes wrong. Where FastWARC
stops, the damaged stretch becomes one failed record and reading goes on at the next place that begins a record: the
next gzip member that unpacks to ``WARC/``, or the next line that begins with it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from pipeline.sources.http import TooLarge, decode_body, parse_head
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord, failed
from text.hashing import document_id

_GZIP = b"\x1f\x8b\x08"
_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
# Wherever it stands: a record that was cut leaves the next one in the middle of a line.
_BEGINNING = re.compile(_VERSION.pattern + rb"[\w-]+[ \t]*:")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_TEXT_TYPES = ("text/plain",)
_HTML_START = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_SCAN_BYTES = 1 << 20


def read_warc(stream: BinaryIO, path: str, max_record_bytes: int, keep_truncated: bool) -> Iterator[Record]:
    """Every record of an archive, in order. ``stream`` is the raw, seekable file; ``path`` names it in errors."""
    quirks = _ends_lines_with_lf_alone(stream)
    start: int | None = 0
    any_record = reported = False  # whether the stretch we are in has its failed record already
    while start is not None:
        position, since_restart, message = start, False, None
        try:
            stream.seek(start)
            for record in ArchiveIterator(stream, parse_http=False, quirks_mode=quirks):
                position, since_restart, any_record = record.stream_pos, True, True
                judged = _judge(record, path, position, max_record_bytes, keep_truncated)
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
        if message is None and not reported:
            # FastWARC takes an empty gzip member for the end of the file, and a member that is cut off too.
            if (position := _after_member(stream, position) if since_restart else start) is None:
                return
            if since_restart and _begins_record(stream, position):
                start = position
                continue
            message = "what follows is no whole record"
        if not reported:
            damage = f"the archive is damaged after this record: {message}" if any_record else _why_no_record(stream)
            yield failed(path, position, damage)
            reported = True
        # A record that claims too many bytes has swallowed those behind it: search from its own beginning.
        start = _next_record(stream, position)


def _ends_lines_with_lf_alone(stream: BinaryIO) -> bool:
    """Some old writers (ClueWeb's) did. Only for those is FastWARC told to be lenient: then it skips garbage silently."""
    match = _VERSION.match(_unpacked_head(stream, 0))
    return match is not None and not match[0].endswith(b"\r\n")


def _why_no_record(stream: BinaryIO) -> str:
    head = _unpacked_head(stream, 0)
    if not head:
        return "the file is empty"
    if head.startswith(b"filedesc:"):
        return "this is an ARC file; convert it to WARC (warcio recompress), gristmill doesn't read ARC"
    if head.startswith(b"PK"):
        return "this is a zip (WACZ?); unpack it and give the WARC files inside"
    return "the file does not begin with a WARC record"


def _after_member(stream: BinaryIO, offset: int) -> int | None:
    """Where the first gzip member behind the one at ``offset`` begins that isn't empty; ``None`` if there is none."""
    while (end := _end_of_member(stream, offset)) is not None:
        stream.seek(end)
        head = stream.read(64)
        if not head:
            return None
        if not _is_empty_member(head):
            return end
        offset = end
    return None


def _is_empty_member(head: bytes) -> bool:
    decoder = zlib.decompressobj(31)
    try:
        return not decoder.decompress(head, 1) and decoder.eof
    except zlib.error:
        return False


def _end_of_member(stream: BinaryIO, offset: int) -> int | None:
    """The offset behind the gzip member at ``offset``; ``None`` if it isn't one, or is cut off."""
    stream.seek(offset)
    decoder = zlib.decompressobj(31)
    while chunk := stream.read(65_536):  # unfolds to 66 MB at the most
        try:
            decoder.decompress(chunk)
        except zlib.error:
            return None
        if decoder.eof:
            return stream.tell() - len(decoder.unused_data)
    return None


def _unpacked_head(stream: BinaryIO, offset: int) -> bytes:
    """The bytes at ``offset``, unpacked if a gzip member begins there; nothing where that is broken."""
    stream.seek(offset)
    head = stream.read(4096)
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return b""


def _next_record(stream: BinaryIO, after: int) -> int | None:
    """The first offset past ``after`` where a record begins, or ``None`` if none does before the end."""
    overlap = 64
    position = after + 1
    while True:
        stream.seek(position)
        chunk = stream.read(_SCAN_BYTES)
        if not chunk:
            return None
        found = [match.start() for match in re.finditer(re.escape(_GZIP), chunk)]
        found += [match.start() for match in _BEGINNING.finditer(chunk)]
        for offset in sorted(found):
            if _begins_record(stream, position + offset):
                return position + offset
        if len(chunk) < _SCAN_BYTES:
            return None
        position += len(chunk) - overlap


def _begins_record(stream: BinaryIO, offset: int) -> bool:
    return _VERSION.match(_unpacked_head(stream, offset).lstrip()) is not None


def _judge(record: WarcRecord, path: str, offset: int, max_record_bytes: int, keep_truncated: bool) -> Record:
    url = (record.headers.get("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">")
    date = normalise_date(record.headers.get("WARC-Date") or "")
    block = record.reader.read(max_record_bytes + 65_536 + 1)  # the limit is for the body; HTTP heads are small
    identity = document_id(url, date, block)
    declared = _number(record.headers.get("Content-Length") or "")
    if declared is not None and len(block) < min(declared, max_record_bytes):
        return failed(path, offset, f"the record is cut off: {len(block)} of {declared} bytes are there", url)

    def rejected(reason: str, score: float | None = None) -> RejectedRecord:
        return RejectedRecord(identity, url, date, reason, score)

    if record.record_type == WarcRecordType.conversion:
        return _judge_text(identity, url, date, block, rejected)
    if record.record_type not in (WarcRecordType.response, WarcRecordType.resource):
        return rejected(f"record_type_{str(record.record_type).rpartition('.')[2]}")
    if not url:
        return failed(path, offset, "the record has no WARC-Target-URI")
    if not url.lower().startswith(("http://", "https://")):
        return rejected("not_a_web_address")

    content_type = record.headers.get("Content-Type") or ""
    headers: dict[str, str] = {}
    if record.record_type == WarcRecordType.response:
        status, headers, body_at = parse_head(block)
        if status is None:
            return failed(path, offset, "the response does not begin with an HTTP status line", url)
        if status != 200:
            return rejected("http_status", status)
        content_type = headers.get("content-type", "")
        block = block[body_at:]
    if len(block) > max_record_bytes:
        return rejected("too_large", len(block) if declared is None else declared)
    try:
        body = decode_body(block, headers, max_record_bytes)
    except TooLarge:
        return rejected("too_large", max_record_bytes)
    if not keep_truncated and _is_truncated(record, headers, block):
        return rejected("truncated", len(block))
    if not body.strip():
        return rejected("empty", 0)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in _TEXT_TYPES:
        return _judge_text(identity, url, date, body, rejected)
    if media_type not in _HTML_TYPES and not (media_type == "" and _HTML_START.match(body[:1024])):
        return rejected("content_type")
    return PageRecord(identity, url, date, body, content_type)


def _judge_text(identity: str, url: str, date: str, body: bytes, rejected) -> PageRecord | RejectedRecord:
    try:
        return PageRecord(identity, url, date, text=body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return rejected("undecodable_text")


def _is_truncated(record: WarcRecord, headers: dict[str, str], body: bytes) -> bool:
    if record.headers.get("WARC-Truncated"):
        return True
    # A body shorter than HTTP promised; one that was stored decoded says nothing about it.
    promised = _number(headers.get("content-length", ""))
    return promised is not None and not headers.get("content-encoding") and len(body) < promised


def _number(digits: str) -> int | None:
    # Not int() of whatever isdigit() likes: headers hold superscripts, and thousands of digits.
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits.strip()) else None


def normalise_date(date: str) -> str:
    """A WARC-Date (or a 14-digit ARC date) as ``YYYY-MM-DDTHH:MM:SSZ``, so that text order is time order.

    What can't be read as a date becomes the empty string, older than every date.
    """
    date = date.strip()
    try:
        if date.isdigit() and len(date) == 14:
            parsed = datetime.strptime(date, "%Y%m%d%H%M%S")
        else:
            parsed = datetime.fromisoformat(date)
        parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    # Not strftime: its %Y writes years before 1000 without their zeros.
    return parsed.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
