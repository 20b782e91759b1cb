"""Which reader a file needs: by its name, and where that says nothing, by its first bytes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from pipeline import storage
from pipeline.sources.arc import read_arc
from pipeline.sources.captures import Limits
from pipeline.sources.common_crawl import is_selection, read_selection
from pipeline.sources.compressed import unpacked
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.parquet import read_parquet
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.stretches import Bounds, Seam, read_stretch
from pipeline.sources.wacz import read_wacz
from pipeline.sources.warc import read_warc
from recipes.schema import Read

Reader = Callable[[BinaryIO, str, Limits], Iterator[Record]]
"""Given the raw, seekable file, the name that stands for it in errors, and the limits."""

READERS: dict[str, Reader] = {
    ".warc": read_warc,
    ".wet": read_warc,
    ".wat": read_warc,
    ".arc": read_arc,
    ".wacz": read_wacz,
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".parq": read_parquet,
    ".jsonl": read_jsonl,
    ".jsonlines": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_jsonl,
}
# What may follow those. Whether a file really is packed, and how, its first bytes say.
_PACKED = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".snappy", ".lz4", ".brotli", ".open")
# For names that say nothing.
_FIRST_BYTES: tuple[tuple[bytes, Reader], ...] = (
    (b"PAR1", read_parquet), (b"PK\x03\x04", read_wacz), (b"filedesc:", read_arc), (b"{", read_jsonl),
)  # fmt: skip
_BUFFER_BYTES = 1 << 20
# No series of members: one piece to whoever reads it.
_PACKED_WHOLE = (".bz2", ".xz", ".snappy", ".lz4", ".brotli")


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
    limits = Limits(settings.max_record_bytes, settings.keep_truncated)
    if is_selection(path):
        chosen = read_selection(path, limits, on_sha256)
        yield from chosen if limit is None else _up_to_pages(chosen, limit)
        return
    with storage.open_read(path) as file:
        hashed = _HashedFile(file)
        stream = io.BufferedReader(cast("io.RawIOBase", hashed), _BUFFER_BYTES)
        reader = _by_name(path) or _by_first_bytes(stream)
        records = reader(stream, name, limits)
        yield from records if limit is None else _up_to_pages(records, limit)
        on_sha256(hashed.sha256())


def can_be_cut(path: str) -> bool:
    """Whether stretches of the file can be read on their own. Of other formats the failures count lines or rows."""
    return not is_selection(path) and _by_name(path) is read_warc and not path.lower().endswith(_PACKED_WHOLE)


def read_part_of_archive(
    path: str,
    name: str,
    settings: Read,
    bounds: Bounds,
    done: Callable[[tuple[str, Seam]], None],
) -> Iterator[Record]:
    """The records of a stretch of an archive (:func:`pipeline.sources.stretches.read_stretch`). ``done`` is told the
    sha256 of the stretch's bytes and how it was read, when the last record has been taken."""
    limits = Limits(settings.max_record_bytes, settings.keep_truncated)
    seams: list[Seam] = []
    with storage.open_read(path) as file:
        hashed = _HashedFile(file, bounds[0], bounds[1])
        yield from read_stretch(cast("BinaryIO", hashed), name, limits, bounds, seams.append)
        done((hashed.sha256(), seams[0]))


def _by_name(path: str) -> Reader | None:
    name = path.lower()
    while suffix := next((suffix for suffix in _PACKED if name.endswith(suffix)), None):
        name = name.removesuffix(suffix)
    return next((reader for suffix, reader in READERS.items() if name.endswith(suffix)), None)


def _by_first_bytes(stream: io.BufferedReader[Any]) -> Reader:
    try:
        head = unpacked(stream).read(64).lstrip()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, its reader says
        head = b""
    stream.seek(0)
    return next((reader for start, reader in _FIRST_BYTES if head.startswith(start)), read_warc)


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

    def __init__(self, stream: BinaryIO, start: int = 0, end: int | None = None):
        self._stream = stream
        self._digest = hashlib.sha256()
        self._hashed = start
        self._end = end

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
            self._add(data[self._hashed - position :])
        return len(data)

    def _add(self, data: bytes) -> None:
        taken = data if self._end is None else data[: max(0, self._end - self._hashed)]
        self._digest.update(taken)
        self._hashed += len(taken)

    def sha256(self) -> str:
        """The sha256 of the whole file, or of its bytes from ``start`` to ``end``; reads what nobody has read yet."""
        self._stream.seek(self._hashed)
        while (self._end is None or self._hashed < self._end) and (data := self._stream.read(_BUFFER_BYTES)):
            self._add(data)
        return self._digest.hexdigest()
