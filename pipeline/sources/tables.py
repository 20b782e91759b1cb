"""Pages or texts from Parquet and JSONL: a ``url`` column, an ``html`` or ``text`` column, and, if there, a date."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.sources.records import PageRecord, Record, RejectedRecord, failed
from pipeline.sources.warc import normalise_date
from text.hashing import document_id

# What other tools call the same things; the first name that a row has counts.
URL_NAMES = ("url", "source_url", "warc_target_uri", "WARC-Target-URI")
DATE_NAMES = ("date", "warc_date", "timestamp", "crawl_date", "fetch_time")
HTML_NAMES = ("html", "raw_html", "content_html")
TEXT_NAMES = ("text", "content", "raw_content")
# What pyarrow raises for a damaged Parquet file, a name that isn't UTF-8 or a date out of range among it.
_DAMAGE = (pa.ArrowException, OSError, ValueError, OverflowError)


def read_jsonl(stream: BinaryIO, path: str, max_record_bytes: int) -> Iterator[Record]:
    """One JSON object a line; gzip and zstd are undone by the file's first bytes."""
    # JSON writes a character in up to six bytes (\u00e9); what is longer still is dropped before it fills the memory.
    longest = 6 * max_record_bytes + 65_536
    lines = _decompressed(stream)
    number, unfinished = 0, False
    while True:
        try:
            line = lines.readline(longest)
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            yield failed(f"{path}, after line {number}", None, f"the file is damaged: {error}")
            return
        if not line:
            return
        goes_on, unfinished = unfinished, not line.endswith(b"\n")
        if goes_on:
            continue
        number += 1
        place = f"{path}, line {number}"
        if len(line) == longest and unfinished:
            yield failed(place, None, f"the line is longer than {longest} bytes")
        elif line.strip():
            yield _judge_line(line, place, max_record_bytes)


def _judge_line(line: bytes, place: str, max_record_bytes: int) -> Record:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return failed(place, None, f"the line is not valid JSON: {error}")
    if not isinstance(row, dict):
        return failed(place, None, "the line is no JSON object")
    return _judge(row, place, max_record_bytes)


def read_parquet(stream: BinaryIO, path: str, max_record_bytes: int) -> Iterator[Record]:
    """One row a page, read row group by row group."""
    try:
        file = pq.ParquetFile(stream)
    except _DAMAGE as error:
        _raise_if_of_the_disk(error)
        yield failed(path, None, f"the file is not valid Parquet: {error}")
        return
    names = [n for n in file.schema_arrow.names if n in (*URL_NAMES, *DATE_NAMES, *HTML_NAMES, *TEXT_NAMES, "title")]
    row_number = 0
    for group in range(file.num_row_groups):
        try:
            for batch in file.iter_batches(batch_size=256, row_groups=[group], columns=names):
                for row in batch.to_pylist():
                    row_number += 1
                    yield _judge(row, f"{path}, row {row_number}", max_record_bytes)
        except _DAMAGE as error:
            _raise_if_of_the_disk(error)
            yield failed(path, None, f"row group {group} can't be read: {error}")


def _raise_if_of_the_disk(error: Exception) -> None:
    """Arrow reports damaged files as ``OSError`` too; what has a number is the disk's or network's, to try again."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def _judge(row: Mapping[str, Any], place: str, max_record_bytes: int) -> Record:
    url = _text(_first(row, URL_NAMES)).strip()
    date = normalise_date(_text(_first(row, DATE_NAMES)))
    html, text = _first(row, HTML_NAMES), _first(row, TEXT_NAMES)
    body = html if html is not None else text
    if not url:
        return failed(place, None, f"the row has no URL (looked for {', '.join(URL_NAMES)})")
    if not isinstance(body, str | bytes):
        return failed(place, None, f"the row has no page (looked for {', '.join(HTML_NAMES + TEXT_NAMES)})", url)
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    identity = document_id(url, date, data)
    if not data.strip():
        return RejectedRecord(identity, url, date, "empty", 0)
    if len(data) > max_record_bytes:
        return RejectedRecord(identity, url, date, "too_large", len(data))
    title = _text(row.get("title"))
    if html is None:
        return PageRecord(identity, url, date, text=data.decode("utf-8", "replace"), title=title)
    content_type = "text/html; charset=utf-8" if isinstance(body, str) else "text/html"
    return PageRecord(identity, url, date, data, content_type, title=title)


def _text(value: Any) -> str:
    """A value as a string that UTF-8 can write: JSON may hold half a surrogate pair."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode()


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _decompressed(stream: BinaryIO) -> BinaryIO:
    magic = stream.read(4)
    stream.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=stream)
    if magic == b"\x28\xb5\x2f\xfd":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))
    return stream
