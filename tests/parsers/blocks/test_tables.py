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


def words(count: int) -> str:
    return " ".join(["word"] * count)


def row(*cells: str, tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


@pytest.mark.parametrize(
    ("table", "is_table"),
    [
        (row("a", "b") * 2, True),
        (row("a", "b"), False),  # one row with two cells
        (row("a", "b", tag="th"), True),  # ... which is enough below a head
        (f"<caption>c</caption>{row('a', 'b')}", True),
        (f"<thead>{row('a', 'b')}</thead>", True),
        (row("a", "") * 3, False),  # cells without text
        (row("a") * 3, False),
        (row(words(50), "b") * 2, True),
        (row(words(51), "b") * 2, False),  # nine cells of ten are short
        (row("a", "b") * 4 + row(words(51), "b"), True),
        (row("a", "b") * 3 + row("a", words(51), "b"), False),
        (row("a", "b") * 4 + row(words(300), "b"), True),
        (row("a", "b") * 4 + row(words(301), "b"), False),  # none is very long
        (row("<p>a</p><p>b</p>", "c") * 2, True),
        (row("<p>a</p><p>b</p><p>c</p>", "c") * 2, False),  # two blocks a cell
    ],
)
def test_what_tabulates(table: str, is_table: bool) -> None:
    assert ("cell" in {block.shape for block in parse(f"<body><table>{table}</table></body>").blocks}) is is_table


def test_a_cell_knows_its_row_and_its_column() -> None:
    table = f"<table>{row('a', '', 'b')}{row('c', 'd', '<p>e</p><p>f</p>')}</table>"
    found = parse(f"<body>{table}</body>").blocks
    assert [(block.text, block.column) for block in found] == [
        ("a", 0), ("b", 2), ("c", 0), ("d", 1), ("e", 2), ("f", 2),
    ]  # fmt: skip
    assert [block.line == found[0].line for block in found] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("table", "is_table"),
    [
        (f"<tr><td>a<td>b<tr><td>c<td><table>{row('d', 'e') * 2}</table>", "inner"),  # a table in a cell
        ("<tr><td>a<td>b<tr><td>c<td>d<table><tr><td></table>", "outer"),  # ... without text is none
        (f"<tr><td>a<td>b<tr><td>c<td>{'<ul>' + '<li>e' * 3 + '</ul>'}", None), (f"<tr><th>a<th>b<tr><td>c<td>{'<ul>' + '<li>e' * 9 + '</ul>'}", "outer"),
        (f"<tr><th>a<th>b<tr><td>c<td>{'<p>d</p>' * 3}", None), ("<tr><th>a<th>b<tr><td>c<td><p>d</p><p>e</p><ul><li>f<li>g</ul>", "outer"),
        ("<tr><td>a<td><pre>b</pre><tr><td>c<td><pre>d</pre>", None), ("<tr><th>a<th><pre>b</pre><tr><td>c<td>d", "outer"),
    ],
)  # fmt: skip
def test_tables_in_tables_lists_and_code_in_cells(table: str, is_table: str | None) -> None:
    blocks = parse(f"<body><table>{table}</table></body>").blocks
    found = {block.text: block.shape == "cell" for block in blocks}
    assert found["a"] is (is_table == "outer")
    if is_table == "inner":
        assert found["d"] and found["e"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (row("A", "B", tag="th") + row("1", "2") + row("3", "4"), 1), (row("A", "B", tag="th") * 2 + row("1", "2"), 2), (row("A", "B", tag="th") * 2, 0),
        (row("A", tag="th") + row("B", "C", tag="th") + row("1", "2"), 0), (row("B", "C", tag="th") + row("A", tag="th") + row("1", "2"), 2),
        (row("1", "2") + row("A", "B", tag="th") + row("3", "4"), 0), ("<tr></tr>" + row("A", "B", tag="th") + row("1", "2"), 1),
        (f"<thead>{row('A', 'B')}</thead><tbody>{row('1', '2')}</tbody>", 1), (f"<thead>{row('A', 'B') * 2}</thead><tbody>{row('C', 'D', tag='th')}{row('1', '2')}</tbody>", 2),
        (f"<tbody>{row('A', 'B', tag='th')}</tbody><thead>{row('C', 'D')}</thead>{row('1', '2')}", 0), ("<tr><th>A<td>B" + row("1", "2"), 0),
    ],
)  # fmt: skip
def test_which_rows_are_headers(rows: str, expected: int) -> None:
    assert sum(header.count("\n") + 1 for header in headers(f"<table>{rows}</table>")) == expected


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ("<tr><td colspan=100>a<td colspan=99>b<td>c<td>d<tr><td>e<td>f", [0, 100, 199, 200, 0, 1]), ("<tr><td colspan=100>a<td colspan=120>b<td>c<td>d<tr><td>e<td>f", [0, 100, 200, 201, 0, 1]),
        ("<tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e", [0, 1, 1, 0, 1]), ("<tr><td>a<td rowspan=3>b<tr><td>c<td>d<tr><td>e<td>f", [0, 1, 0, 2, 0, 2]),
        ("<tfoot><tr><td rowspan=3>a<td>b</tfoot><tbody><tr><td>c<td>d", [0, 1, 0, 1]), ("<thead><tr><td rowspan=3>a<td>b</thead><tbody><tr><td>c<td>d", [0, 1, 0, 1]),
        ("<tr><td>a<td colspan=2 rowspan=2>b<td>c<tr><td>d<td>e", [0, 1, 3, 0, 3]),
    ],
)  # fmt: skip
def test_spans_up_to_the_widest_table_and_the_end_of_a_group(rows: str, columns: list[int]) -> None:
    blocks = parse(f"<body><table>{rows}</table></body>").blocks
    assert [block.column for block in blocks] == columns
    again = parse(f"<body><table>{rows}</table><table>{rows}</table></body>").blocks
    assert [block.column for block in again] == columns * 2  # nothing is left over from one table to the next


def test_a_cell_by_its_role_stands_in_a_row_and_a_row_in_a_table() -> None:
    def part(role: str, inside: str) -> str:
        return f"<div role={role}>{inside}</div>"

    rows = part("row", part("cell", "a") + part("cell", "b")) * 2
    found = parse(
        f"<body>{part('table', rows + part('cell', 'c'))}{part('cell', 'd')}{part('row', part('cell', 'e'))}"
    ).blocks
    assert [(block.text, block.shape) for block in found] == [
        ("a", "cell"), ("b", "cell"), ("a", "cell"), ("b", "cell"), ("c", "paragraph"), ("d", "paragraph"), ("e", "paragraph"),
    ]  # fmt: skip


def test_a_row_of_heads_below_the_first_data_is_none() -> None:
    for first in (row("1", "2"), "<tr><th>A<td>2", "<tr><td>1", "<tr><th>A"):
        found = parse(f"<table>{first}{row('A', 'B', tag='th')}{row('3', '4')}{row('5', '6')}</table>").blocks
        assert {block.level for block in found} == {0}, first
    headed = parse(
        f"<table>{row('A', 'B', tag='th')}{row('C', tag='th')}{row('3', '4')}{row('D', 'E', tag='th')}</table>"
    ).blocks
    assert [block.level for block in headed] == [1, 1, 1, 0, 0, 0, 0]
