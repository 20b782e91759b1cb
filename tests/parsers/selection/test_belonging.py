"""Tables as one, labels with their values, and labels above code."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.scanner.page import WORDS
from parsers.selection.code_labels import drop_code_labels
from parsers.selection.data_tables import drop_switches, whole_tables
from parsers.selection.paired_blocks import keep_pairs
from parsers.selection.table_rows import said_by_rows

PROSE = "<p>The mill stands by the river and grinds</p>"
TABLE = "<table><tr><th>Place<th>People<tr><td>Mill<td>three<tr><td>Lock<td>four</table>"
LINKS = "<table><tr><td><a href=a>One<td><a href=b>Two<tr><td><a href=c>Three<td><a href=d>Four</table>"


def tables(html: str, kept: list[int], likely: float) -> list[int]:
    page = parse(html).page
    probabilities = np.full(len(kept), likely, np.float32)
    return whole_tables(page, block_roles(page), np.array(kept, bool), probabilities).astype(int).tolist()


@pytest.mark.parametrize(
    ("html", "kept", "likely", "whole"),
    [
        (TABLE, [0, 0, 1, 1, 1, 1], 0.5, [1, 1, 1, 1, 1, 1]),
        (TABLE, [1, 1, 0, 0, 0, 0], 0.5, [0, 0, 0, 0, 0, 0]),
        (PROSE + TABLE + PROSE, [1, 1, 1, 0, 0, 0, 0, 1], 0.2, [1] * 8),
        (PROSE + TABLE + PROSE, [1, 0, 0, 0, 0, 0, 0, 1], 0.05, [1, 0, 0, 0, 0, 0, 0, 1]),
        (PROSE + TABLE + PROSE, [1, 0, 0, 0, 0, 0, 0, 0], 0.2, [1, 0, 0, 0, 0, 0, 0, 0]),
        (PROSE + TABLE + PROSE, [1, 0, 0, 0, 0, 0, 0, 0], 0.4, [1, 1, 1, 1, 1, 1, 1, 0]),
        (f"<div>{PROSE}</div><div><p>Aside</p>{TABLE}</div>{PROSE}", [1, 0, 0, 0, 0, 0, 0, 0, 1], 0.4,
         [1, 0, 0, 0, 0, 0, 0, 0, 1]),
        (PROSE + f"<figure>{TABLE}<figcaption>All of the people here</figcaption></figure>" + PROSE,
         [1, 0, 0, 0, 0, 0, 0, 0, 1], 0.2, [1] * 9),
        (PROSE + TABLE.replace("<tr>", "<caption>All of the people here<tr>", 1), [1, 0, 1, 1, 1, 1, 1, 1], 0.5, [1] * 8),
        (PROSE + TABLE.replace("<tr>", "<caption>People<tr>", 1), [1, 0, 1, 1, 1, 1, 1, 1], 0.5, [1, 0, 1, 1, 1, 1, 1, 1]),
        (PROSE + LINKS + PROSE, [1, 1, 0, 0, 0, 1], 0.4, [1, 1, 0, 0, 0, 1]),
    ],
)  # fmt: skip
def test_tables_of_data_are_one(html: str, kept: list[int], likely: float, whole: list[int]) -> None:
    assert tables(html, kept, likely) == whole


def test_signs_alone_are_said_by_rows_with_words() -> None:
    page = parse("<table><tr><th>a<td>✓<tr><th>b<td>–<tr><td>—<td>—</table>").page
    assert said_by_rows(block_roles(page), page.blocks[:, WORDS]).tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("html", "kept", "whole"),
    [
        ("<p>Cuts a text</p><dl><dt>Returns:<dd>the rest of it</dl>", [1, 0, 0], [1, 1, 1]),
        ("<p>Cuts a text</p><dl><dt>Returns:<dd>the rest of it</dl>", [0, 0, 0], [0, 0, 0]),
        ("<p>Cuts a text</p><dl><dt>See<dd><a href=x>all the others</a></dl>", [1, 0, 0], [1, 0, 0]),
        (f"<dl><dt>Needs<dd>{TABLE}</dl><dl><dt>Returns:<dd>the rest of it</dl>", [0, 1, 1, 1, 1, 1, 1, 0, 0], [0] + [1] * 8),
        ("<dl><dt>Hopper<dd>Holds the grain<dt>Shoe<dd>Shakes it down</dl>", [0, 1, 0, 1], [1, 1, 1, 1]),
        ("<dl><dt>Hopper<dd>Holds the grain<dt>Shoe<dd>Shakes it down</dl>", [1, 1, 1, 0], [1, 1, 1, 1]),
        ("<dl><dt>Hopper<dd>Holds it<dt>Shoe<dd>Shakes it down into the eye of the stone</dl>", [0, 1, 0, 0], [1, 1, 0, 0]),
        ("<dl><dt>A long title of a thread in a forum<dd>3<dd>40<dd>Monday</dl>", [1, 0, 0, 0], [1, 0, 0, 0]),
        ("<p>x</p><p>y</p><p>z</p><p>The mill stands by the river and grinds</p><blockquote><p>The wheel turns</p><footer>A miller</footer></blockquote>",
         [1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]),
        ("<h3>Can I paint it?</h3><p>You can</p>", [0, 1], [1, 1]),
        ("<h3>Can I paint it?</h3><h3>You can</h3>", [0, 1], [0, 1]),
        ("<h3><a href=x>Can I paint it?</a></h3><p>You can</p>", [0, 1], [0, 1]),
        ("<p>Can I paint it</p><p>You can</p>", [0, 1], [0, 1]),
    ],
)  # fmt: skip
def test_labels_and_values_go_together(html: str, kept: list[int], whole: list[int]) -> None:
    page = parse(f"<html><body><div>{html}</div></body></html>").page
    likely = np.full(len(kept), 0.25, np.float32)
    assert keep_pairs(page, block_roles(page), np.array(kept, bool), likely).astype(int).tolist() == whole


def test_definitions_that_are_unlikely_to_be_content_stay_out() -> None:
    page = parse("<html><body><div><p>Cuts a text</p><dl><dt>Posted:<dd>on Monday</dl></div></body></html>").page
    likely, kept = np.full(3, 0.1, np.float32), np.array([1, 0, 0], bool)
    assert keep_pairs(page, block_roles(page), kept, likely).tolist() == [True, False, False]


def test_captions_that_switch_what_a_table_shows_go() -> None:
    table = "<table><caption>Methods <a href={}>Instance</a></caption><tr><th>Name<th>Use<tr><td>cut<td>Cuts a text</table>"
    for link, stays in (('"javascript:show(2)"', False), ('"#all"', True)):
        parsed = parse(table.format(link))
        kept = drop_switches(parsed.page, block_roles(parsed.page), parsed.markup, np.ones(5, bool))
        assert kept.tolist() == [stays] + [True] * 4


def test_lists_of_tabs_go() -> None:
    tabs = "<div role={}><button>All Methods</button> <button>Instance Methods</button></div><p>Cuts a text</p>"
    for role, stays in (("tablist", False), ("toolbar", True)):
        parsed = parse(tabs.format(role))
        kept = drop_switches(parsed.page, block_roles(parsed.page), parsed.markup, np.ones(2, bool))
        assert kept.tolist() == [stays, True]


@pytest.mark.parametrize(
    ("html", "stays"),
    [
        ("<div><div>Python:</div><pre>x = 1</pre></div><p>And so on</p>", "-++"),
        ("<p>And so on</p><div><pre>x = 1</pre><span>Python</span></div>", "++-"),
        ("<p>Python</p><pre>x = 1</pre><p>And so on</p>", "+++"),  # beside other text it may be said
        ("<div><h3>Python</h3><pre>x = 1</pre></div><p>And so on</p>", "+++"),
        ("<div><p>Example</p><pre>x = 1</pre></div><p>And so on</p>", "+++"),
    ],
)
def test_names_of_languages_go_where_an_element_holds_them_and_code_alone(html: str, stays: str) -> None:
    page = parse(f"<html><body>{html}</body></html>").page
    left = drop_code_labels(page, block_roles(page), np.ones(len(stays), bool))
    assert "".join("+" if stay else "-" for stay in left) == stays


def test_labels_above_code_go() -> None:
    page = parse("<p>Like this:</p><p>Code: Select all</p><pre>x = 1</pre><p>Copy</p><p>And so on</p>").page
    assert drop_code_labels(page, block_roles(page), np.ones(5, bool)).tolist() == [True, False, True, True, True]
    assert drop_code_labels(page, block_roles(page), np.array([1, 1, 0, 1, 1], bool)).tolist() == [
        True,
        True,
        False,
        True,
        True,
    ]
