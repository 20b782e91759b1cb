"""Files by path or URL: the same code reads and writes a laptop's disk, s3:// and gs://, and reads from web servers.

Nothing is renamed and nothing is appended: object stores can do neither. A file is written whole, from memory, under
a name that no other attempt uses (:mod:`pipeline.commit`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import object_stores
from pipeline.ranges import head, http_file, request

# Of a Parquet file: a request more costs as much time as these bytes.
_SMALL_BYTES = 1 << 20
_SAMPLES = 16
_SAMPLE_BYTES = 4096
_BATCH = 10_000
_KEYS_PER_REQUEST = 1000  # of a listing or a removal, as S3 has it

REQUESTS: Counter[str] = Counter()
"""What this process has asked of storage: files opened for ``reading``, files ``written``, and ``questions`` (whether
there is a file, how large, which; removals). In some stores an opening is two requests, for the size and for the bytes."""


def join(base: str, *names: str) -> str:
    """``base`` and ``names`` joined by single slashes."""
    return "/".join([base.rstrip("/"), *[name.strip("/") for name in names]])


def is_remote(path: str) -> bool:
    return "://" in path and not path.startswith("file://")


def absolute(path: str) -> str:
    """An absolute local path without a scheme, or the URL as it is: what worker processes elsewhere can open.

    Raises ``ValueError`` for an empty path, which would be the working directory.
    """
    if not path.strip():
        raise ValueError("a path is empty (--input or --output); is the variable set that it was written with?")
    return path if is_remote(path) else os.path.abspath(path.removeprefix("file://"))


def open_read(path: str) -> BinaryIO:
    """``path`` opened for reading raw bytes (never decompressed), seekable."""
    REQUESTS["reading"] += 1
    if not is_remote(path):
        return open(path, "rb")
    if _is_http(path):
        return io.BufferedReader(http_file(path), 1 << 16)
    return io.BufferedReader(object_stores.open_ranged(path), 1 << 16)


def is_there(path: str) -> bool:
    """Whether there is a file of this very name, whatever characters it holds."""
    REQUESTS["questions"] += 1
    if _is_http(path):  # a web server can tell whether a file is there, but not what a folder holds
        return size(path) is not None
    if not is_remote(path):
        return os.path.isfile(path)
    about = object_stores.describe(path)
    return about is not None and about.get("type") == "file"


def read_range(path: str, start: int, count: int) -> bytes:
    """``count`` bytes from ``start`` on; fewer where the file ends."""
    if _is_http(path):
        REQUESTS["reading"] += 1
        return request(path, start, start + count - 1)[0]
    if is_remote(path):
        REQUESTS["reading"] += 1
        return object_stores.read_range(path, start, start + count)
    with open_read(path) as stream:
        stream.seek(start)
        return stream.read(count)


def _is_http(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def read_bytes(path: str) -> bytes:
    if _is_http(path):
        REQUESTS["reading"] += 1
        return request(path)[0]
    if is_remote(path):
        REQUESTS["reading"] += 1
        return object_stores.read_whole(path)
    with open_read(path) as stream:
        return stream.read()


def write_bytes(path: str, data: bytes) -> None:
    """Writes ``data`` whole. Missing folders are made, but no bucket: a misspelt one is an error."""
    REQUESTS["written"] += 1
    if is_remote(path):
        object_stores.write(path, data)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(data)


def write_pieces(path: str, pieces: Iterable[bytes]) -> int:
    """Writes ``pieces`` one behind the other, as :func:`write_bytes` writes all of them, and returns the number of bytes. To
    a store they go together, by one request."""
    if is_remote(path):
        data = b"".join(pieces)
        write_bytes(path, data)
        return len(data)
    REQUESTS["written"] += 1
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        return sum(map(stream.write, pieces))


def size(path: str) -> int | None:
    """Bytes in the file at ``path``, or ``None`` where there is none."""
    REQUESTS["questions"] += 1
    if not is_remote(path):
        return os.path.getsize(path) if os.path.isfile(path) else None
    if _is_http(path):
        try:
            length = head(path).get("content-length")
        except FileNotFoundError:
            return None
        return int(length) if length else None
    about = object_stores.describe(path)
    return about.get("size") if about is not None and about.get("type") == "file" else None


def fingerprint(path: str) -> str:
    """Changes when the file changes, without reading much of it: its size and a hash of samples, or the store's own tag.

    A file that was only touched, or copied, keeps its fingerprint. Small files are sampled whole; in larger ones a change
    of a few bytes that are no sample isn't seen, which packed files rule out: a change moves all that follows.
    """
    REQUESTS["questions"] += 1
    if not is_remote(path):
        digest = hashlib.sha256()
        with open(path, "rb") as stream:
            length = os.fstat(stream.fileno()).st_size
            for start in range(0, length, max(_SAMPLE_BYTES, -(-length // _SAMPLES))):
                stream.seek(start)
                digest.update(stream.read(_SAMPLE_BYTES))
            stream.seek(max(0, length - _SAMPLE_BYTES))
            digest.update(stream.read())
        return f"{length}-{digest.hexdigest()[:32]}"
    if _is_http(path):
        headers = head(path)
        return f"{headers.get('content-length')}-{headers.get('etag') or headers.get('last-modified')}"
    info = object_stores.describe(path)
    if info is None:
        raise FileNotFoundError(f"there is no file {path}")
    return (
        f"{info.get('size')}-{info.get('ETag') or info.get('etag') or info.get('LastModified') or info.get('mtime')}"
    )


def list_files(directory: str) -> list[str]:
    """Every file below ``directory``, sorted; none where it doesn't exist."""
    if not is_remote(directory):
        found = sorted(os.path.join(root, name) for root, _, names in os.walk(directory) for name in names)
    else:
        found = object_stores.files_below(directory)
    REQUESTS["questions"] += max(1, -(-len(found) // _KEYS_PER_REQUEST))
    return found


def files_in_batches(directory: str) -> Iterator[list[str]]:
    """Every file below ``directory``, in any order, some thousands at a time: of a local folder no more are in memory, of a
    store those of one folder in it. They may be removed as they come."""
    found = _each_file(directory) if not is_remote(directory) else object_stores.each_file(directory)
    while batch := list(itertools.islice(found, _BATCH)):
        REQUESTS["questions"] += -(-len(batch) // _KEYS_PER_REQUEST)
        yield batch


def _each_file(directory: str) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(directory) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _each_file(entry.path)
            else:
                yield entry.path


def remove_files(paths: list[str]) -> None:
    """Removes files, of one place and many at a time; absent ones are fine."""
    if not paths:
        return
    REQUESTS["questions"] += -(-len(paths) // _KEYS_PER_REQUEST)
    if is_remote(paths[0]):
        object_stores.remove(paths)
        return
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def free_bytes(path: str) -> int | None:
    """Free bytes on the local disk that holds ``path``; ``None`` for a remote path."""
    if is_remote(path):
        return None
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: str) -> str:
    """That of a file of any length."""
    digest = hashlib.sha256()
    with open_read(path) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


_PACKED: dict[str, Any] = {"compression": "zstd", "compression_level": 3}
_UNPACKED: dict[str, Any] = {"compression": "none"}


def parquet_bytes(table: pa.Table, row_group_rows: int, packed: bool = True, checked: bool = False) -> bytes:
    """``table`` as Parquet with fixed row groups: the same table gives the same bytes. ``packed``: by zstd. ``checked``:
    with a checksum of each page, by which :func:`open_parquet` sees that a byte has changed."""
    sink = io.BytesIO()
    settings = {**(_PACKED if packed else _UNPACKED), "write_page_checksum": checked}
    with pq.ParquetWriter(sink, table.schema, **settings) as writer:
        # No row group rather than an empty one, by whose length Hugging Face's datasets would read the file.
        if table.num_rows:
            writer.write_table(table, row_group_rows)
    return sink.getvalue()


def parquet_of(schema: pa.Schema, row_groups: Iterable[pa.Table]) -> bytes:
    """A row group for each table: :func:`parquet_bytes` of all rows, if they are cut alike, without holding them at once."""
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, schema, **_PACKED) as writer:
        for rows in row_groups:
            writer.write_table(rows.combine_chunks(), max(1, len(rows)))
    return sink.getvalue()


def open_parquet(path: str, whole: bool = False) -> pq.ParquetFile:
    """A Parquet file opened. Of a remote one the footer is read, and then what is asked for, neighbouring ranges
    together; small ones, and those of which the ``whole`` is wanted, are read by one request.

    Raises ``RuntimeError`` for a file that is no Parquet: those that a run has written were whole.
    """
    try:
        return _open_parquet(path, whole)
    except pa.ArrowInvalid as error:
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> RuntimeError:
    return RuntimeError(
        f"{path} is damaged ({error}); it was whole when the run wrote it. Start the run again in a new folder"
    )


def _open_parquet(path: str, whole: bool) -> pq.ParquetFile:
    if (whole and is_remote(path)) or _is_http(path):
        return _checking(io.BytesIO(read_bytes(path)))
    REQUESTS["reading"] += 1
    if not is_remote(path):
        return _checking(path)
    # No reading ahead, which would fetch megabytes around each range.
    stream = object_stores.open_ranged(path, block_bytes=0)
    if stream.size <= _SMALL_BYTES:
        return _checking(io.BytesIO(stream.read()))
    return _checking(stream, pre_buffer=True)


_checking = partial(pq.ParquetFile, page_checksum_verification=True)


def open_arrow(path: str) -> tuple[pa.NativeFile, pa.ipc.RecordBatchFileReader]:
    """A file in Arrow's own format, which is the caller's to close, and its reader. Raises as :func:`open_parquet`."""
    REQUESTS["reading"] += 1
    if is_remote(path):
        stream = object_stores.open_ranged(path, block_bytes=_SMALL_BYTES)
        small = stream.size <= _SMALL_BYTES
        file = pa.BufferReader(stream.read()) if small else pa.PythonFile(stream, mode="r")
    else:
        file = pa.OSFile(path)
    try:
        return file, pa.ipc.open_file(file)
    except pa.ArrowInvalid as error:
        file.close()
        raise _damaged(path, error) from error


def read_table(path: str, columns: list[str] | None = None, row_groups: list[int] | None = None) -> pa.Table:
    """Columns of a Parquet file, all row groups or the named ones. Raises as :func:`open_parquet` does, also for a file
    of which only the rows are damaged."""
    with open_parquet(path, whole=columns is None and row_groups is None) as file:
        try:
            if row_groups is None:
                return file.read(columns=columns)
            return file.read_row_groups(row_groups, columns=columns)
        except (pa.ArrowInvalid, OSError) as error:
            # Arrow's own OSErrors have no number, which those of disks have. Stores raise what they like.
            if isinstance(error, OSError) and (
                type(error) is not OSError or error.errno is not None or is_remote(path)
            ):
                raise
            raise _damaged(path, error) from error


def dump_json(value: Any, sort_keys: bool = True) -> bytes:
    """JSON for people and for comparison: two spaces, a final line feed, keys sorted unless their order says something."""
    return (json.dumps(value, indent=2, sort_keys=sort_keys, ensure_ascii=False) + "\n").encode()
