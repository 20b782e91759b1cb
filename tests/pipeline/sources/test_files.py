"""Which files an input names, which reader each one gets, and every real archive at hand read to its end."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.sources.files import find_inputs, read_records
from pipeline.sources.records import FailedRecord, PageRecord, RejectedRecord
from recipes.schema import Read
from tests.pipeline.sources.test_warc import record
from tests.real_data import data_folder

SETTINGS = Read(max_record_bytes=10_000_000, keep_truncated=False)


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    for name in ("b/two.warc", "a.warc", "b/c/three.warc", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(record())
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.warc"], ["a.warc"]),
        (["*.warc"], ["a.warc"]),
        (["**/*.warc"], ["a.warc", "b/c/three.warc", "b/two.warc"]),
        (["b"], ["b/c/three.warc", "b/two.warc"]),
        (["b/two.warc", "a.warc", "*.warc", "b"], ["a.warc", "b/c/three.warc", "b/two.warc"]),
        (["[ab].warc"], ["a.warc"]),
    ],
)
def test_files_folders_and_globs_name_each_file_once_in_order(
    crawl: Path, patterns: list[str], expected: list[str]
) -> None:
    found = find_inputs([str(crawl / pattern) for pattern in patterns])
    assert [os.path.relpath(name, crawl) for name in found] == expected


def test_relative_paths_become_absolute(crawl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crawl)
    assert find_inputs(["a.warc", f"file://{crawl}/a.warc"]) == [str(crawl / "a.warc")]


def test_a_file_whose_name_looks_like_a_glob_is_found(tmp_path: Path) -> None:
    path = tmp_path / "crawl[1].warc"
    path.write_bytes(record())
    assert find_inputs([str(path)]) == [str(path)]


@pytest.mark.parametrize("pattern", ["none.warc", "*.parquet", "empty", "no/such/folder/*"])
def test_an_input_that_names_nothing_is_refused_by_its_name(crawl: Path, pattern: str) -> None:
    (crawl / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="names no file; check the path") as caught:
        find_inputs([str(crawl / "a.warc"), str(crawl / pattern)])
    assert pattern in str(caught.value)


def test_files_in_a_store_are_found_and_read() -> None:
    import fsspec

    with fsspec.open("memory://crawl/one.warc.gz", "wb", compression=None) as stream:
        stream.write(gzip.compress(record(4)))
    (found,) = find_inputs(["memory://crawl/*.warc.gz"])
    assert [page.url for page in read_records(found, "one", SETTINGS)] == ["https://mill.example/4"]


def test_the_name_decides_the_reader(tmp_path: Path) -> None:
    line = json.dumps({"url": "https://mill.example/1", "html": "<html><p>Page 1</p></html>"}).encode()
    contents = {
        "a.warc": record(),
        "a.warc.gz": gzip.compress(record()),
        "A.WARC.GZ": gzip.compress(record()),
        "a.wet": record(kind="conversion", head="", body=b"Page 1"),
        "a.jsonl": line,
        "a.JSONL.gz": gzip.compress(line),
        "a.ndjson": line,
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
    data = gzip.compress(record(1)) + os.urandom(2_500_000) + gzip.compress(record(2))
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
