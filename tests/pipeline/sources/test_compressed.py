"""Packed files to their very end: series, padding and layers are unpacked, and what is cut or followed by junk is an error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import compressed
from pipeline.sources.compressed import DAMAGE, spooled, unpacked

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstandard.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
LINES = b"".join(b'{"number": %d}\n' % number for number in range(500))


def read(data: bytes) -> bytes:
    return unpacked(io.BytesIO(data)).read()


@pytest.mark.parametrize("name", PACKERS)
@given(parts=st.lists(st.binary(max_size=60), min_size=1, max_size=4), padding=st.sampled_from([0, 4, 12, 20_000]))
def test_series_are_read_as_one_with_zeros_between_and_behind(name: str, parts: list[bytes], padding: int) -> None:
    parts = [b"{", *parts]  # what begins as packed files do would be unpacked once more
    data = b"".join(PACKERS[name](part) + bytes(padding) for part in parts)
    assert read(data) == b"".join(parts)


def test_zstd_with_a_long_window_is_read() -> None:
    """As large dumps are written (zstd --long=30); the size of what was packed, which would tell, isn't in the frame."""
    long = zstandard.ZstdCompressionParameters.from_level(3, window_log=30, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=long).compressobj()
    assert read(packer.compress(LINES) + packer.flush()) == LINES


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("piece", [1, 5, 8192])
def test_pieces_of_any_size_give_the_same(name: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "_PIECE_BYTES", piece)
    monkeypatch.setattr(compressed, "_ZSTD_PIECE_BYTES", piece)
    stream = unpacked(io.BytesIO(PACKERS[name](LINES[:1000]) + bytes(4) + PACKERS[name](LINES[1000:])))
    found = b""
    while data := stream.read(777):
        assert len(data) == 777 or len(found) + len(data) == len(LINES)
        found += data
    assert found == LINES and stream.read(1) == b""


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("cut", [-1, -5, -20])
def test_a_file_that_is_cut_is_no_short_one(name: str, cut: int) -> None:
    with pytest.raises(EOFError):
        read((PACKERS[name](LINES[:50]) + PACKERS[name](LINES))[:cut])


@pytest.mark.parametrize("name", PACKERS)
def test_junk_behind_a_file_is_damage(name: str) -> None:
    with pytest.raises((*DAMAGE, OSError)):
        read(PACKERS[name](LINES) + b"words that belong to nothing")


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_three_layers_are_taken_off(layers: int) -> None:
    data = LINES
    packings = list(PACKERS.values())
    for number in range(layers):
        data = packings[number](data)
    left = LINES if layers < 4 else PACKERS["gzip"](LINES)
    assert read(data) == left


def test_what_is_not_packed_is_handed_over_from_its_start() -> None:
    for data in (LINES, b"", b"BZ", b"\x1f", b"(\xb5/", b"\xfd7zXZ"):
        stream = io.BytesIO(data)
        assert unpacked(stream) is stream and stream.read() == data


def test_a_frame_to_be_skipped_may_come_first() -> None:
    for first in (0x50, 0x5F):
        skipped = bytes([first]) + b"\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
        assert read(skipped + zstandard.compress(LINES)) == LINES
    for first in (0x4F, 0x60):
        other = bytes([first]) + b"\x2a\x4d\x18 is no frame"
        assert read(other) == other


def test_lz4_is_named() -> None:
    with pytest.raises(zlib.error, match="packed by lz4"):
        read(b"\x04\x22\x4d\x18" + LINES)


@pytest.mark.parametrize("name", [None, *PACKERS])
def test_spooled_files_can_be_read_both_ways(name: str | None) -> None:
    data = PACKERS[name](LINES) if name else LINES
    stream = spooled(io.BytesIO(data))
    assert stream.read() == LINES
    stream.seek(10)
    assert stream.read(7) == LINES[10:17]
