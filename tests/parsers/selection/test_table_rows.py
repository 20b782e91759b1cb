"""Rows of tables are kept or left out as a whole."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import CELL, COLUMN, GROUP, LINE, ROLE, block_roles
from parsers.scanner.page import WORDS
from parsers.selection.table_rows import said_by_rows, whole_rows


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


def grid(*rows: tuple[int, ...]) -> str:
    """A table whose cells have so many words each; a row of one cell goes across it."""
    cells = ("".join(f"<td>{'so ' * words or '★'}</td>" for words in row) for row in rows)
    return "<table><tr><th>a<th>b" + "".join(f"<tr>{row}" for row in cells) + "</table>"


def rows_of(html: str) -> tuple[np.ndarray, np.ndarray]:
    page = parse(f"<body>{html}</body>").page
    return block_roles(page), page.blocks[:, WORDS]


def plainly(kept: list[bool], roles: np.ndarray, words: np.ndarray) -> list[bool]:
    """What :func:`whole_rows` says, row by row."""
    cells = [b for b in range(len(kept)) if roles[b, ROLE] == CELL]
    lines: dict[int, list[int]] = {}
    for b in cells:
        lines.setdefault(int(roles[b, LINE]), []).append(b)
    whole, order = list(kept), list(lines)
    for line in order:
        balance = sum(max(int(words[b]), 1) * (1 if kept[b] else -1) for b in lines[line])
        for b in lines[line]:
            whole[b] = balance >= 0
    is_title = {line: len({int(roles[b, COLUMN]) for b in lines[line]}) == 1 for line in order}
    for place, line in enumerate(order):
        if not is_title[line]:
            continue
        below = []
        for other in order[place + 1 :]:
            if is_title[other] or roles[lines[other][0], GROUP] != roles[lines[line][0], GROUP]:
                break
            below.append(any(whole[b] for b in lines[other]))
        for b in lines[line]:
            whole[b] = whole[b] and (any(below) or not below or int(words[b]) > 80)
    return whole


@given(
    st.lists(st.lists(st.sampled_from([0, 1, 2, 7, 8, 9]), min_size=1, max_size=3).map(tuple), min_size=2, max_size=6),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_any_table_is_read_as_a_plain_reading_has_it(rows: list[tuple[int, ...]], random: Random) -> None:
    html = f"<p>so</p>{grid(*rows)}{grid(*rows[::-1])}<p>so</p>"
    roles, words = rows_of(html)
    kept = [random.random() < 0.5 for _ in words]
    assert whole_rows(np.array(kept, bool), roles, words).tolist() == plainly(kept, roles, words)
    spoken = {int(roles[b, LINE]) for b in range(len(words)) if roles[b, ROLE] == CELL and words[b]}
    said = [roles[b, ROLE] == CELL and int(roles[b, LINE]) in spoken for b in range(len(words))]
    assert said_by_rows(roles, words).tolist() == said


def test_a_page_without_a_table() -> None:
    roles, words = rows_of("<p>so</p>")
    assert whole_rows(np.array([True]), roles, words).tolist() == [True]
    assert said_by_rows(roles, words).tolist() == [False]
