from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.posttraining.packing import RowOrder, fill, first_fit_decreasing


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(0, 5))
def test_every_document_lies_in_the_first_row_with_room(lengths: list[int], seed: int) -> None:
    rows = first_fit_decreasing(lengths, 30, seed)
    assert sorted(number for row in rows for number in row) == list(range(len(lengths)))
    assert all(sum(lengths[number] for number in row) <= 30 for row in rows)
    placed: list[list[int]] = []
    order = sorted((number for row in rows for number in row), key=lambda n: -lengths[n])
    # First fit, done naively in the same order of lengths, fills rows by the same lengths.
    for number in order:
        row = next((row for row in placed if sum(row) + lengths[number] <= 30), None)
        if row is None:
            placed.append(row := [])
        row.append(lengths[number])
    assert [[lengths[number] for number in row] for row in rows] == placed


def test_the_seed_orders_documents_of_one_length() -> None:
    plans = [first_fit_decreasing([5] * 20, 10, seed) for seed in (0, 0, 1)]
    assert plans[0] == plans[1] != plans[2]
    with pytest.raises(ValueError, match="does not fit"):
        first_fit_decreasing([11], 10, 0)


def test_rows_are_well_filled() -> None:
    lengths = [(37 * n) % 900 + 20 for n in range(500)]
    rows = first_fit_decreasing(lengths, 2048, 0)
    assert fill(lengths, len(rows), 2048) > 0.97


@given(st.integers(1, 9), st.sampled_from([0.5, 1.0, 2.5]), st.integers(1, 5))
def test_every_row_comes_once_an_epoch(rows: int, epochs: float, batch: int) -> None:
    order = RowOrder(rows, epochs, seed=7)
    taken = [row for begin in range(0, order.total, batch) for row in order.take(begin, batch)]
    assert taken[: order.total].count(-1) == 0 and set(taken[order.total :]) <= {-1}
    for begin in range(0, order.total, rows):
        epoch = taken[begin : min(begin + rows, order.total)]
        assert max(Counter(epoch).values()) == 1
    for place, row in enumerate(taken):  # whoever goes on in the middle of an epoch reads the same
        assert RowOrder(rows, epochs, seed=7).take(place, 1) == [row]
    assert order.take(1, 3) == RowOrder(rows, epochs, seed=7).take(1, 3)


def test_epochs_have_orders_of_their_own_and_parts_of_them_are_rounded() -> None:
    order = RowOrder(40, 2, seed=7)
    first, second = order.take(0, 40), order.take(40, 40)
    assert sorted(first) == sorted(second) == list(range(40)) and first != second
    assert first != RowOrder(40, 2, seed=8).take(0, 40)
    assert [RowOrder(*shape, seed=0).total for shape in ((9, 2.5), (9, 0.5), (1, 0.5))] == [22, 4, 1]
    assert fill([], 0, 8) == 0.0
