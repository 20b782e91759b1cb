"""Where cells stand, which rows are headers, and how tables are written."""

from __future__ import annotations

import numba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.blocks.render import render_blocks


def written(table: str) -> str:
    return render_blocks(parse(f"<html><body>{table}</body></html>").blocks)[0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<tr><th rowspan=2>Parish<th colspan=2>People<th rowspan=2>Houses<tr><th>1991<th>2001<tr><td>Mill<td>3<td>4<td>5",
         "Parish\tPeople\t\tHouses\n\t1991\t2001\nMill\t3\t4\t5"),
        ("<tr><td rowspan=2>Italia<td>1<td>a<tr><td>2<td>b", "Italia\t1\ta\n\t2\tb"),
        ("<tr><td rowspan=0>All<td>1<td>a<tr><td>2<td>b<tr><td>3<td>c", "All\t1\ta\n\t2\tb\n\t3\tc"),
        ("<tbody><tr><td rowspan=9>A<td>1<td>x<tbody><tr><td>B<td>2<td>y", "A\t1\tx\nB\t2\ty"),
        ("<tr><td>a<td colspan=2>b<tr><td>c<td>d<td>e", "a\tb\nc\td\te"),
        ("<tr><td>a<td>✓<td>–<tr><td>b<td>✗<td>$$", "a\t✓\t–\nb\t✗\t$$"),
        ("<tr><td>a<td>b<tr><td>—<td>—<tr><td>c<td>d", "a\tb\nc\td"),
    ],
)  # fmt: skip
def test_cells_stand_in_the_columns_that_spans_leave_them(rows: str, expected: str) -> None:
    kept = parse(f"<table>{rows}</table>").blocks
    words = {block.line for block in kept if any(map(str.isalnum, block.text))}
    assert render_blocks([block for block in kept if block.line in words])[0] == expected


def test_elements_with_the_roles_of_a_table_are_one() -> None:
    row = "<div role=row><span role={}>{}</span><span role={}>{}</span></div>"
    page = "<div role=table>" + row.format("columnheader", "Day", "columnheader", "Tide")
    page += row.format("rowheader", "1 July", "cell", "04:11") + "</div>"
    assert written(page) == "Day\tTide\n1 July\t04:11"


def test_a_list_in_a_cell_of_a_table_with_headers_is_part_of_its_row() -> None:
    table = "<table><tr><th>Use<th>Ground<tr><td><p>To run:</p><ul><li>this;<li>that<li>more</ul><td>A contract"
    assert written(f"{table}</table>") == "Use\tGround\nTo run: this; that more\tA contract"


def headers(table: str) -> list[str]:
    text, spans = render_blocks(parse(f"<p>Before</p>{table}").blocks)
    outer = [span for span in spans if span.kind == "table"]
    found = [span for span in spans if span.kind == "table_header"]
    assert all(any(o.start <= span.start and span.end <= o.end for o in outer) for span in found)
    return [text[span.start : span.end] for span in found]


def test_header_rows_have_a_span() -> None:
    body = "<tr><th>Mill<td>3<tr><td>Lock<td>4"
    assert headers(f"<table><tr><th>Place<th>People{body}</table>") == ["Place\tPeople"]
    assert headers(f"<table><thead><tr><td>Place<td>$x$<tbody>{body}</table>") == ["Place\t$x$"]
    assert headers(f"<table><tr><th rowspan=2>P<th>Q<tr><th>R{body}</table>") == ["P\tQ\n\tR"]
    assert headers(f"<table>{body}</table>") == []


def grid(rows: list[list[tuple[int, int]]]) -> list[list[int]]:
    """The columns of cells (columns, rows that each spans), by a table of what is taken."""
    taken: set[tuple[int, int]] = set()
    places = []
    for y, row in enumerate(rows):
        x, line = 0, []
        for width, height in row:
            while (y, x) in taken:
                x += 1
            line.append(x)
            taken |= {(y + down, x + right) for down in range(height) for right in range(width)}
            x += width
        places.append(line)
    return places


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=2, max_size=5), min_size=2, max_size=6)
)
def test_columns_are_those_of_a_grid(rows: list[list[tuple[int, int]]]) -> None:
    html = "".join(
        "<tr>" + "".join(f"<td colspan={width} rowspan={height}>w" for width, height in row) for row in rows
    )
    blocks = parse(f"<table>{html}</table>").blocks
    found = [block.column for block in blocks if block.shape == "cell"]
    assert found == [column for line in grid(rows) for column in line]


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="measures compiled kernels")
def test_columns_without_end_cost_no_time() -> None:
    html = "<tr>" + "<td colspan=1000>w" * 300 + "<tr><td>a<td>b" * 5_000
    assert [block.column for block in parse(f"<table>{html}</table>").blocks][-2:] == [0, 1]
