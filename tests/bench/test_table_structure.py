"""The score of tables: what a grid is, what a text's tables are, and how far apart two are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bench.table_structure import best_teds, content_tables, source_grid, teds, text_tables, tidy

ROWS = "<tr><th rowspan=2>Parish<th colspan=2>People<tr><th>1991<th>2001<tr><td>Mill End<td>3<td>4"
GRID = [["Parish", "People"], ["", "1991", "2001"], ["Mill End", "3", "4"]]


def test_cells_stand_where_the_markup_puts_them() -> None:
    (node,) = LexborHTMLParser(f"<table>{ROWS}</table>").css("table")
    assert tidy(source_grid(node)) == GRID


def test_only_tables_of_the_gold_text_count() -> None:
    html = f"<table>{ROWS}</table><table><tr><td>About<td>Contact<tr><td>Terms<td>Help</table>"
    assert content_tables(html, "Parish People 1991 2001 Mill End 3 4") == [GRID]


@pytest.mark.parametrize(
    "text",
    [
        "Before\n\nParish\tPeople\n\t1991\t2001\nMill End\t3\t4\n\nAfter",
        "|Parish|People||\n|---|---|---|\n||1991|2001|\n|Mill End|3|4|",
    ],
)
def test_tables_of_texts(text: str) -> None:
    assert list(text_tables(text)) == [GRID] and best_teds(GRID, text_tables(text)) == 1


def test_what_is_lost_or_moved_costs() -> None:
    moved = [["Parish", "People"], ["1991", "2001"], ["Mill End", "3", "4"]]
    assert 0.8 < teds(GRID, moved) < 1 and 0.4 < teds(GRID, GRID[:2]) < teds(GRID, moved)
    assert best_teds(GRID, []) == best_teds(GRID, [[["nothing", "of it"]]]) == 0


GRIDS = st.lists(st.lists(st.sampled_from(["a", "b c", "12"]), min_size=1, max_size=4), min_size=1, max_size=4)


@settings(max_examples=50)
@given(GRIDS, GRIDS)
def test_the_score_is_symmetric_and_1_for_equals(one: list[list[str]], other: list[list[str]]) -> None:
    assert teds(one, one) == 1 and 0 <= teds(one, other) <= 1
    assert teds(one, other) == pytest.approx(teds(other, one))
