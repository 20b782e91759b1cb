"""More rows than one worker can hold are dealt to files by their key: none is lost, and few are in memory."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transforms.spilled_rows import by_key
from text.hashing import GOLDEN

ROW = np.dtype([("key", np.uint64), ("rank", np.uint64), ("packed", np.uint8, (3,))])


def _rows(keys: list[int]) -> np.ndarray:
    rows = np.zeros(len(keys), ROW)
    rows["key"] = keys
    rows["rank"] = np.random.default_rng(len(keys)).integers(0, 2**64, len(keys), np.uint64)
    rows["packed"][:, 0] = np.arange(len(keys)) % 256
    return rows


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 64, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1), max_size=60),
    st.integers(1, 20), st.integers(1, 9), st.sampled_from([None, "rank"]),
)  # fmt: skip
def test_each_row_comes_once_and_no_key_in_two_groups(
    keys: list[int], most: int, chunk: int, order: str | None
) -> None:
    rows = _rows(keys)
    chunks = [rows[start : start + chunk] for start in range(0, len(rows), chunk)]
    groups = []
    for group in by_key(chunks, "key", most, order):
        arrays = list(group.arrays())
        assert [array.tobytes() for array in group.arrays()] == [array.tobytes() for array in arrays]
        together = np.concatenate([np.empty(0, ROW), *arrays])
        if group.is_one_key:
            assert len(set(together["key"].tolist())) == 1 and len(together) > most
            if order:
                bounds = [(array[order].min(), array[order].max()) for array in arrays]
                assert all(one[1] < other[0] for one, other in pairwise(bounds))
            else:
                assert all(len(array) <= most for array in arrays)
        else:
            assert len(together) <= most and len(arrays) <= 1
        groups.append(together)
    assert groups
    assert sorted(row.tobytes() for group in groups for row in group) == sorted(row.tobytes() for row in rows)
    of_groups = [set(group["key"].tolist()) for group in groups]
    assert sum(map(len, of_groups)) == len(set(keys))


def _peak(count: int, distinct: int) -> int:
    def chunks() -> Iterator[np.ndarray]:
        for start in range(0, count, 500):
            yield _rows([number * 7919 % distinct for number in range(start, start + 500)])

    tracemalloc.start()
    try:
        taken = sum(len(rows) for group in by_key(chunks(), "key", 1000, "rank") for rows in group.arrays())
        assert taken == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("distinct", [1, 10_007])
def test_more_rows_take_no_more_memory_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, distinct: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _peak(5000, distinct)
    assert _peak(80_000, distinct) - _peak(20_000, distinct) < 200_000  # all are 1.6 MB
    assert list(tmp_path.iterdir()) == []


def _file(key: int) -> int:
    return (key * int(GOLDEN) & 0xFFFFFFFFFFFFFFFF) >> 58


def test_a_second_key_that_comes_in_a_later_chunk_is_no_part_of_the_first() -> None:
    # Both fall to one file, whose first chunk has one of them alone.
    first = 1
    second = next(key for key in range(2, 10_000) if _file(key) == _file(first))
    chunks = [_rows([first] * 6), _rows([second] * 6)]
    found = []
    for group in by_key(chunks, "key", 5):
        assert group.is_one_key
        found.append(sorted({int(key) for array in group.arrays() for key in array["key"]}))
    assert sorted(found) == [[first], [second]]
