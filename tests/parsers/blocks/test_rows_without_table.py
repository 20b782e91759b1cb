"""Rows that stand in no table, and rows of a number and its paragraph."""

from __future__ import annotations

import pytest

from parsers import extract

PROSE = "<p>The canal climbs forty metres between the basin and the summit, by nine locks, of which three are worked by hand.</p>"
ROWS = [["Lock", "Length"], ["Fernhill", "22 m"], ["Upper Mill", "21 m"]]
TABLE = "Lock\tLength\nFernhill\t22 m\nUpper Mill\t21 m"


def text(body: str) -> str:
    return extract(f"<html><body><article>{PROSE}{body}{PROSE.replace('canal', 'river')}</article>".encode()).text


def rows(row: str, cell: str, rows: list[list[str]] = ROWS) -> str:
    return "".join(f"<div {row}>{''.join(f'<div {cell}>{each}</div>' for each in line)}</div>" for line in rows)


ROW, CELL = 'role="row"', 'role="cell"'
HEAD, BODY = rows(ROW, CELL, ROWS[:1]), rows(ROW, CELL, ROWS[1:])
DIV_ROWS = rows('class="divTableRow"', 'class="divTableCell"')
R_ROWS = rows('class="rTableRow"', 'class="rTableCell"')
GRID_ROWS = rows(ROW, 'role="gridcell"')


@pytest.mark.parametrize(
    "body",
    [
        f"<div>{HEAD}{BODY}</div>",
        f'<div role="grid">{GRID_ROWS}</div>',
        f'<div><div role="rowgroup">{HEAD}</div><div role="rowgroup">{BODY}</div></div>',
        f'<div class="divTable"><div class="divTableBody">{DIV_ROWS}</div></div>',
        f'<div class="rTable">{R_ROWS}</div>',
    ],
)
def test_rows_make_a_table(body: str) -> None:
    assert TABLE in text(body)


def test_a_row_alone_is_none() -> None:
    assert "\t" not in text(f"<div>{HEAD}</div>")


@pytest.mark.parametrize("number", ["(1)", "a)", "2."])
def test_a_number_stands_before_its_paragraph(number: str) -> None:
    weir = "\u2018weir\u2019 means a barrier across a river over which water flows;"
    assert f"{number}\t{weir}" in text(f"<table><tr><td><p>{number}</p></td><td><p>{weir}</p></td></tr></table>")


def test_a_row_of_a_schedule_is_one() -> None:
    cells = "".join(f"<td>{cell}</td>" for cell in ("7A.", "House-boats", "60.00"))
    assert "7A.\tHouse-boats\t60.00" in text(f"<table><tr>{cells}</tr></table>")


def test_a_name_beside_a_paragraph_is_layout() -> None:
    body = "<table><tr><td>harrow</td><td>The gates leak more than they did, and nobody has looked at them.</td></tr></table>"
    assert "\t" not in text(body)
