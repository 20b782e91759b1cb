"""WACZ files: the records of the WARC files inside, and of broken ones a failure that says what is wrong."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from pipeline.sources.captures import Limits
from pipeline.sources.records import FailedRecord, PageRecord
from pipeline.sources.wacz import read_wacz
from tests.pipeline.sources.test_warc import record


def package(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return sink.getvalue()


def read(data: bytes) -> list:
    return list(read_wacz(io.BytesIO(data), "crawl.wacz", Limits(100_000, keep_truncated=False)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_archives_inside_are_read_in_their_order(compression: int) -> None:
    files = {
        "archive/b.warc": record(3),
        "archive/a.warc.gz": gzip.compress(record(1), mtime=0) + b"junk" * 99 + gzip.compress(record(2), mtime=0),
        "indexes/index.cdx.gz": b"x",
        "pages/pages.jsonl": b"{}",
        "datapackage.json": b"{}",
    }
    found = read(package(files, compression))
    assert [one.url[-1:] if isinstance(one, PageRecord) else "!" for one in found] == ["1", "!", "2", "3"]
    assert "crawl.wacz, archive/a.warc.gz at byte" in found[1].error


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", package({}), package({"pages/a.warc.gz": b""}), package({"archive/a.warc": record()})[:90]],
)
def test_what_holds_no_archive_is_one_failure(data: bytes) -> None:
    (found,) = read(data)
    assert isinstance(found, FailedRecord) and "WACZ" in found.error


def test_a_member_that_cannot_be_unpacked_costs_itself_alone() -> None:
    data = bytearray(package({"archive/a.warc": record(1) * 50, "archive/b.warc": record(2)}, zipfile.ZIP_DEFLATED))
    start = data.index(b"archive/a.warc") + len(b"archive/a.warc")
    data[start : start + 20] = b"\xff" * 20
    *_, broken, page = read(bytes(data))
    assert isinstance(broken, FailedRecord) and "crawl.wacz, archive/a.warc" in broken.error
    assert "the member can't be read" in broken.error
    assert isinstance(page, PageRecord) and page.url.endswith("/2")
