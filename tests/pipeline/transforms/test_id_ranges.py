"""Ranges of ids: each id lies in exactly one, and a table gives its rows without being read whole."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import storage
from pipeline.transforms.id_ranges import IdRange, overlapping_row_groups, rows_between
from tests.pipeline.parts import document_id

ids = st.text(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32)


@given(ids, st.integers(1, 1000))
def test_every_id_lies_in_exactly_one_range(identity: str, of: int) -> None:
    assert sum(low.low() <= identity < low.high() for low in (IdRange(number, of) for number in range(of))) == 1


@pytest.mark.parametrize("of", [1, 2, 3, 7, 1000])
def test_ranges_meet_without_a_gap(of: int) -> None:
    ranges = [IdRange(number, of) for number in range(of)]
    assert ranges[0].low() == "00000000" and ranges[-1].high() > "f" * 32
    assert all(left.high() == right.low() for left, right in pairwise(ranges))


@pytest.fixture
def table_path(tmp_path) -> str:
    names = sorted(document_id(str(number)) for number in range(100))
    path = str(tmp_path / "table.parquet")
    storage.write_bytes(path, storage.parquet_bytes(pa.table({"n": range(100), "id": names}), 10))
    return path


@pytest.mark.parametrize("of", [1, 3, 50, 1000])
def test_the_rows_of_all_ranges_are_the_table(table_path: str, of: int) -> None:
    found = [row for number in range(of) for row in rows_between(table_path, IdRange(number, of)).to_pylist()]
    assert found == storage.read_table(table_path).to_pylist()


def test_only_row_groups_that_meet_the_range_are_read(table_path: str) -> None:
    groups = [overlapping_row_groups(table_path, IdRange(number, 5)) for number in range(5)]
    assert all(0 < len(found) <= 4 for found in groups)
    assert {group for found in groups for group in found} == set(range(10))


def test_columns_may_be_chosen_and_a_table_may_be_empty(table_path: str, tmp_path) -> None:
    assert rows_between(table_path, IdRange(0, 2), columns=["id"]).column_names == ["id"]
    empty = str(tmp_path / "empty.parquet")
    storage.write_bytes(empty, storage.parquet_bytes(pa.table({"id": pa.array([], pa.string())}), 10))
    assert len(rows_between(empty, IdRange(0, 1))) == 0
