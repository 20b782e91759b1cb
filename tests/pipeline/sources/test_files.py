"""Which reader each file gets, and every real archive at hand read to its end."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.sources.files import read_records
from pipeline.sources.inputs import find_inputs
from pipeline.sources.records import FailedRecord, PageRecord, RejectedRecord
from recipes.schema import Read
from tests.pipeline.sources.test_arc import record as arc_record
from tests.pipeline.sources.test_wacz import package
from tests.pipeline.sources.test_warc import record
from tests.real_data import data_folder

SETTINGS = Read(max_record_bytes=10_000_000, keep_truncated=False)


def test_files_in_a_store_are_found_and_read() -> None:
    import fsspec

    with fsspec.open("memory://crawl/one.warc.gz", "wb", compression=None) as stream:
        stream.write(gzip.compress(record(4), mtime=0))
    (found,) = find_inputs(["memory://crawl/*.warc.gz"])
    assert [page.url for page in read_records(found, "one", SETTINGS)] == ["https://mill.example/4"]


def test_the_name_decides_the_reader(tmp_path: Path) -> None:
    line = json.dumps({"url": "https://mill.example/1", "html": "<html><p>Page 1</p></html>"}).encode()
    sink = io.BytesIO()
    pq.write_table(pa.table({"url": ["https://mill.example/1"], "text": ["Page 1"]}), sink)
    table = sink.getvalue()
    contents = {
        "a.warc": record(),
        "a.warc.gz": gzip.compress(record(), mtime=0),
        "A.WARC.GZ": gzip.compress(record(), mtime=0),
        "a.wet": record(kind="conversion", head="", body=b"Page 1", Content_Type="text/plain"),
        "a.jsonl": line,
        "a.JSONL.gz": gzip.compress(line, mtime=0),
        "a.ndjson": line,
        "a.jsonlines": line,
        "a.json.zst": zstandard.compress(line),
        "a.jsonl.bz2": bz2.compress(line),
        "a.jsonl.xz": lzma.compress(line),
        "a.pq": table,
        "a.parquet.snappy": table,
        "a.snappy.parquet": table,
        "a.parquet.gzip": table,
        "a.parquet.gz": gzip.compress(table, mtime=0),
        "a.arc.gz": gzip.compress(arc_record(1, url="https://mill.example/1"), mtime=0),
        "a.wacz": package({"archive/a.warc": record()}),
        "rows-without-a-suffix": line,
        "packed-rows-without-a-suffix": bz2.compress(line),
        "table-without-a-suffix": table,
        "zip-without-a-suffix": package({"archive/a.warc": record()}),
        "without-a-name-that-says-anything": record(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (page,) = read_records(str(tmp_path / name), name, SETTINGS)
        assert isinstance(page, PageRecord) and page.url == "https://mill.example/1"


def test_a_limit_ends_with_its_last_page(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(1) + record(2, kind="request") + record(3) + record(4, kind="request") + record(5))
    found = list(read_records(str(path), "crawl", SETTINGS, limit=2))
    assert [type(one) for one in found] == [PageRecord, RejectedRecord, PageRecord]
    assert len(list(read_records(str(path), "crawl", SETTINGS, limit=99))) == 5


def test_the_name_that_stands_for_the_file_is_in_its_failures(tmp_path: Path) -> None:
    (tmp_path / "broken.warc").write_bytes(b"broken")
    (found,) = read_records(str(tmp_path / "broken.warc"), "input-7", SETTINGS)
    assert isinstance(found, FailedRecord) and "input-7" in found.error and str(tmp_path) not in found.error


@pytest.mark.parametrize("limit", [None, 1])
def test_sha256_is_of_the_bytes_as_they_lie_there(tmp_path: Path, limit: int | None) -> None:
    """Also where damage makes the reader jump back, and where it stops before the end."""
    data = gzip.compress(record(1), mtime=0) + os.urandom(2_500_000) + gzip.compress(record(2), mtime=0)
    (tmp_path / "crawl.warc.gz").write_bytes(data)
    digests: list[str] = []
    found = list(read_records(str(tmp_path / "crawl.warc.gz"), "crawl", SETTINGS, limit, digests.append))
    assert found and digests == [hashlib.sha256(data).hexdigest()]


@pytest.mark.parametrize("folder", ["warc", "nasty/warc"])
def test_every_real_archive_is_read_to_its_end(folder: str) -> None:
    files = [path for path in sorted(data_folder(folder).rglob("*")) if path.is_file()]
    for path in files:
        records = list(read_records(str(path), path.name, SETTINGS))
        assert records, f"{path} gave no record at all"
        identities = [(type(one), one.id) for one in records if isinstance(one, FailedRecord)]
        assert len(identities) == len(set(identities)), f"{path} has two failures with one id"
    assert len(files) > 100
