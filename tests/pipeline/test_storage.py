"""Files by path or URL: the same answers from a disk and from a store, and bytes that depend on contents alone."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import storage
from pipeline.ranges import RangedFile
from pipeline.sources.inputs import find_inputs


@pytest.fixture(params=["disk", "store"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty folder, on disk and in fsspec's store in memory."""
    return str(tmp_path / "run") if request.param == "disk" else f"memory:///{uuid.uuid4().hex}/run"


def test_what_is_written_is_read_listed_measured_and_removed(base: str) -> None:
    one, two = storage.join(base, "a/one.bin"), storage.join(base, "b/c/two.bin")
    storage.write_bytes(two, b"22")
    storage.write_bytes(one, b"1")
    assert (storage.read_bytes(one), storage.read_bytes(two)) == (b"1", b"22")
    assert storage.list_files(base) == find_inputs([base]) == [one, two]
    assert find_inputs([storage.join(base, "*/one.*")]) == [one]
    assert (storage.size(one), storage.size(two), storage.size(storage.join(base, "none"))) == (1, 2, None)
    storage.remove_files([one])
    assert storage.list_files(base) == [two]
    storage.remove_files([two])
    assert storage.list_files(base) == [] and storage.size(two) is None


def test_files_come_some_at_a_time_and_may_be_removed_as_they_do(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_BATCH", 3)
    paths = sorted(
        storage.join(base, f"{folder}{number}") for folder in ("", "a/", "a/b/", "c/") for number in range(5)
    )
    for path in paths:
        storage.write_bytes(path, b"1")
    found = list(storage.files_in_batches(base))
    assert max(map(len, found)) <= 3 and sorted(path for batch in found for path in batch) == paths
    for batch in storage.files_in_batches(base):
        storage.remove_files(batch)
    assert storage.list_files(base) == list(storage.files_in_batches(base)) == []


def test_requests_are_counted_once_each(base: str) -> None:
    path = storage.join(base, "a.parquet")
    storage.REQUESTS.clear()
    storage.write_bytes(path, storage.parquet_bytes(pa.table({"a": [1, 2, 3]}), 2))
    assert storage.read_table(path)["a"].to_pylist() == [1, 2, 3]
    assert storage.read_table(path, ["a"], [0])["a"].to_pylist() == [1, 2]
    storage.read_range(path, 0, 4)
    assert storage.size(path) and storage.list_files(base)
    assert storage.REQUESTS == {"written": 1, "reading": 3, "questions": 2}
    storage.remove_files([path] * 2500)
    assert storage.REQUESTS["questions"] == 5


def test_what_is_absent_lists_nothing(base: str) -> None:
    assert storage.list_files(base) == []
    storage.remove_files([])


def test_a_file_is_written_anew_whole(base: str) -> None:
    path = storage.join(base, "file")
    storage.write_bytes(path, b"a longer first version")
    storage.write_bytes(path, b"short")
    assert storage.read_bytes(path) == b"short"


def test_reading_never_decompresses_and_can_seek(base: str) -> None:
    path = storage.join(base, "crawl.warc.gz")
    storage.write_bytes(path, b"\x1f\x8b\x08 not really gzip")
    with storage.open_read(path) as stream:
        stream.seek(3)
        assert stream.read() == b" not really gzip"


def test_a_fingerprint_changes_with_the_file(base: str) -> None:
    path = storage.join(base, "file")
    storage.write_bytes(path, b"first")
    first = storage.fingerprint(path)
    assert storage.fingerprint(path) == first
    storage.write_bytes(path, b"another length")
    assert storage.fingerprint(path) != first


def test_the_fingerprint_of_a_local_file_notices_the_same_length(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"first")
    first = storage.fingerprint(str(path))
    path.write_bytes(b"other")
    os.utime(path, ns=(1, 1))
    assert storage.fingerprint(str(path)) != first


def test_a_file_is_known_again_by_a_later_version(tmp_path: Path) -> None:
    """A run that was begun is continued where the fingerprints of its inputs, in its plan, are the same."""
    path = tmp_path / "file"
    path.write_bytes(b"".join(number.to_bytes(4, "big") for number in range(50_000)))
    assert storage.fingerprint(str(path)) == "200000-7197df86a30d373d8dea9263f4a9832a"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert storage.fingerprint(str(path)) != "200000-7197df86a30d373d8dea9263f4a9832a"


@pytest.mark.parametrize(
    ("base", "names", "joined"),
    [
        ("/run", ("work", "a"), "/run/work/a"),
        ("/run/", ("/work/", "a"), "/run/work/a"),
        ("s3://bucket/run/", ("work",), "s3://bucket/run/work"),
        ("run", (), "run"),
    ],
)
def test_join(base: str, names: tuple[str, ...], joined: str) -> None:
    assert storage.join(base, *names) == joined


def test_what_is_remote_and_what_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert storage.is_remote("s3://bucket/a") and storage.is_remote("memory://a")
    assert not storage.is_remote("/a") and not storage.is_remote("a") and not storage.is_remote("file:///a")
    assert storage.absolute("a/../b") == storage.absolute(f"file://{tmp_path}/b") == str(tmp_path / "b")
    assert storage.absolute("s3://bucket/a") == "s3://bucket/a"


def test_free_bytes_are_those_of_the_disk_even_before_the_folder_exists(tmp_path: Path) -> None:
    assert storage.free_bytes(str(tmp_path / "not" / "yet" / "there")) > 0
    assert storage.free_bytes("memory://run") is None
    assert storage.free_bytes(str(tmp_path)) == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)


tables = st.lists(st.tuples(st.integers(-9, 9), st.text(max_size=5), st.floats(allow_nan=False)), max_size=30).map(
    lambda rows: pa.table(
        {
            "number": pa.array([row[0] for row in rows], pa.int64()),
            "text": pa.array([row[1].encode("utf-8", "replace").decode() for row in rows], pa.string()),
            "share": pa.array([row[2] for row in rows], pa.float64()),
        }
    )
)


@given(tables, st.integers(1, 7), st.integers(1, 12))
def test_parquet_bytes_depend_on_the_table_alone(table: pa.Table, rows: int, pieces: int) -> None:
    data = storage.parquet_bytes(table, rows)
    assert storage.parquet_bytes(table, rows) == data
    # The same rows put together from pieces, as they come from several batches.
    parts = [table.slice(start, pieces) for start in range(0, len(table), pieces)]
    assert storage.parquet_bytes(pa.concat_tables([table.slice(0, 0), *parts]), rows) == data


def test_row_groups_have_the_size_that_was_asked_for(base: str) -> None:
    path = storage.join(base, "table.parquet")
    table = pa.table({"n": list(range(10)), "text": [str(n) for n in range(10)]})
    storage.write_bytes(path, storage.parquet_bytes(table, 4))
    with storage.open_parquet(path) as file:
        assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [4, 4, 2]
    assert storage.read_table(path).equals(table)
    assert storage.read_table(path, ["n"], [0, 2]).to_pydict() == {"n": [0, 1, 2, 3, 8, 9]}


def test_json_is_the_same_for_equal_values() -> None:
    assert storage.dump_json({"b": 1, "a": ["é"]}) == storage.dump_json({"a": ["é"], "b": 1}) == (
        '{\n  "a": [\n    "é"\n  ],\n  "b": 1\n}\n'.encode()
    )  # fmt: skip


def test_a_table_of_which_the_rows_are_damaged_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "a.parquet")
    data = bytearray(storage.parquet_bytes(pa.table({"n": [str(number**9) for number in range(2000)]}), 2000))
    data[100 : len(data) // 2] = bytes(byte ^ 0x5A for byte in data[100 : len(data) // 2])
    Path(path).write_bytes(data)
    for groups in (None, [0]):
        with pytest.raises(RuntimeError, match=r"a\.parquet is damaged .* Start the run again in a new folder"):
            storage.read_table(path, row_groups=groups)


@pytest.mark.parametrize("rows", [10, 300_000])
def test_a_file_in_arrow_s_own_format_is_one_opening_and_its_reader(base: str, rows: int) -> None:
    table, path = pa.table({"n": list(range(rows))}), storage.join(base, "a.arrow")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, 1000)
    storage.write_bytes(path, sink.getvalue().to_pybytes())
    storage.REQUESTS.clear()
    file, reader = storage.open_arrow(path)
    with file:
        assert storage.REQUESTS == {"reading": 1}
        assert reader.read_all().equals(table) and reader.num_record_batches == -(-rows // 1000)
    storage.write_bytes(path, b"no arrow at all")
    with pytest.raises(RuntimeError, match=r"a\.arrow is damaged"):
        storage.open_arrow(path)


def test_each_kind_of_opening_is_counted_once(base: str) -> None:
    path = storage.join(base, "a.parquet")
    storage.write_bytes(path, storage.parquet_bytes(pa.table({"a": [1]}), 2))
    for ask, kind in (
        (storage.read_bytes, "reading"), (storage.open_parquet, "reading"), (storage.open_read, "reading"),
        (lambda path: storage.read_range(path, 0, 4), "reading"), (storage.read_table, "reading"),
        (storage.is_there, "questions"), (storage.size, "questions"), (storage.fingerprint, "questions"),
        (storage.list_files, "questions"), (lambda path: list(storage.files_in_batches(base)), "questions"), (lambda path: storage.remove_files([path]), "questions"),
    ):  # fmt: skip
        storage.REQUESTS.clear()
        ask(path)
        assert {kind: 1} == storage.REQUESTS
    storage.REQUESTS.clear()
    storage.write_bytes(path, b"")
    assert storage.REQUESTS == {"written": 1}


def test_a_table_of_many_row_groups_is_put_together_from_them(base: str) -> None:
    table = pa.table({"n": list(range(10))})
    groups = [table.slice(0, 4), table.slice(4, 4), table.slice(8)]
    assert storage.parquet_of(table.schema, groups) == storage.parquet_bytes(table, 4)
    assert storage.parquet_of(table.schema, []) == storage.parquet_bytes(table.slice(0, 0), 4)


@pytest.mark.parametrize(("rows", "at_once"), [(1000, True), (200_000, False)])
def test_of_a_store_s_file_small_ones_come_at_once_and_of_large_ones_what_is_asked_for(
    rows: int, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"memory:///{uuid.uuid4().hex}/a.parquet"
    noise = pa.array(np.random.default_rng(1).integers(0, 1 << 62, rows))
    table = pa.table({"n": noise, "m": noise})
    data = storage.parquet_bytes(table, rows // 10)
    storage.write_bytes(path, data)
    fetched: list[int] = []
    open_ranged = storage.object_stores.open_ranged

    def watched(path: str, block_bytes: int) -> RangedFile:
        whole = open_ranged(path, block_bytes)

        def fetch(start: int, end: int) -> bytes:
            fetched.append(end - start)
            return data[start:end]

        return RangedFile(path, whole.size, fetch, block_bytes)

    monkeypatch.setattr(storage.object_stores, "open_ranged", watched)
    assert storage.read_table(path, ["n"], [3]) == table.select(["n"]).slice(3 * rows // 10, rows // 10)
    assert (fetched == [len(data)]) is at_once and at_once == (len(data) <= 1 << 20)
    assert at_once or sum(fetched) < len(data) / 5
