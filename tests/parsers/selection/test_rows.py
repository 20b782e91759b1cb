"""What most steps hand back: what is kept, with some rows changed, and never by writing to what they were given."""

from __future__ import annotations

import numpy as np

from parsers.selection.rows import along_with, any_of, without


def test_rows_go_and_come_and_what_was_given_stays() -> None:
    kept = np.array([True, False, True])
    assert without(kept, [0, 1]).tolist() == [False, False, True]
    assert along_with(kept, np.array([1])).tolist() == [True, True, True]
    assert kept.tolist() == [True, False, True]


def test_where_nothing_changes_the_same_array_comes_back() -> None:
    kept = np.array([True, False])
    assert without(kept, []) is kept and along_with(kept, np.zeros(0, np.int64)) is kept


def test_whether_anything_is_kept() -> None:
    assert any_of(np.array([False, True])) and not any_of(np.zeros(9, np.bool_)) and not any_of(np.zeros(0, np.bool_))
