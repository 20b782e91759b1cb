"""Undoes the compression of a whole file, by its first bytes and to its very end.

A file that ends inside a member, frame or block raises ``EOFError``: a crawl that was cut off while it was copied must
not look like a short one. gzip (RFC 1952), zstd (RFC 8878), bzip2 and xz files are series of members, frames or streams, and
what follows one, but for zeros, is another or an error. What was packed twice, as by a server that packs ``.gz`` files once
more, is unpacked twice.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

import zstandard

# What the readers below raise where a file is damaged or cut off; disks and networks raise other OSErrors.
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, lzma.LZMAError)
# zstd --long=31, as large dumps are written: what one worker may have to hold.
ZSTD_WINDOW_BYTES = 1 << 31
_ZSTD_PIECE_BYTES = 8192  # unfold to 256 MB at the most
_PIECE_BYTES = 1 << 16
_MOST_LAYERS = 3
_SKIPPABLE = bytes(range(0x50, 0x60))
# A zstd file may begin with the dictionary that its frames need, packed or not (Zstandard WARC 1.0, IIPC).
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_DICTIONARY_BYTES = 32 << 20


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
            if self._frame is None:
                self._packed = self._packed.lstrip(b"\0")  # padding
            if not self._packed:
                self._packed = self._stream.read(_ZSTD_PIECE_BYTES)
                if self._packed:
                    continue
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


class _Decoder(Protocol):
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _Streams(io.RawIOBase):
    """A bzip2 or xz file of any number of streams, read forwards. Python's own readers take what isn't a stream for the
    end of the file."""

    def __init__(self, stream: BinaryIO, new: Callable[[], _Decoder]):
        self._stream = stream
        self._new = new
        self._decoder = new()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while True:
            packed = b""
            if self._decoder.eof:
                packed = self._decoder.unused_data.lstrip(b"\0")
                while not packed:
                    piece = self._stream.read(_PIECE_BYTES)
                    if not piece:
                        return 0
                    packed = piece.lstrip(b"\0")  # padding
                self._decoder = self._new()
            elif self._decoder.needs_input:
                packed = self._stream.read(_PIECE_BYTES)
                if not packed:
                    raise EOFError("the file ends inside a compressed stream")
            data = self._decoder.decompress(packed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)


def _opener(head: bytes) -> Callable[[BinaryIO], gzip.GzipFile | io.BufferedReader] | None:
    """How a file that begins with ``head`` (6 bytes or more) is unpacked; ``None`` where it isn't packed."""
    if head.startswith(b"\x1f\x8b"):
        return lambda stream: gzip.GzipFile(fileobj=stream, mode="rb")
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[:1] in _SKIPPABLE and head[1:4] == b"\x2a\x4d\x18"):
        return lambda stream: io.BufferedReader(_ZstdFile(stream), 1 << 17)
    if head.startswith(b"BZh"):
        return lambda stream: io.BufferedReader(_Streams(stream, bz2.BZ2Decompressor), 1 << 17)
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda stream: io.BufferedReader(_Streams(stream, lzma.LZMADecompressor), 1 << 17)
    if head.startswith(b"\x04\x22\x4d\x18"):
        raise zlib.error("it is packed by lz4, which tables are not read from; unpack it first")
    return None


def unpacked(stream: BinaryIO) -> BinaryIO:
    """``stream`` (seekable, at its start) without its compression, to be read forwards."""
    head = stream.read(6)
    stream.seek(0)
    for _ in range(_MOST_LAYERS):
        open_packed = _opener(head)
        if open_packed is None:
            break
        unpacking = open_packed(stream)
        head, stream = unpacking.peek(6)[:6], cast("BinaryIO", unpacking)
    return stream


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


def has_excessive_dictionary(stream: BinaryIO) -> bool:
    """Whether the file begins with a zstd dictionary of more than 32 MiB, which who reads it would hold unpacked."""
    stream.seek(0)
    head = stream.read(8)
    if not head.startswith(_DICTIONARY):
        return False
    size = int.from_bytes(head[4:], "little")
    if size > _DICTIONARY_BYTES:
        return True
    packed = stream.read(size)
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    try:
        return len(decoder.stream_reader(packed).read(_DICTIONARY_BYTES + 1)) > _DICTIONARY_BYTES
    except zstandard.ZstdError:
        return False  # it isn't packed, or is damaged, as who reads it says
