"""What HTTP did to a body, undone after RFC 9110 and 9112, never past a limit of bytes.

Bounded by hand, because a kilobyte of gzip can unfold to a gigabyte. Crawlers often store bodies decoded but leave
the headers as they were, so a body that is not what its header says is taken as it is. What is what its header says,
but breaks off, comes out as far as it goes and is marked as not complete.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import NamedTuple, Protocol

import brotli
import zstandard

_STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?[ \t]+)+(\d{3})\b")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
# RFC 9112, 7.1: any number of leading zeros; white space before the line's end is old practice (Apache 1.3).
_CHUNK_SIZE = re.compile(rb"0*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_BLANK = re.compile(rb"[ \t\r\n]*")
_GZIP_MEMBER = re.compile(rb"\x1f\x8b\x08")
_ZSTD_FRAME = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
_NO_OTHER = re.compile(rb"(?!)")
# "Binary data bytes" of the MIME Sniffing standard, section 3: what text in no charset holds.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_PIECE_BYTES = 4096  # compressed bytes that go down together where a stream is damaged
_ZSTD_PIECE_BYTES = 512  # unfold to 16 MB at the most
_DAMAGE = (zlib.error, brotli.error, zstandard.ZstdError)


class TooLarge(Exception):
    """The decoded body is longer than the limit."""


class Body(NamedTuple):
    """A body, and whether all of it is there."""

    data: bytes
    complete: bool


def parse_head(block: bytes) -> tuple[int | None, dict[str, str], int]:
    """Status, headers (names in lower case, equal ones joined by commas) and the body's offset in an HTTP response.

    Interim responses (RFC 9110, 15.2) before the final one are passed over, and so is what a proxy answers to CONNECT
    (9.3.6), which says nothing of a body. The status is ``None`` where the block
    doesn't begin with a status line.
    """
    start = 0
    while (status := _STATUS.match(block, start)) is not None:
        end = _HEAD_END.search(block, status.end())
        body_at = end.end() if end else len(block)
        code = int(status[1])
        headers = _headers(block[start : end.start() if end else body_at])
        interim = 100 <= code < 200 and code != 101
        tunnel = code == 200 and "content-type" not in headers and "content-length" not in headers
        if not ((interim or tunnel) and _STATUS.match(block, body_at)):
            return code, headers, body_at
        start = body_at
    return None, {}, 0


def _headers(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    last = ""
    for line in head.decode("latin-1").split("\n")[1:]:
        if line[:1] in (" ", "\t"):  # a folded line (RFC 9112, 5.2)
            if last:
                headers[last] = f"{headers[last]} {line.strip()}".strip()
            continue
        name, separator, value = line.partition(":")
        last = name.strip().lower() if separator else ""
        if last:
            # RFC 9110, 5.3: lines of one name are one list.
            headers[last] = f"{headers[last]}, {value.strip()}" if last in headers else value.strip()
    return headers


def decode_body(body: bytes, headers: dict[str, str], limit: int) -> Body:
    """The body without transfer and content codings. Raises :class:`TooLarge` past ``limit`` bytes.

    A Content-Length counts only where nothing else says where the body ends (RFC 9112, 6.3).
    """
    transfer, content = _codings(headers, "transfer-encoding"), _codings(headers, "content-encoding")
    complete = True
    if not transfer and not content:
        promised = _length(headers.get("content-length", ""))
        complete = promised is None or len(body) >= promised
    for coding in (*reversed(transfer), *reversed(content)):
        body, whole = _unchunk(body) if coding == "chunked" else _decompress(body, coding, limit)
        complete = complete and whole
    if len(body) > limit:
        raise TooLarge
    return Body(body, complete)


def _codings(headers: dict[str, str], name: str) -> list[str]:
    tokens = (token.partition(";")[0].strip(' \t"').lower() for token in headers.get(name, "").split(","))
    return [token for token in tokens if token and token != "identity"]


def _length(value: str) -> int | None:
    # Not int() of whatever isdigit() likes: headers hold superscripts, and thousands of digits.
    values = {part.strip() for part in value.split(",")}
    (digits,) = values if len(values) == 1 else {""}
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else None


def _unchunk(body: bytes) -> Body:
    """The chunks' data. A body that doesn't begin with one whole, well-formed chunk was decoded already, unless it
    breaks off inside it."""
    parts: list[bytes] = []
    blank = _BLANK.match(body)
    position = blank.end() if blank else 0
    while match := _CHUNK_SIZE.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return Body(b"".join(parts), True)
        data = body[match.end() : match.end() + size]
        if len(data) < size:  # broken off
            parts.append(data)
            return Body(b"".join(parts), False)
        end = _LINE_END.match(body, match.end() + size)
        if end is None and match.end() + size < len(body):
            if not parts:
                return Body(body, True)
            parts.append(data)
            break
        parts.append(data)
        position = end.end() if end else len(body)
    return Body(b"".join(parts), False) if parts else Body(body, True)


class _Decoder(Protocol):
    def decompress(self, data: bytes, room: int, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _Brotli:
    unused_data = b""

    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def decompress(self, data: bytes, room: int) -> bytes:
        return self._decoder.process(data, output_buffer_limit=room)

    @property
    def eof(self) -> bool:
        return self._decoder.is_finished()


class _Zstd:
    def __init__(self) -> None:
        # RFC 9659 allows 8 MB in HTTP; stored bodies are not always so tame.
        self._decoder = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    def decompress(self, data: bytes, room: int) -> bytes:
        return self._decoder.decompress(data)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data


def _decompress(body: bytes, coding: str, limit: int) -> Body:
    try:
        if coding in ("gzip", "x-gzip") and _GZIP_MEMBER.match(body):
            return _unfold(lambda: zlib.decompressobj(31), body, limit, _GZIP_MEMBER)
        if coding == "zstd" and _ZSTD_FRAME.match(body):
            return _unfold(_Zstd, body, limit, _ZSTD_FRAME, _ZSTD_PIECE_BYTES)
        if coding == "deflate":
            try:
                return _unfold(lambda: zlib.decompressobj(15), body, limit)
            except zlib.error:
                return _if_packed(_unfold(lambda: zlib.decompressobj(-15), body, limit), body)
        if coding == "br":
            return _if_packed(_unfold(_Brotli, body, limit), body)
    except _DAMAGE:
        pass
    return Body(body, True)


def _if_packed(found: Body, body: bytes) -> Body:
    """Two formats have no magic number, and text may begin like them: what they begin must end, or be no text."""
    return found if found.complete or _BINARY.search(body, 0, 512) else Body(body, True)


def _unfold(
    new: Callable[[], _Decoder],
    body: bytes,
    limit: int,
    another: re.Pattern[bytes] = _NO_OTHER,
    piece_bytes: int = _PIECE_BYTES,
) -> Body:
    """What decoders make of ``body``, up to where it is damaged or breaks off: one for each member that ``another``
    matches the beginning of. What follows the last one is padding."""
    result = bytearray()
    position = 0
    while True:
        decoder = new()
        while position < len(body) and not decoder.eof:
            piece = body[position : position + piece_bytes]
            try:
                result += decoder.decompress(piece, limit + 1 - len(result))
            except _DAMAGE:
                if not result:
                    raise
                return Body(bytes(result), False)
            position += len(piece)
            if len(result) > limit:
                raise TooLarge
        if not decoder.eof:
            return Body(bytes(result), False)
        position -= len(decoder.unused_data)
        if not another.match(body, position):
            return Body(bytes(result), True)
