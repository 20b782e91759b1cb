"""Which reader a file needs, by its name; and what the command line's --input globs name."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipeline import storage
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.tables import read_jsonl, read_parquet
from pipeline.sources.warc import read_warc
from recipes.schema import Read

_COMPRESSIONS = (".gz", ".zst", ".zstd")
_BUFFER_BYTES = 1 << 20


def read_records(
    path: str,
    name: str,
    settings: Read,
    limit: int | None = None,
    on_sha256: Callable[[str], None] = lambda digest: None,
) -> Iterator[Record]:
    """The records of one input file, ending with its ``limit``-th page. ``name`` stands for the file in errors.

    ``on_sha256`` is told the file's sha256 when the last record has been taken.
    """
    with storage.open_read(path) as file:
        hashed = _HashedFile(file)
        stream = io.BufferedReader(hashed, _BUFFER_BYTES)
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
        on_sha256(hashed.sha256())


def _up_to_pages(records: Iterator[Record], limit: int) -> Iterator[Record]:
    """The records up to the ``limit``-th page, with all that stand before it."""
    pages = 0
    for record in records:
        yield record
        pages += isinstance(record, PageRecord)
        if pages == limit:
            return


class _HashedFile(io.RawIOBase):
    """A file that hashes what is read of it in order: its sha256 need not cost a second reading of the whole crawl."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._digest = hashlib.sha256()
        self._hashed = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer) -> int:
        position = self._stream.tell()
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        if position <= self._hashed < position + len(data):
            self._digest.update(data[self._hashed - position :])
            self._hashed = position + len(data)
        return len(data)

    def sha256(self) -> str:
        """The sha256 of the whole file; reads what nobody has read yet."""
        self._stream.seek(self._hashed)
        while data := self._stream.read(_BUFFER_BYTES):
            self._digest.update(data)
            self._hashed += len(data)
        return self._digest.hexdigest()
