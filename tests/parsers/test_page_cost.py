"""What costs a parser more than linear time, counted on pages small enough to count by hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.page_cost import Cost, cost

STEP = 100  # what an element costs that is made again


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (b"", Cost(0, 0, 0)), (b"<", Cost(0, 0, 0)), (b"a < b <", Cost(0, 0, 0)), (b"<p>", Cost(0, 0, 0)), (b"<div>", Cost(1, 1, 0)), (b"<DIV><Div>", Cost(2, 2, 0)), (b"<div></div><div>", Cost(1, 1, 0)),
        (b"<div></foo><div>", Cost(2, 2, 0)), (b"<div></b><div>", Cost(1, 2, 0)), (b"<ruby><time>", Cost(0, 2, 0)), (b"<ruby></div><div>", Cost(0, 2, 0)), (b"</div></div><div>", Cost(0, 1, 0)),
        (b"<div_x>", Cost(0, 0, 0)), (b"<div-x>", Cost(1, 1, 1)), (b"<div", Cost(1, 1, 0)), (b"< div>", Cost(0, 0, 0)), (b"<!div>", Cost(0, 0, 0)), (b"</ div>", Cost(0, 0, 0)), (b"<div></div", Cost(1, 1, 0)),
        # Options cost as many steps as there are before them in their list.
        (b"<option>" * 4, Cost(0, 0, 6)), (b"<select><option><option></select><option><option>", Cost(1, 1, 2)), (b"<option><select><option><option>", Cost(1, 1, 1)), (b"<option><optgroup><option>", Cost(0, 0, 3)),
        (b"<option></option><option>", Cost(0, 0, 1)),
        # Attributes are compared with one another, those of a second body with the first's.
        (b"<p a b c>", Cost(0, 0, 9)), (b"<p a><p b c>", Cost(0, 0, 5)), (b"</p a b>", Cost(0, 0, 0)), (b"<html a><body b c>", Cost(0, 0, 1 + 4 + 2)), (b"<body a b><body c><html d>", Cost(0, 0, 4 + 1 + 2 + 1 + 3)),
        (b"<p a='<div b c>'>", Cost(1, 1, 1)), (b"<script a>x<p b c></script><p d e>", Cost(0, 0, 5)), (b"<style>x<p b></style><p c>", Cost(0, 0, 1)), (b"<script></style><p a></script>", Cost(0, 0, 0)),
        # Formatting elements are made again at each start tag of another element, of equal ones three.
        (b"<b><p>", Cost(1, 1, STEP)), (b"<b><p><p>", Cost(1, 1, 2 * STEP)), (b"<b></b><p>", Cost(1, 1, 0)), (b"<b><b><b><b><p>", Cost(4, 4, 3 * STEP)), (b"<b><b><b><b></b><p>", Cost(4, 4, 3 * STEP)),
        (b"<b><b><b><b></b></b><p>", Cost(4, 4, 2 * STEP)), (b"<b><i><p>", Cost(2, 2, 2 * STEP)), (b"<b></i><p>", Cost(1, 1, STEP)), (b"<b><p></p>", Cost(1, 1, 2 * STEP)), (b"<b id=1><b id=2><b id=3><b id=4><p>", Cost(4, 4, 4 + 4 * STEP)),
        (b"<b id=1>" * 4 + b"<p>", Cost(4, 4, 4 + 3 * STEP)), (b"<b><b id=1>" * 4 + b"<p>", Cost(8, 8, 4 + 6 * STEP)), (b"</b><p>", Cost(0, 0, 0)), (b"<b></b></b><b><p>", Cost(1, 1, STEP)),
    ],
)  # fmt: skip
def test_costs_of_small_pages(html: bytes, expected: Cost) -> None:
    assert cost(html) == expected
    assert cost(html, html.count(b"<")) == expected


PIECES = [b"<option>", b"<optgroup>", b"<select>", b"</select>", b"<p>", b"<div>", b"</div>", b"x", b"</option>"]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_options_since_the_list_began(pieces: list[bytes]) -> None:
    steps = options = 0
    for piece in pieces:
        if b"select" in piece:
            options = 0
        elif piece in (b"<option>", b"<optgroup>"):
            steps, options = steps + options, options + 1
    assert cost(b"".join(pieces)).steps == steps


@given(st.lists(st.sampled_from([b"<b>", b"<i>", b"</b>", b"</i>", b"<b id=1>", b"<p>", b"x"]), max_size=24))
def test_formatting_elements_that_are_open(pieces: list[bytes]) -> None:
    """Each name for itself: of each set of attributes three are made again, at most as many as are open."""
    steps, opened, kinds = 0, {b"b": 0, b"i": 0}, {b"b": set(), b"i": set()}
    for piece in pieces:
        match = re.fullmatch(rb"<(/?)([bip])( id=1)?>", piece)
        if not match:
            continue
        if match[2] == b"p":
            steps += STEP * sum(min(opened[name], 3 * len(kinds[name])) for name in opened)
        elif match[1]:
            opened[match[2]] = max(0, opened[match[2]] - 1)
        else:
            steps += bool(match[3])
            opened[match[2]] += 1
            kinds[match[2]].add(match[3])
    assert cost(b"".join(pieces)).steps == steps
