"""Archives as series of gzip members or zstd frames: to read through them, and to find where records begin."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

from pipeline.sources.compressed import ZSTD_WINDOW_BYTES

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
DAMAGE = (EOFError, zlib.error)
_PIECE_BYTES = 65_536  # unfolds to 66 MB at the most
_SCAN_BYTES = 1 << 20
_SKIPPABLE = tuple(bytes([first]) for first in range(0x50, 0x60))
_ONE_BYTE, _RESERVED = 1, 3  # kinds of a frame's blocks
_PACKED = re.compile(re.escape(GZIP) + b"|" + re.escape(ZSTD))


class Members:
    """A file from ``offset`` on, read forwards and unpacked where a gzip member begins there.

    Raises ``EOFError`` where it ends inside a member, ``zlib.error`` where one is damaged or followed by something else.
    """

    def __init__(self, stream: BinaryIO, offset: int):
        stream.seek(offset)
        self._packed = stream.read(len(GZIP)) == GZIP
        stream.seek(offset)
        self._pieces = self._unpack(stream, offset) if self._packed else _plain(stream)
        self._buffer = b""
        self._at = 0
        self._member = offset  # where the member begins that the buffer's last piece is from: what is older is taken
        self._offset = offset

    @property
    def place(self) -> int:
        """Where the next byte lies: its member's offset, or, in a file that isn't packed, its own."""
        if self._at == len(self._buffer):
            self._more()
        if not self._packed:
            return self._offset + self._at
        return self._member

    def readline(self, limit: int) -> bytes:
        """The next line with its end, or ``limit`` bytes of it; nothing at the end of the file."""
        while (end := self._buffer.find(b"\n", self._at, self._at + limit)) < 0:
            if len(self._buffer) - self._at >= limit or not self._more():
                break
        return self._take(min(limit, (end + 1 if end >= 0 else len(self._buffer)) - self._at))

    def read(self, count: int) -> bytes:
        """The next ``count`` bytes; fewer at the end of the file only."""
        parts: list[bytes] = []
        while count > 0:
            if self._at == len(self._buffer) and not self._more():
                break
            parts.append(self._take(count))
            count -= len(parts[-1])
        return b"".join(parts)

    def skip(self, count: int) -> None:
        while count > 0 and (found := len(self.read(min(count, 1 << 20)))):
            count -= found

    def _take(self, count: int) -> bytes:
        taken = self._buffer[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def _more(self) -> bool:
        """Adds a piece to what isn't taken yet; whoever calls this takes all that, and of the piece what it wants."""
        piece = next(self._pieces, b"")
        if not self._packed:
            self._offset += self._at
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _unpack(self, stream: BinaryIO, offset: int) -> Iterator[bytes]:
        packed = b""
        while True:
            packed = packed or stream.read(_PIECE_BYTES)
            if not packed:
                return
            packed = packed.lstrip(b"\0")  # padding
            if not packed:
                continue
            self._member = stream.tell() - len(packed)
            decoder = zlib.decompressobj(31)
            while not decoder.eof:
                packed = packed or stream.read(_PIECE_BYTES)
                if not packed:
                    raise EOFError("the file ends inside a gzip member")
                piece = decoder.decompress(packed)
                packed = decoder.unused_data
                if piece:
                    yield piece


def _plain(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE_BYTES):
        yield piece


def end_of_member(stream: BinaryIO, offset: int) -> int | None:
    """The offset behind the gzip member or zstd frame at ``offset``; ``None`` if there is none, or it is cut off."""
    stream.seek(offset)
    head = stream.read(8)
    if head.startswith(ZSTD):
        return _end_of_frame(stream, offset)
    if _is_skippable(head):
        return _within(stream, offset + len(head) + int.from_bytes(head[4:], "little"))
    return _end_of_member(stream, offset)


def _is_skippable(head: bytes) -> bool:
    """Whether a frame of zstd begins so that holds no data: a dictionary, a table of frames, or anything."""
    return head[:1] in _SKIPPABLE and head[1:4] == b"\x2a\x4d\x18"


def _within(stream: BinaryIO, end: int) -> int | None:
    stream.seek(end - 1)
    return end if stream.read(1) else None


def _end_of_frame(stream: BinaryIO, offset: int) -> int | None:
    """By the headers of its blocks (RFC 8878, 3.1.1): nothing is unpacked, so that one that is cut off may seem to reach
    into what follows."""
    stream.seek(offset + len(ZSTD))
    flags = int.from_bytes(stream.read(1), "little")
    one_segment = flags >> 5 & 1
    stream.seek(1 - one_segment + (0, 1, 2, 4)[flags & 3] + (one_segment, 2, 4, 8)[flags >> 6], io.SEEK_CUR)
    is_last = False
    while not is_last:
        header = stream.read(3)
        if len(header) < 3:
            return None
        block = int.from_bytes(header, "little")
        is_last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        if kind == _RESERVED or not (is_last or size):
            return None
        stream.seek(1 if kind == _ONE_BYTE else size, io.SEEK_CUR)
    return _within(stream, stream.tell() + (4 if flags >> 2 & 1 else 0))


def after_member(stream: BinaryIO, offset: int) -> int | None:
    """Where the first gzip member or zstd frame behind the one at ``offset`` begins that isn't empty; ``None`` if there is
    none."""
    while (end := end_of_member(stream, offset)) is not None:
        stream.seek(end)
        head = stream.read(64)
        if not head:
            return None
        if not _is_empty_member(head):
            return end
        offset = end
    return None


def _is_empty_member(head: bytes) -> bool:
    if _is_skippable(head):
        return True
    decoder = zlib.decompressobj(31)
    try:
        return not decoder.decompress(head, 1) and decoder.eof
    except zlib.error:
        return False


def _end_of_member(stream: BinaryIO, offset: int) -> int | None:
    """The offset behind the gzip member at ``offset``; ``None`` if it isn't one, or is cut off."""
    stream.seek(offset)
    decoder = zlib.decompressobj(31)
    while chunk := stream.read(_PIECE_BYTES):
        try:
            decoder.decompress(chunk)
        except zlib.error:
            return None
        if decoder.eof:
            return stream.tell() - len(decoder.unused_data)
    return None


def unpacked_head(stream: BinaryIO, offset: int, count: int = 64) -> bytes:
    """The bytes at ``offset``; ``count`` of them, unpacked, if a gzip member or zstd frame begins there; none where it
    is broken."""
    stream.seek(offset)
    head = stream.read(4096)
    if head.startswith(ZSTD):
        try:
            return (
                zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj().decompress(head)[:count]
            )
        except zstandard.ZstdError:
            return b""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, count)
    except zlib.error:
        return b""


def _end_before_another(stream: BinaryIO, offset: int) -> int | None:
    """The end of the member or frame at ``offset``, where another follows or the file ends."""
    end = end_of_member(stream, offset) if offset >= 0 else None
    if end is not None:
        stream.seek(end)
        behind = stream.read(len(ZSTD))
        if not behind or behind.startswith((GZIP, ZSTD)):
            return end
    return None


def next_record(
    stream: BinaryIO,
    after: int,
    beginning: re.Pattern[bytes],
    begins: re.Pattern[bytes],
    count: int = 64,
    before: int | None = None,
) -> int | None:
    """The first offset past ``after`` where a record begins, or ``None`` if none does before ``before`` or the end.

    ``beginning`` finds candidates in what isn't packed; ``begins`` matches the first ``count`` bytes of a record.
    """
    overlap = 64
    # What a whole member holds isn't looked at: stored as it is, it may look like a record that isn't packed.
    position = _end_before_another(stream, after) or after + 1
    while True:
        stream.seek(position)
        chunk = stream.read(_SCAN_BYTES)
        if not chunk or (before is not None and position >= before):
            return None
        found = [match.start() for match in _PACKED.finditer(chunk)]
        found += [match.start() for match in beginning.finditer(chunk)]
        for offset in sorted(found):
            if before is not None and position + offset >= before:
                return None
            if begins.match(unpacked_head(stream, position + offset, count).lstrip()):
                return position + offset
        if len(chunk) < _SCAN_BYTES:
            return None
        position += len(chunk) - overlap
