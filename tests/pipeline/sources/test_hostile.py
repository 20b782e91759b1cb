"""Input that was made to cost much: each costs what is stated, is counted, and does no harm to its neighbours."""

from __future__ import annotations

import gzip
import io
import resource
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from pipeline.sources.captures import Limits
from pipeline.sources.files import read_records
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.sources.warc import read_warc
from recipes.schema import Read
from tests.pipeline.sources.test_warc import OK, record

LIMIT = 1 << 20
BOMB_BYTES = 1 << 26  # of zeros, of which each coding makes a thousandth or less


def _chunks(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def _packed(compressor: object) -> bytes:
    """Zeros, without having them all in memory."""
    block = bytes(1 << 20)
    parts = [compressor.compress(block) for _ in range(BOMB_BYTES >> 20)]  # type: ignore[attr-defined]
    return b"".join(parts) + compressor.flush()  # type: ignore[attr-defined]


class _Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=1)
        self.compress, self.flush = self._compressor.process, self._compressor.finish


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: _packed(zlib.compressobj(wbits=31)),
    "deflate": lambda: _packed(zlib.compressobj()),
    "br": lambda: _packed(_Brotli()),
    "zstd": lambda: _packed(zstandard.ZstdCompressor().compressobj()),
}


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _between_neighbours(hostile: bytes) -> list[Record]:
    """What is read of an archive with a sound page before and behind, record by record in gzip members."""
    data = b"".join(gzip.compress(one, 1, mtime=0) for one in (record(1), hostile, record(3)))
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [page.url for page in (found[0], found[-1])] == ["https://mill.example/1", "https://mill.example/3"]
    assert all(isinstance(page, PageRecord) for page in (found[0], found[-1]))
    return found[1:-1]


@pytest.mark.parametrize("coding", BOMBS)
@pytest.mark.parametrize("chunked", [False, True], ids=["", "chunked"])
def test_a_bomb_is_one_rejection_and_is_not_unfolded(coding: str, chunked: bool) -> None:
    body = BOMBS[coding]()
    assert len(body) < BOMB_BYTES / 900
    head = OK[:-2] + f"Content-Encoding: {coding}\r\n" + ("Transfer-Encoding: chunked\r\n" if chunked else "") + "\r\n"
    hostile = record(2, body=_chunks(body) if chunked else body, head=head)
    before, began = _peak_mib(), time.process_time()
    (found,) = _between_neighbours(hostile)
    assert isinstance(found, RejectedRecord) and found.reason == "too_large"
    assert time.process_time() - began < 5 and _peak_mib() - before < 32


_HEAD = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://mill.example/2\r\n"


@pytest.mark.parametrize(
    ("before", "unit"),
    [
        (_HEAD + b"X: ", b"a"),
        (_HEAD, b"a"),
        (_HEAD, b"X-A: b\r\n"),
        (_HEAD.lower().replace(b"warc/", b"WARC/") + b"x: ", b"a"),
        (_HEAD.lower().replace(b"warc/", b"WARC/") + b"x: a\r\n", b" folded\r\n"),
        (b"", b"a"),
        (b"WARC/1.0", b"a"),
        (b"", b"\0"),
        (record(2), b"a"),
        (_HEAD + b"Content-Type: application/http; msgtype=response\r\nContent-Length: 99999999\r\n\r\nHTTP/1.1 200 OK\r\n", b"a"),
    ],
    ids=["value", "name", "lines", "lower", "folded", "first line", "version", "zeros", "behind a record", "http"],
)  # fmt: skip
@pytest.mark.parametrize("pack", [lambda data: gzip.compress(data, 1), zstandard.compress], ids=["gzip", "zstd"])
def test_a_head_that_does_not_end_is_counted_and_is_not_unfolded(
    before: bytes, unit: bytes, pack: Callable[[bytes], bytes]
) -> None:
    data = pack(record(1)) + pack(before + unit * (BOMB_BYTES // len(unit))) + pack(record(3))
    held, began = _peak_mib(), time.process_time()
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [type(found[0]), type(found[-1])] == [PageRecord, PageRecord] and 3 <= len(found) <= 5
    assert any(isinstance(each, FailedRecord | RejectedRecord) for each in found[1:-1])
    assert time.process_time() - began < 5 and _peak_mib() - held < 96


@pytest.mark.parametrize("claimed", [None, 0xFFFFFFF0, 8])
def test_a_zstd_dictionary_that_is_a_bomb_is_not_unfolded(claimed: int | None) -> None:
    dictionary = zstandard.compress(bytes(BOMB_BYTES))
    length = (len(dictionary) if claimed is None else claimed).to_bytes(4, "little")
    data = b"\x5d\x2a\x4d\x18" + length + dictionary + zstandard.compress(record(1)) + zstandard.compress(record(3))
    held, began = _peak_mib(), time.process_time()
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [type(each).__name__ for each in found] == ["FailedRecord", "PageRecord", "PageRecord"]
    assert time.process_time() - began < 5 and _peak_mib() - held < 48


@pytest.mark.parametrize("more", [1, 1 << 40])
def test_a_frame_of_zstd_that_claims_more_than_it_holds_swallows_no_neighbour(more: int) -> None:
    lying = record(2, length=len(OK) + 5 + more)
    data = b"".join(map(zstandard.compress, (record(1), lying, record(3), record(4))))
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [each.url for each in found if isinstance(each, PageRecord)][-1] == "https://mill.example/4"
    assert {"https://mill.example/1", "https://mill.example/3"} <= {each.url for each in found}


def test_frames_that_hold_no_data_are_no_damage() -> None:
    table = b"\x5e\x2a\x4d\x18" + (9).to_bytes(4, "little") + bytes(9)
    data = b"".join((zstandard.compress(record(1)), table, zstandard.compress(record(2)), table, table))
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [type(each).__name__ for each in found] == ["PageRecord", "PageRecord"]


def test_what_needs_another_dictionary_fails_alone() -> None:
    dictionary = zstandard.train_dictionary(2000, [record(n) + bytes([n]) * 50 for n in range(200)])
    needing = zstandard.ZstdCompressor(dict_data=dictionary).compress(record(2))
    data = zstandard.compress(record(1)) + needing + zstandard.compress(record(3))
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert [type(each).__name__ for each in found] == ["PageRecord", "FailedRecord", "PageRecord"]


@pytest.mark.parametrize("window_log", [27, 31])
def test_a_window_of_two_gigabytes_for_a_small_record_takes_none(window_log: int) -> None:
    settings = zstandard.ZstdCompressionParameters(window_log=window_log, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    hostile = packer.compress(record(2)) + packer.flush()
    held = _peak_mib()
    data = zstandard.compress(record(1)) + hostile + zstandard.compress(record(3))
    found = list(read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert isinstance(found[0], PageRecord) and isinstance(found[-1], PageRecord) and len(found) == 3
    assert _peak_mib() - held < 192


def test_a_bomb_within_a_bomb_is_one_rejection() -> None:
    body = BOMBS["gzip"]()
    head = OK[:-2] + "Content-Encoding: gzip, br\r\nTransfer-Encoding: zstd, chunked\r\n\r\n"
    hostile = _chunks(zstandard.compress(brotli.compress(body, quality=1)))
    (found,) = _between_neighbours(record(2, body=hostile, head=head))
    assert isinstance(found, RejectedRecord) and found.reason == "too_large"


class _Zeros(io.RawIOBase):
    """A file with many zeros in the middle, which nobody has to hold."""

    def __init__(self, before: bytes, zeros: int, behind: bytes):
        self._before, self._zeros, self._behind = before, zeros, behind
        self._position = 0
        self._size = len(before) + zeros + len(behind)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def readinto(self, buffer) -> int:
        behind = self._position - len(self._before) - self._zeros
        if self._position < len(self._before):
            data = self._before[self._position : self._position + len(buffer)]
        elif behind < 0:
            data = bytes(min(len(buffer), -behind))
        else:
            data = self._behind[behind : behind + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def test_a_record_of_a_gigabyte_is_one_rejection_in_little_memory() -> None:
    gigabyte = 1 << 30
    head, _, rest = record(2, body=b"", length=len(OK) + gigabyte).partition(b"\r\n\r\n")
    block, end = rest[: len(OK)], rest[len(OK) :]
    file = _Zeros(record(1) + head + b"\r\n\r\n" + block, gigabyte, end + record(3))
    before, began = _peak_mib(), time.process_time()
    first, found, last = read_warc(io.BufferedReader(file, 1 << 20), "crawl", Limits(LIMIT, False))
    assert isinstance(first, PageRecord) and isinstance(last, PageRecord) and last.url.endswith("/3")
    assert isinstance(found, RejectedRecord) and (found.reason, found.score) == (
        "too_large",
        float(len(OK) + gigabyte),
    )
    assert time.process_time() - began < 10 and _peak_mib() - before < 64


def test_tiny_records_cost_microseconds_each_and_memory_for_one() -> None:
    """A fiftieth of a million of them, and the cost of each, which doesn't depend on how many there are."""
    count = 20_000
    tiny = record(1, body=b"", kind="metadata", Content_Type=None)
    data = record(2) + tiny * count + record(3)
    before, began = _peak_mib(), time.process_time()
    kinds = Counter(type(found).__name__ for found in read_warc(io.BytesIO(data), "crawl", Limits(LIMIT, False)))
    assert kinds["PageRecord"] == 2 and kinds["FailedRecord"] == 0
    assert (time.process_time() - began) / count < 1e-3 and _peak_mib() - before < 64


def test_an_address_of_100_kb_is_a_page_or_counted_and_harms_nobody() -> None:
    paths = (
        "a" * 100_000,
        "a/../" * 20_000,
        "%41" * 33_000,
        "?" + "&".join(f"k{n}=v" for n in range(9000)),
        "?spm=" + "." * 100_000 + "=",
    )
    hosts = (
        "a" * 100_000 + ".example",
        "a." * 50_000 + "example",
        "u@" * 50_000 + "mill.example",
        "[" + ":" * 100_000 + "]",
    )
    for address in [f"mill.example/{path}" for path in paths] + [f"{host}/" for host in hosts]:
        began = time.process_time()
        (found,) = _between_neighbours(record(2, WARC_Target_URI=f"https://{address}"))
        assert isinstance(found, PageRecord | RejectedRecord | FailedRecord)
        assert time.process_time() - began < 5


def test_a_line_of_a_table_may_be_a_bomb_too(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl.gz"
    lines = [
        b'{"url": "https://mill.example/%d", "text": "%s"}\n' % (n, b"a" * size)
        for n, size in enumerate((9, 1 << 25, 9))
    ]
    path.write_bytes(gzip.compress(b"".join(lines), 1))
    first, found, last = read_records(str(path), "pages", Read(max_record_bytes=LIMIT, keep_truncated=False))
    assert isinstance(first, PageRecord) and isinstance(last, PageRecord)
    assert isinstance(found, FailedRecord) and "the line is longer than" in found.error
