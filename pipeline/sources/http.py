"""Undoes what HTTP did to a body: transfer chunks and content encodings, never past a limit of bytes.

Bounded by hand, because a kilobyte of gzip can unfold to a gigabyte. Crawlers often store bodies decoded but leave
the headers as they were, so a body that is not what its header says is taken as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n")
_PIECE_BYTES = 4096  # compressed bytes that go down together where a stream is damaged
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class TooLarge(Exception):
    """The decoded body is longer than the limit."""


def parse_head(block: bytes) -> tuple[int | None, dict[str, str], int]:
    """Status, headers (names in lower case, the last of equal ones) and the body's offset in an HTTP response.

    The status is ``None`` where the block doesn't begin with a status line.
    """
    status = re.match(rb"(?:HTTP/\d(?:\.\d)?[ \t]+)+(\d{3})\b", block)
    if status is None:
        return None, {}, 0
    end = re.search(rb"\r?\n\r?\n", block)
    head = block[: end.start()] if end else block
    headers = {}
    for line in head.decode("latin-1").split("\n")[1:]:
        name, separator, value = line.partition(":")
        if separator:
            headers[name.strip().lower()] = value.strip()
    return int(status[1]), headers, end.end() if end else len(block)


def decode_body(body: bytes, headers: dict[str, str], limit: int) -> bytes:
    """The body without transfer and content encodings. Raises :class:`TooLarge` past ``limit`` bytes.

    An encoding that breaks off in the middle yields what came before.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunk(body)
    for encoding in reversed([name.strip().lower() for name in headers.get("content-encoding", "").split(",")]):
        body = _decompress(body, encoding, limit)
    if len(body) > limit:
        raise TooLarge
    return body


def _unchunk(body: bytes) -> bytes:
    parts, position = [], 0
    while match := _CHUNK_SIZE.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size
    # No chunk at all: the crawler had undone them already. Broken off later: what came is all there is.
    return b"".join(parts) if parts else body


def _decompress(body: bytes, encoding: str, limit: int) -> bytes:
    try:
        if encoding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
            return _unfold(zlib.decompressobj(31).decompress, body, limit)
        if encoding == "deflate":
            try:
                return _unfold(zlib.decompressobj(15).decompress, body, limit)
            except zlib.error:
                return _unfold(zlib.decompressobj(-15).decompress, body, limit)
        if encoding == "br":
            decoder = brotli.Decompressor()
            result = _unfold(lambda piece, room: decoder.process(piece, output_buffer_limit=room), body, limit)
            if result or decoder.is_finished():  # else it was no brotli: the format has no magic number
                return result
        if encoding == "zstd" and body[:4] == _ZSTD_MAGIC:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body)
            result = reader.read(limit + 1)
            if len(result) > limit:
                raise TooLarge
            return result
    except (zlib.error, brotli.error, zstandard.ZstdError):
        pass
    return body


def _unfold(decompress: Callable[[bytes, int], bytes], body: bytes, limit: int) -> bytes:
    """What ``decompress(piece, longest result)`` makes of ``body``, up to where it is damaged or breaks off."""
    result = bytearray()
    for start in range(0, len(body), _PIECE_BYTES):
        try:
            result += decompress(body[start : start + _PIECE_BYTES], limit + 1 - len(result))
        except (zlib.error, brotli.error):
            if not result:
                raise
            break
        if len(result) > limit:
            raise TooLarge
    return bytes(result)
