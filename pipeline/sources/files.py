"""Which reader a file needs, by its name; and what the command line's --input globs name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pipeline import storage
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.tables import read_jsonl, read_parquet
from pipeline.sources.warc import read_warc
from recipes.schema import Read

_COMPRESSIONS = (".gz", ".zst", ".zstd")


def find_inputs(patterns: list[str]) -> list[str]:
    """All files that the patterns name, each once, sorted. Raises ``FileNotFoundError`` where one names nothing."""
    found: set[str] = set()
    for pattern in patterns:
        files = storage.expand(pattern)
        if not files:
            raise FileNotFoundError(f"--input {pattern} names no file; check the path, and quote globs for s3:// and gs://")
        found.update(files)
    return sorted(found)


def read_records(path: str, name: str, settings: Read, limit: int | None = None) -> Iterator[Record]:
    """The records of one input file, ending with its ``limit``-th page. ``name`` stands for the file in errors."""
    with storage.open_read(path) as stream:
        kind = path.lower()
        for suffix in _COMPRESSIONS:
            kind = kind.removesuffix(suffix)
        if kind.endswith(".parquet"):
            records = read_parquet(stream, name, settings.max_record_bytes)
        elif kind.endswith((".jsonl", ".json", ".ndjson")):
            records = read_jsonl(stream, name, settings.max_record_bytes)
        else:
            records = read_warc(stream, name, settings.max_record_bytes, settings.keep_truncated)
        yield from records if limit is None else _up_to_pages(records, limit)


def _up_to_pages(records: Iterator[Record], limit: int) -> Iterator[Record]:
    """The records up to the ``limit``-th page, with all that stand before it."""
    pages = 0
    for record in records:
        yield record
        pages += isinstance(record, PageRecord)
        if pages == limit:
            return


def sha256_of(path: str) -> str:
    """The sha256 of a whole file, read in pieces of a megabyte."""
    digest = hashlib.sha256()
    with storage.open_read(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
