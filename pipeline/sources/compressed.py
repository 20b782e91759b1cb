"""Undoes the compression of a whole file, by its first bytes and to its very end.

A file that ends inside a member, frame or block raises ``EOFError``: a crawl that was cut off while it was copied must
not look like a short one. gzip (RFC 1952) and zstd (RFC 8878) files are series of members or frames.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

import zstandard

# What the readers below raise where a file is damaged or cut off; disks and networks raise other OSErrors.
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, lzma.LZMAError)
# zstd --long=31, as large dumps are written: what one worker may have to hold.
ZSTD_WINDOW_BYTES = 1 << 31
_ZSTD_PIECE_BYTES = 8192  # unfold to 256 MB at the most
_SKIPPABLE = bytes(range(0x50, 0x60))


class _ZstdFile(io.RawIOBase):
    """A zstd file of any number of frames, read forwards."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = self._unpacked = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._unpacked:
            self._packed = self._packed or self._stream.read(_ZSTD_PIECE_BYTES)
            if not self._packed:
                if self._frame is not None:
                    raise EOFError("the file ends inside a zstd frame")
                return 0
            frame = self._frame or zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()
            self._unpacked = frame.decompress(self._packed)
            self._packed = frame.unused_data if frame.eof else b""
            self._frame = None if frame.eof else frame
        count = min(len(buffer), len(self._unpacked))
        buffer[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        return count


def opener(head: bytes) -> Callable[[BinaryIO], BinaryIO] | None:
    """How a file that begins with ``head`` (6 bytes or more) is unpacked; ``None`` where it isn't packed."""
    if head.startswith(b"\x1f\x8b"):
        return lambda stream: cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[:1] in _SKIPPABLE and head[1:4] == b"\x2a\x4d\x18"):
        return lambda stream: io.BufferedReader(_ZstdFile(stream), 1 << 17)
    if head.startswith(b"BZh"):
        return lambda stream: cast("BinaryIO", bz2.BZ2File(stream))
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda stream: cast("BinaryIO", lzma.LZMAFile(stream))
    return None


def unpacked(stream: BinaryIO) -> BinaryIO:
    """``stream`` (seekable, at its start) without its compression, to be read forwards."""
    head = stream.read(6)
    stream.seek(0)
    open_packed = opener(head)
    return stream if open_packed is None else open_packed(stream)


def spooled(stream: BinaryIO) -> BinaryIO:
    """As :func:`unpacked`, but seekable both ways: what was packed is unpacked into a temporary file first."""
    source = unpacked(stream)
    if source is stream:
        return stream
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with its last reader)
    while data := source.read(1 << 20):
        file.write(data)
    file.seek(0)
    return file
