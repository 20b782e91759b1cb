"""Files by path or URL, through fsspec: the same code reads and writes a laptop's disk, s3:// and gs://.

Nothing is renamed and nothing is appended: object stores can do neither. A file is written whole, from memory, under
a name that no other attempt uses (:mod:`pipeline.commit`).
"""

# pyarrow.compute makes its functions when it is imported, fsspec says too little of what it opens.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from typing import Any, BinaryIO

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.ranges import HttpFile, head, request


def join(base: str, *names: str) -> str:
    """``base`` and ``names`` joined by single slashes."""
    return "/".join([base.rstrip("/"), *(name.strip("/") for name in names)])


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
    if not is_remote(path):
        return open(path, "rb")
    if _is_http(path):
        return io.BufferedReader(HttpFile(path), 1 << 16)
    return fsspec.open(path, "rb", compression=None).open()


def is_there(path: str) -> bool:
    """Whether there is a file of this very name, whatever characters it holds."""
    if _is_http(path):  # a web server can tell whether a file is there, but not what a folder holds
        return size(path) is not None
    if not is_remote(path):
        return os.path.isfile(path)
    filesystem, name = fsspec.core.url_to_fs(path)
    return filesystem.isfile(name)


def read_range(path: str, start: int, count: int) -> bytes:
    """``count`` bytes from ``start`` on; fewer where the file ends."""
    if _is_http(path):
        return request(path, start, start + count - 1)[0]
    with open_read(path) as stream:
        stream.seek(start)
        return stream.read(count)


def _is_http(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def read_bytes(path: str) -> bytes:
    if _is_http(path):
        return request(path)[0]
    with open_read(path) as stream:
        return stream.read()


def write_bytes(path: str, data: bytes) -> None:
    """Writes ``data`` whole. Missing folders are made."""
    if is_remote(path):
        with fsspec.open(path, "wb", compression=None) as stream:
            stream.write(data)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(data)


def size(path: str) -> int | None:
    """Bytes in the file at ``path``, or ``None`` where there is none."""
    if not is_remote(path):
        return os.path.getsize(path) if os.path.isfile(path) else None
    if _is_http(path):
        try:
            length = head(path).get("content-length")
        except FileNotFoundError:
            return None
        return int(length) if length else None
    filesystem, name = fsspec.core.url_to_fs(path)
    return filesystem.size(name) if filesystem.exists(name) else None


def fingerprint(path: str) -> str:
    """Changes when the file changes, without reading it: size and time of change, or the store's own tag."""
    if not is_remote(path):
        stat = os.stat(path)
        return f"{stat.st_size}-{stat.st_mtime_ns}"
    if _is_http(path):
        headers = head(path)
        return f"{headers.get('content-length')}-{headers.get('etag') or headers.get('last-modified')}"
    filesystem, name = fsspec.core.url_to_fs(path)
    info = filesystem.info(name)
    return (
        f"{info.get('size')}-{info.get('ETag') or info.get('etag') or info.get('LastModified') or info.get('mtime')}"
    )


def list_files(directory: str) -> list[str]:
    """Every file below ``directory``, sorted; none where it doesn't exist."""
    if not is_remote(directory):
        return sorted(os.path.join(root, name) for root, _, names in os.walk(directory) for name in names)
    filesystem, name = fsspec.core.url_to_fs(directory)
    filesystem.invalidate_cache()
    return (
        sorted(filesystem.unstrip_protocol(found) for found in filesystem.find(name))
        if filesystem.exists(name)
        else []
    )


def remove_files(paths: list[str]) -> None:
    """Removes files, of one place and many at a time; absent ones are fine."""
    if not paths:
        return
    if is_remote(paths[0]):
        filesystem, _ = fsspec.core.url_to_fs(paths[0])
        filesystem.rm([filesystem._strip_protocol(path) for path in paths])
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


def parquet_bytes(table: pa.Table, row_group_rows: int) -> bytes:
    """``table`` as Parquet with fixed row groups: the same table gives the same bytes."""
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, compression="zstd", compression_level=3) as writer:
        # No row group rather than an empty one, by whose length Hugging Face's datasets would read the file.
        if table.num_rows:
            writer.write_table(table, row_group_rows)
    return sink.getvalue()


def open_parquet(path: str) -> pq.ParquetFile:
    # Whole-file reads: on object stores many ranged reads of small columns cost more than the bytes they save.
    if is_remote(path):
        return pq.ParquetFile(io.BytesIO(read_bytes(path)))
    return pq.ParquetFile(path)


def read_table(path: str, columns: list[str] | None = None, row_groups: list[int] | None = None) -> pa.Table:
    """Columns of a Parquet file, all row groups or the named ones."""
    with open_parquet(path) as file:
        if row_groups is None:
            return file.read(columns=columns)
        return file.read_row_groups(row_groups, columns=columns)


def dump_json(value: Any) -> bytes:
    """JSON for people and for comparison: sorted keys, two spaces, a final line feed."""
    import json

    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
