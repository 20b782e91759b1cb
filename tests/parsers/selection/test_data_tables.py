"""When a table is kept or left as one: by its words, by what stands around it, and by its links."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.selection.data_tables import drop_switches, whole_tables

PROSE, SHORT = "<p>one two three four five</p>", "<p>one two three four</p>"
TABLE = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"


def kept(html: str, keep: str, likely: float = 0.0) -> str:
    page = parse(f"<html><body>{html}</body></html>").page
    assert len(keep) == len(page.blocks)
    signs = np.array([sign == "+" for sign in keep])
    found = whole_tables(page, block_roles(page), signs, np.full(len(keep), likely, np.float32))
    return "".join("+" if sign else "-" for sign in found)


def link(text: str) -> str:
    return f"<a href=/>{text}</a>"


@pytest.mark.parametrize(
    ("html", "keep", "likely", "expected"),
    [
        (TABLE, "++--", 0, "++++"), (TABLE, "+---", 0.9, "----"), (TABLE, "----", 0.9, "----"), ("<table><tr><td>a a a<td>b<tr><td>c<td>d</table>", "+---", 0, "++++"),
        ("<table><tr><td>a a a<td>b<tr><td>c<td>d d</table>", "+---", 0, "----"), ("<table><tr><td>a<td>★<tr><td>c<td>d</table>", "+-+-", 0, "++++"),
        # Between two kept blocks of its container a tenth of likelihood is enough, beside one a quarter.
        (PROSE + TABLE + PROSE, "+----+", 0.11, "++++++"), (PROSE + TABLE + PROSE, "+----+", 0.09, "+----+"), (PROSE + TABLE + PROSE, "+-----", 0.26, "+++++-"), (PROSE + TABLE + PROSE, "+-----", 0.24, "+-----"),
        (PROSE + TABLE + PROSE, "-----+", 0.26, "-+++++"), (PROSE + TABLE + PROSE, "------", 0.9, "------"), (PROSE + TABLE, "+----", 0.26, "+++++"), (TABLE + PROSE, "----+", 0.26, "+++++"),
        # A block of less than five words does not speak, unless it is a heading.
        (SHORT + TABLE, "+----", 0.9, "+----"), ("<h2>Mills</h2>" + TABLE, "+----", 0.9, "+++++"), (PROSE + SHORT + TABLE, "+-----", 0.9, "+-++++"), (PROSE + SHORT + TABLE + SHORT + PROSE, "+------+", 0.11, "+-++++-+"),
        (PROSE + TABLE + TABLE + PROSE, "+--------+", 0.11, "++++++++++"),
        # What stands in another container says nothing.
        (f"<div>{PROSE}</div><div>{SHORT}{TABLE}</div>", "+-----", 0.9, "+-----"), (f"<div>{PROSE}</div><div>{TABLE}</div>", "+----", 0.9, "+++++"),
        (f"<main>{PROSE}{'<div>' * 4}{TABLE}{'</div>' * 4}</main>", "+----", 0.9, "+++++"), (f"<main>{PROSE}{'<div>' * 5}{TABLE}{'</div>' * 5}</main>", "+----", 0.9, "+----"),
        # Six words of ten in links: a list of links, unless it has a header.
        (f"<table><tr><td>{link('a a a')}<td>{link('b b b')}<tr><td>c c<td>d d</table>", "++--", 0, "++++"), (f"<table><tr><td>{link('a a a')}<td>{link('b b b b')}<tr><td>c c<td>d d</table>", "++--", 0, "++--"),
        (f"<table><tr><th>x<th>y<tr><td>{link('a a a')}<td>{link('b b b b')}</table>", "--++", 0, "++++"),
        (f"<table><tr><td>a<td>b<p>c</p><tr><td>d<td>e</table>{SHORT}", "+-+---", 0, "------"),
        (f"<table><tr><td>a<td>b<tr><td>c<td>d<pre>x</pre></table>{PROSE}", "++----", 0, "++++--"),
        ("<p>one</p><p>two</p>", "+-", 0.9, "+-"), ("", "", 0, ""),
    ],
)  # fmt: skip
def test_tables_between_other_blocks(html: str, keep: str, likely: float, expected: str) -> None:
    assert kept(html, keep, likely) == expected


@pytest.mark.parametrize(
    ("html", "stays"),
    [
        ("<div role=tablist><button>a</button></div>", False), ("<div role=tablists><button>a</button></div>", True), ("<div role=tablist>a</div>", True), ("<div role=tab><button>a</button></div>", True),
        (f"<div role=tablist><button>a</button> {'b ' * 19}</div>", False), (f"<div role=tablist><button>a</button> {'b ' * 20}</div>", True),
        ("<table><caption>a <a href='javascript:x'>b</a></caption><tr><th>c<th>d<tr><td>e<td>f</table>", False), ("<table><caption>a <a href='/javascript:x'>b</a></caption><tr><th>c<th>d<tr><td>e<td>f</table>", True),
        ("<table><caption>a</caption><tr><th>c<th><a href='javascript:x'>d</a><tr><td>e<td>f</table>", True), (f"<table><caption title='{'x' * 5000}'>a <a href='javascript:x'>b</a></caption><tr><th>c<th>d</table>", True),
        ("<p>a <a href='javascript:x'>b</a></p>", True), ("<table><caption>a <a href='/x'>b</a></caption><tr><th>c<th><a href='javascript:x'>d</a><tr><td>e<td>f</table>", True),
    ],
)  # fmt: skip
def test_switches(html: str, stays: bool) -> None:
    parsed = parse(f"<html><body>{html}<p>end</p></body></html>")
    count = len(parsed.page.blocks)
    left = drop_switches(parsed.page, block_roles(parsed.page), parsed.markup, np.ones(count, bool))
    assert left.tolist() == [stays] + [True] * (count - 1)
    nothing = np.zeros(count, bool)
    assert not drop_switches(parsed.page, block_roles(parsed.page), parsed.markup, nothing).any()


def test_a_link_of_a_few_words_behind_a_table_is_no_neighbour() -> None:
    figure = f"<div>{TABLE}<p>{link('Full size table')}</p></div>"
    assert kept(PROSE + figure + PROSE, "+-----+", 0.11) == "+++++-+"
    assert kept(PROSE + f"<div>{TABLE}<p>no link here</p></div>" + PROSE, "+-----+", 0.9) == "+-----+"


def test_a_kept_heading_of_the_next_section_speaks_for_a_table_that_is_led() -> None:
    page = f"<div><section>{PROSE}{TABLE}</section><section><h2>Mills</h2>{PROSE}</section></div>"
    assert kept(page, "+----++", 0.11) == "+++++++"
    assert kept(page, "+-----+", 0.11) == "+-----+"
