"""Sorted rows in Arrow's own format: what was written is read, by ranges too, and only where a range may be."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt
from pipeline.transforms import sorted_rows
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.outcomes import KEPT
from tests.pipeline.parts import document_id


def rows(count: int, words: int = 1) -> pa.Table:
    ids = sorted(document_id(str(number)) for number in range(count))
    table = pa.Table.from_pylist(
        [{"id": identity, "text": identity * words, "spans": [{"start": 0, "end": 1, "kind": "code"}], "tokens": [1, number]}
         for number, identity in enumerate(ids)],
        schema=KEPT,
    )  # fmt: skip
    return pa.concat_tables([table.slice(0, count // 3), table.slice(count // 3)])  # of several chunks


def written(folder: Path, table: pa.Table) -> str:
    attempt = Attempt(str(folder), "merge", "merged-000000", 0)
    sorted_rows.write(attempt, "kept", table, "id")
    (file,) = attempt.finish().files
    assert (file.rows, file.path[-6:]) == (len(table), ".arrow")
    return file.at(str(folder))


@pytest.mark.parametrize(("count", "words"), [(1, 1), (5, 1), (1600, 9)])
def test_what_was_written_is_read(tmp_path: Path, count: int, words: int) -> None:
    table = rows(count, words)
    path = written(tmp_path, table)
    assert storage.read_bytes(path) == sorted_rows.encoded(table.combine_chunks(), "id")
    with sorted_rows.SortedRows(path, "id") as file:
        assert pa.concat_tables(map(file.stretch, range(len(file)))).equals(table)
        assert file.schema.equals(KEPT, check_metadata=True)
    for of in (1, 2, 7):
        ranges = [sorted_rows.rows_between(path, IdRange(number, of), "id") for number in range(of)]
        assert pa.concat_tables(ranges).equals(table)
        assert all(one.schema.equals(KEPT, check_metadata=True) for one in ranges), "also of an empty one"


def test_a_range_reads_only_the_stretches_that_it_may_be_in(tmp_path: Path) -> None:
    with sorted_rows.SortedRows(written(tmp_path, rows(1600)), "id") as file:
        assert len(file) > 3
        assert file.overlapping(IdRange(0, 1)) == list(range(len(file)))
        assert 1 <= len(file.overlapping(IdRange(31, 64))) <= 2
    with sorted_rows.SortedRows(written(tmp_path, rows(3)), "id") as file:
        assert file.overlapping(IdRange(0, 1 << 16)) == []


def test_large_files_are_packed_and_small_ones_are_not(tmp_path: Path) -> None:
    large = rows(1600, 20)
    assert len(sorted_rows.encoded(large, "id")) < 0.7 * large.nbytes


def test_no_rows_are_no_file(tmp_path: Path) -> None:
    attempt = Attempt(str(tmp_path), "merge", "merged-000000", 0)
    sorted_rows.write(attempt, "kept", rows(0), "id")
    assert attempt.finish().files == []


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, rows(5))
    Path(path).write_bytes(Path(path).read_bytes()[:100])
    with pytest.raises(RuntimeError, match="is damaged"):
        sorted_rows.SortedRows(path, "id")


def test_on_a_store_too(tmp_path: Path) -> None:
    for words in (1, 500):  # read whole, and by ranges
        table = rows(1600, words)
        path = f"memory:///sorted-rows-{words}.arrow"
        storage.write_bytes(path, sorted_rows.encoded(table, "id"))
        assert sorted_rows.rows_between(path, IdRange(1, 2), "id").num_rows == sum(
            identity >= "8" for identity in table["id"].to_pylist()
        )
