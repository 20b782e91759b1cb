"""Ranges of ids cover all ids once, and a table is read where a range meets it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import storage
from pipeline.transforms.id_ranges import IdRange, overlapping_row_groups, rows_between

IDS = st.integers(0, 2**128 - 1).map("{:032x}".format)


@pytest.mark.parametrize(
    ("number", "of", "low", "high"),
    [
        (0, 1, "00000000", "g"),
        (0, 2, "00000000", "80000000"),
        (1, 2, "80000000", "g"),
        (1, 3, "55555556", "aaaaaaab"),
        (2, 3, "aaaaaaab", "g"),
    ],
)
def test_bounds(number: int, of: int, low: str, high: str) -> None:
    assert (IdRange(number, of).low(), IdRange(number, of).high()) == (low, high)


@given(IDS, st.integers(1, 5000))
def test_every_id_lies_in_one_range(identity: str, of: int) -> None:
    guess = int(identity[:8], 16) * of >> 32
    near = [number for number in range(guess - 1, guess + 2) if 0 <= number < of]
    assert sum(IdRange(number, of).low() <= identity < IdRange(number, of).high() for number in near) == 1
    assert all(IdRange(n, of).high() == IdRange(n + 1, of).low() for n in near if n + 1 < of)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Sixteen rows in row groups of four: ids 0000…, 1000…, up to f000…."""
    path = str(tmp_path / "table.parquet")
    ids = [f"{number:x}" + "0" * 31 for number in range(16)]
    rows = pa.table({"n": list(range(16)), "other": ids[::-1], "id": ids})
    storage.write_bytes(path, storage.parquet_bytes(rows, 4))
    return path


@pytest.mark.parametrize(
    ("number", "of", "groups", "rows"),
    [
        (0, 1, [0, 1, 2, 3], range(16)),
        (0, 4, [0], range(4)),
        (1, 4, [1], range(4, 8)),
        (3, 4, [3], range(12, 16)),
        (0, 3, [0, 1], range(6)),
        (1, 3, [1, 2], range(6, 11)),
        (0, 32, [0], range(1)),
        (1, 32, [0], range(0)),
    ],
)
def test_only_row_groups_that_meet_the_range_are_read(
    table: str, number: int, of: int, groups: list[int], rows: range
) -> None:
    ids = IdRange(number, of)
    assert overlapping_row_groups(table, ids) == groups
    assert rows_between(table, ids)["n"].to_pylist() == list(rows)


def test_another_column_may_be_the_sorted_one_and_some_columns_are_enough(tmp_path: Path) -> None:
    path = str(tmp_path / "table.parquet")
    rows = pa.table({"id": ["f", "f", "f"], "cluster": ["1" * 32, "8" * 32, "9" * 32], "n": [1, 2, 3]})
    storage.write_bytes(path, storage.parquet_bytes(rows, 1))
    assert overlapping_row_groups(path, IdRange(1, 2), "cluster") == [1, 2]
    found = rows_between(path, IdRange(1, 2), "cluster", ["cluster", "n"])
    assert found.column_names == ["cluster", "n"] and found["n"].to_pylist() == [2, 3]


def test_an_empty_table_has_no_rows_in_any_range(tmp_path: Path) -> None:
    path = str(tmp_path / "table.parquet")
    storage.write_bytes(path, storage.parquet_bytes(pa.table({"id": pa.array([], pa.string())}), 4))
    assert overlapping_row_groups(path, IdRange(0, 1)) == []
    assert rows_between(path, IdRange(0, 1)).num_rows == 0
