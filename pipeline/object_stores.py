"""Stores that fsspec knows (s3://, gs:// and others): each question asked patiently (:mod:`pipeline.retries`).

What a client would do by itself is switched off where it can be, so that attempts are counted once: s3fs and botocore
ask again five times each, one within the other, and neither heeds Retry-After. Listings aren't cached: other processes
write here too.
"""

# fsspec says too little of what it opens.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import fsspec

from pipeline.ranges import BLOCK_BYTES, RangedFile
from pipeline.retries import (
    BROKEN_OFF,
    BUSY,
    TRY_AGAIN,
    UNREACHABLE,
    Answer,
    BrokenOff,
    Trouble,
    patiently,
    seconds_of,
)
from pipeline.storage_errors import is_missing_bucket

# Stores with folders, which must be there before a file; in others a folder is part of a file's name.
_HAVE_FOLDERS = frozenset(("sftp", "ssh", "hdfs", "webhdfs", "arrow_hdfs", "smb", "ftp"))
_S3 = ("s3", "s3a")
# By the names of classes of botocore, aiohttp and urllib3: none of them need be installed.
_CLIENTS = ("botocore", "aiobotocore", "aiohttp", "urllib3", "gcsfs", "requests")
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ClientConnectorError", "ProxyConnectionError",
                "ClientConnectorDNSError", "ConnectionTimeoutError")  # fmt: skip
_BROKEN_OFF = ("ReadTimeoutError", "ConnectionClosedError", "ClientPayloadError", "ResponseStreamingError",
               "IncompleteReadError", "IncompleteRead", "ServerDisconnectedError", "ClientOSError", "HTTPClientError",
               "ConnectionError", "ResponseParserError", "FlexibleChecksumError", "ChecksumError",
               "SocketTimeoutError", "ServerTimeoutError", "ChunkedEncodingError")  # fmt: skip
_BUSY_CODES = ("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling", "ThrottlingException",
               "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded")  # fmt: skip


def filesystem(path: str) -> tuple[Any, str]:
    """fsspec's file system for a URL, and the path in it."""
    options: dict[str, Any] = {}
    if path.partition("://")[0] in _S3:
        configured = fsspec.config.conf.get("s3", {}).get("config_kwargs", {})
        options = {
            "use_listings_cache": False,
            "config_kwargs": {**configured, "retries": {"total_max_attempts": 1, "mode": "standard"}},
        }
    found, name = fsspec.core.url_to_fs(path, **options)
    if options:
        found.retries = 1
    return found, name


def describe(path: str) -> dict[str, Any] | None:
    """What the store says of the file or folder at ``path``; ``None`` where there is none. Raises ``FileNotFoundError``
    where there is no bucket."""
    found, name = filesystem(path)
    try:
        return _ask(path, found.info, name)
    except FileNotFoundError as error:
        if is_missing_bucket(error):
            raise
        return None


def read_whole(path: str) -> bytes:
    found, name = filesystem(path)
    return _ask(path, found.cat_file, name)


def read_range(path: str, start: int, end: int) -> bytes:
    """The bytes from ``start`` up to, not including, ``end``; fewer where the file ends."""
    found, name = filesystem(path)
    return _ask(path, found.cat_file, name, start=start, end=end)


def open_ranged(path: str, block_bytes: int = BLOCK_BYTES) -> RangedFile:
    """The file at ``path``, of which each range is asked for until it comes whole. Raises ``FileNotFoundError``."""
    about = describe(path)
    if about is None or about.get("type") != "file":
        raise FileNotFoundError(f"there is no file {path}")
    return RangedFile(path, about["size"], partial(_exact_range, path), block_bytes)


def _exact_range(path: str, start: int, end: int) -> bytes:
    found, name = filesystem(path)

    def ask() -> bytes:
        data = found.cat_file(name, start=start, end=end)
        if len(data) != end - start:
            raise BrokenOff(f"{path}: {len(data)} bytes came of the {end - start} from byte {start} on")
        return data

    return _patiently(path, ask)


def write(path: str, data: bytes) -> None:
    found, name = filesystem(path)
    protocols = [found.protocol] if isinstance(found.protocol, str) else found.protocol
    if _HAVE_FOLDERS.intersection(protocols):
        _ask(path, found.makedirs, name.rpartition("/")[0], exist_ok=True)
    _ask(path, found.pipe_file, name, data)


def files_below(directory: str) -> list[str]:
    """The files below ``directory``, as URLs that begin as it does (``s3a://`` stays ``s3a://``), sorted."""
    found, name = filesystem(directory)
    found.invalidate_cache()
    try:
        names = _ask(directory, found.find, name)
    except FileNotFoundError as error:
        if is_missing_bucket(error):
            raise
        return []
    base = name.rstrip("/")
    return sorted(directory.rstrip("/") + one[len(base) :] for one in names if one != base)


def each_file(directory: str) -> Iterator[str]:
    """The files below ``directory``, named as by :func:`files_below`, those of one folder in it in memory at a time."""
    found, name = filesystem(directory)
    found.invalidate_cache()
    try:
        inside = _ask(directory, found.ls, name, detail=True)
    except FileNotFoundError as error:
        if is_missing_bucket(error):
            raise
        return
    base = name.rstrip("/")
    for one in sorted(inside, key=lambda one: one["name"]):
        path = directory.rstrip("/") + one["name"].rstrip("/")[len(base) :]
        if one["type"] == "directory":
            yield from each_file(path)
        elif path != directory.rstrip("/"):
            yield path


def matching(pattern: str) -> list[str]:
    """The names in the store that a pattern of fsspec's matches, folders among them, with its scheme."""
    found, name = filesystem(pattern)
    scheme = pattern.partition("://")[0]
    return [f"{scheme}://{one}" for one in _ask(pattern, found.glob, name)]


def remove(paths: list[str]) -> None:
    """Removes files of one store, many at a time; absent ones are fine."""
    found, _ = filesystem(paths[0])
    _ask(paths[0], found.rm, [found._strip_protocol(path) for path in paths])


def _ask(path: str, question: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    return _patiently(path, lambda: question(*arguments, **named))


def _patiently(path: str, ask: Callable[[], Answer]) -> Answer:
    try:
        return patiently(path.partition("://")[0], path, ask, _trouble)
    except (FileNotFoundError, PermissionError) as error:
        # What the store says doesn't name what it was asked for.
        if isinstance(error, PermissionError) or is_missing_bucket(error):
            raise type(error)(f"{path}: {error}") from error
        raise


def _trouble(error: BaseException | None) -> Trouble | None:
    """Whether the same request may succeed later; the cause says more than what a client makes of it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, FileNotFoundError | PermissionError):
            return None
        if found := _trouble_itself(error):
            return found
        error = error.__cause__ or error.__context__
    return None


def _trouble_itself(error: BaseException) -> Trouble | None:
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # of botocore's ClientError
        about = response.get("ResponseMetadata", {})
        code = response.get("Error", {}).get("Code", "")
        if about.get("HTTPStatusCode") in TRY_AGAIN or code in _BUSY_CODES:
            return Trouble(BUSY, seconds_of(about.get("HTTPHeaders", {}).get("retry-after")))
        return None
    name = type(error).__name__
    if type(error).__module__.partition(".")[0] in _CLIENTS:
        if name in _UNREACHABLE:
            return Trouble(UNREACHABLE)
        if name in _BROKEN_OFF:
            return Trouble(BROKEN_OFF)
    return Trouble(BROKEN_OFF) if isinstance(error, BrokenOff | TimeoutError | ConnectionError) else None
