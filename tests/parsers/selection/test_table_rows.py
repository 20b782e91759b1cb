"""Rows of tables are kept or left out as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.scanner.page import WORDS
from parsers.selection.table_rows import whole_rows


def test_rows_are_kept_or_left_as_one():
    page = parse("<p>Stones</p><table><tr><th>Make<td>Dumfries<tr><th>Age<td>eighty years or more</table>").page
    words, roles = page.blocks[:, WORDS], block_roles(page)
    for kept, whole in (([0, 1, 0, 1, 0], [0, 1, 1, 0, 0]), ([1, 0, 0, 0, 1], [1, 0, 0, 1, 1])):
        assert whole_rows(np.array(kept, bool), roles, words).tolist() == [bool(each) for each in whole]


@pytest.mark.parametrize(
    ("kept", "whole"),
    [
        ([1, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
        ([1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]),
        ([0, 1, 1, 0, 1, 1], [0, 1, 1, 0, 1, 1]),
    ],
)
def test_titles_across_a_table_go_with_the_rows_below_them(kept, whole):
    sizes = "<tr><th colspan=2>Area<tr><th>Total<td>11<tr><th colspan=2>People<tr><th>Total<td>12"
    page = parse(f"<table>{sizes}</table>").page
    assert whole_rows(np.array(kept, bool), block_roles(page), page.blocks[:, WORDS]).tolist() == [*map(bool, whole)]
