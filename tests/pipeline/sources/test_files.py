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

from pipeline.sources.files import can_be_cut, read_part_of_archive, read_records
from pipeline.sources.inputs import find_inputs
from pipeline.sources.records import FailedRecord, PageRecord, RejectedRecord
from pipeline.sources.stretches import Bounds, Seam
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


@pytest.mark.parametrize("is_packed", [False, True])
def test_stretches_give_the_records_and_the_bytes_of_the_file(tmp_path: Path, is_packed: bool) -> None:
    records = [record(number) for number in range(1, 5)]
    parts = [gzip.compress(one, mtime=0) for one in records] if is_packed else records
    data, path = b"".join(parts), tmp_path / "crawl.warc"
    path.write_bytes(data)
    whole = list(read_records(str(path), "crawl", SETTINGS))
    second = len(parts[0])
    for cut in (1, second - 1, second, second + 1, len(data) - 1):
        told: list[tuple[str, Seam]] = []
        bounds: list[Bounds] = [(0, cut, False, False), (cut, None, False, False)]
        found = [list(read_part_of_archive(str(path), "crawl", SETTINGS, each, told.append)) for each in bounds]
        assert [*found[0], *found[1]] == whole and len(found[0]) == 1 + (cut > second) + 2 * (cut == len(data) - 1)
        assert [digest for digest, _ in told] == [
            hashlib.sha256(each).hexdigest() for each in (data[:cut], data[cut:])
        ]
        began = second if cut <= second else None if cut == len(data) - 1 else 2 * second
        assert [(seam.began, seam.ended) for _, seam in told] == [(0, began), (began, None)]


@pytest.mark.parametrize(
    ("name", "cut"),
    [("a.warc", True), ("a.WARC.GZ", True), ("a.wet.zst", True), ("a.warc.bz2", False), ("a.warc.xz", False), ("a.arc", False),
     ("a.jsonl.gz", False), ("a.wacz", False), ("a", False)],
)  # fmt: skip
def test_archives_can_be_cut_and_other_formats_cannot(name: str, cut: bool) -> None:
    assert can_be_cut(name) is cut


@pytest.mark.parametrize("folder", ["warc", "nasty/warc"])
def test_every_real_archive_is_read_to_its_end(folder: str) -> None:
    files = [path for path in sorted(data_folder(folder).rglob("*")) if path.is_file()]
    for path in files:
        records = list(read_records(str(path), path.name, SETTINGS))
        assert records, f"{path} gave no record at all"
        identities = [(type(one), one.id) for one in records if isinstance(one, FailedRecord)]
        assert len(identities) == len(set(identities)), f"{path} has two failures with one id"
    assert len(files) > 100


def test_a_file_is_hashed_while_it_is_read_and_not_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = (record(number, kind="request", body=os.urandom(40_000)) for number in range(30))
    data = b"".join(gzip.compress(page, mtime=0) for page in pages)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    taken: list[int] = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(size)
            taken.append(len(found))
            return found

        def readinto(self, buffer) -> int:
            count = super().readinto(buffer)
            taken.append(count)
            return count

    monkeypatch.setattr("pipeline.storage.open_read", lambda path: Counted(data))
    told: list[str] = []
    assert len(list(read_records(str(path), "a", SETTINGS, None, told.append))) == 30
    assert told == [hashlib.sha256(data).hexdigest()] and sum(taken) < 1.5 * len(data)
