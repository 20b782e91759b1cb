"""Files of which ranges are fetched: read like any file, each block once, and never shorter than they were."""

from __future__ import annotations

import io
import random
import urllib.error

import pytest

from pipeline import ranges, retries
from pipeline.ranges import RangedFile
from pipeline.retries import BrokenOff

DATA = random.Random(5).randbytes(1000)


def ranged(block_bytes: int, data: bytes = DATA) -> tuple[RangedFile, list[tuple[int, int]]]:
    """A file of 1,000 bytes, and the ranges that were fetched of it."""
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append((start, end))
        return data[start:end]

    return RangedFile("far.warc", len(DATA), fetch, block_bytes), fetched


@pytest.mark.parametrize("block_bytes", [0, 1, 64, 5000])
def test_it_reads_like_any_file(block_bytes: int) -> None:
    file, fetched = ranged(block_bytes)
    plain = io.BytesIO(DATA)
    for offset, whence, count in (
        (10, 0, 20),
        (5, 1, 100),
        (-30, 2, 50),
        (0, 0, 1),
        (999, 0, 9),
        (2000, 0, 4),
        (-5000, 1, 3),
    ):
        if whence == io.SEEK_CUR and offset < 0:
            file.seek(offset, whence)
            plain.seek(0)
        else:
            assert file.seek(offset, whence) == plain.seek(offset, whence) == file.tell()
        assert file.read(count) == plain.read(count) and file.tell() == plain.tell()
    assert all(0 <= start < end <= len(DATA) for start, end in fetched)
    assert file.readable() and file.seekable() and file.size == len(DATA)


@pytest.mark.parametrize(
    ("block_bytes", "reads", "expected"),
    [
        (100, [(0, 10), (10, 90), (50, 20)], [(0, 100)]),
        (100, [(0, 10), (95, 10)], [(0, 100), (100, 200)]),
        (100, [(0, 250), (249, 1), (250, 1)], [(0, 250), (250, 350)]),
        (100, [(100, 1), (99, 1)], [(100, 200), (99, 199)]),
        (100, [(950, 10), (990, 10)], [(950, 1000)]),
        (0, [(0, 10), (10, 5), (12, 1)], [(0, 10), (10, 15)]),
    ],
)
def test_a_block_is_fetched_once_and_more_where_more_is_asked_for(
    block_bytes: int, reads: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    file, fetched = ranged(block_bytes)
    for start, count in reads:
        file.seek(start)
        assert file.read(count) == DATA[start : start + count]
    assert fetched == expected


@pytest.mark.parametrize("block_bytes", [0, 100])
def test_all_that_is_left_is_fetched_at_once(block_bytes: int) -> None:
    data = random.Random(6).randbytes(50_000)
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append((start, end))
        return data[start:end]

    file = RangedFile("far.warc", len(data), fetch, block_bytes)
    file.seek(7)
    assert file.read() == data[7:] and fetched == [(7, 50_000)]
    assert file.read() == b"" and len(fetched) == 1
    file.seek(60_000)
    assert file.read() == b"" and len(fetched) == 1


def test_a_file_that_has_become_shorter_is_no_end_of_it() -> None:
    file, _ = ranged(100, DATA[:950])
    assert file.read(900) == DATA[:900]
    with pytest.raises(BrokenOff, match=r"far\.warc: the file has become shorter while it was read"):
        file.read(100)


def test_a_server_that_nobody_reaches_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise urllib.error.URLError("no route")

    pauses: list[float] = []
    monkeypatch.setattr(retries.time, "sleep", pauses.append)
    monkeypatch.setattr(retries, "_answered", set())
    monkeypatch.setattr(ranges.urllib.request, "urlopen", refuse)
    with pytest.raises(OSError, match=r"https://far.example/a: the server can't be reached: .*no route"):
        ranges.request("https://far.example/a")
    assert len(pauses) == retries.FIRST_CONTACT_ATTEMPTS - 1
    retries.RETRIES.clear()
