"""Names and numbers of the columns of a table of features."""

from __future__ import annotations

import pytest

from parsers.classifier.columns import Columns, Feature


@pytest.mark.parametrize("start", [0, 1, 7])
def test_columns_are_numbered_in_the_order_of_their_declaration(start: int) -> None:
    columns = Columns(start)
    assert (columns.start, columns.stop, len(columns), columns.names) == (start, start, 0, ())
    assert columns.add("words", "count", "its words") == start
    assert columns.add_all([Feature("links", "count", "its links"), Feature("tags", "count", "its tags")]) == start + 1
    assert columns.add_all([]) == start + 3 == columns.add("depth", "levels", "how deep it stands")
    assert columns.names == ("words", "links", "tags", "depth") and columns.stop == start + 4 and len(columns) == 4
    assert [feature.meaning for feature in columns] == ["its words", "its links", "its tags", "how deep it stands"]


def test_a_table_begins_with_column_0() -> None:
    assert Columns().add("words", "count", "its words") == 0
