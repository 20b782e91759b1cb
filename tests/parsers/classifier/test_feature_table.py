"""Each column of the feature tables, by its name, against a slow and plain reading of what the table says it means."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.block_classifier import first_look_features
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK, STACKED
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.parsed_page import ParsedPage
from tests.parsers.classifier.feature_pages import FORUM, LINKED, LONG, PAGES, SHORT
from tests.parsers.classifier.plain_block_features import Numbers, block_features
from tests.parsers.classifier.plain_page import PlainPage, plain_page
from tests.parsers.classifier.plain_stacked_features import stacked_features
from tests.parsers.classifier.plain_text_features import phrase_features, title_features


def plain(page: PlainPage, parsed: ParsedPage, p: np.ndarray) -> list[Numbers]:
    tables = block_features(page), title_features(page, parsed.about), phrase_features(page), stacked_features(page, p)
    return [first | second | third | fourth for first, second, third, fourth in zip(*tables, strict=True)]


def compared(html: str, p: Callable[[int], np.ndarray] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """``float[m, len(SECOND_LOOK)]`` twice: as the kernels have the features of a page, and as read plainly."""
    parsed = parse(html)
    count = len(parsed.page.blocks)
    chances = (p or some_probabilities)(count)
    first = first_look_features(parsed.page, parsed.statements)
    found = np.hstack([first, compute_stacked_features(parsed.page, chances)])
    rows = plain(plain_page(parsed), parsed, chances)
    assert all({*row} == {*SECOND_LOOK} for row in rows)
    return found, np.array([[float(row[name]) for name in SECOND_LOOK] for row in rows]).reshape(found.shape)


def some_probabilities(count: int) -> np.ndarray:
    return np.random.default_rng(count).random(count, np.float32).round(2)


of_page = cache(lambda name: compared(PAGES[name]))


@pytest.mark.parametrize("name", SECOND_LOOK)
def test_a_column_holds_what_its_name_says(name: str) -> None:
    column = SECOND_LOOK.index(name)
    values = set()
    for page in PAGES:
        found, expected = of_page(page)
        assert found[:, column] == pytest.approx(expected[:, column], rel=1e-5, abs=1e-6), page
        values |= {*expected[:, column].round(6).tolist()}
    assert len(values) > 1, "no page here shows that this feature is written"


def test_columns_are_told_apart() -> None:
    """No two columns are the same on all pages: a swap would not be seen."""
    columns = np.vstack([of_page(page)[1] for page in PAGES]).round(6)
    first_with: dict[bytes, str] = {}
    for name, column in zip(SECOND_LOOK, columns.T, strict=True):
        other = first_with.setdefault(column.tobytes(), name)
        assert other == name or {other, name} == {"best_share", "page_best_share"}


PIECES = st.sampled_from([
    f"<p>{LONG}</p>", f"<p>{SHORT}</p>", f"<p>{LINKED}</p>", "<h1>The mill</h1>", "<h3>Comments</h3>", "<li>item one</li>",
    "<div class='post p7'>", "<div class='comment'>", "</div>", "<ul>", "</ul>", "<a href='/x'>", "</a>", "<figure>",
    "</figure>", "<td>cell", "<table><tr>", "</table>", "<img src='x.png'>", "<br><br>", "Text, and more text", "<nav>",
    "</nav>", "<p>Read more</p>", "<form><input><button>Go</button></form>", "<section id='sidebar'>", "</section>",
])  # fmt: skip


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["", "<title>The mill by the river</title>"]))
def test_a_page_of_any_pieces_is_read_alike(pieces: list[str], title: str) -> None:
    found, expected = compared(f"<html><head>{title}</head><body>{''.join(pieces)}</body></html>")
    apart = ~np.isclose(found, expected, rtol=1e-5, atol=1e-6)
    assert not apart.any(), [SECOND_LOOK[column] for column in np.flatnonzero(apart.any(0))]


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_probabilities_may_all_be_certain(certain: float) -> None:
    found, expected = compared(FORUM, lambda count: np.full(count, certain, np.float32))
    stacked = slice(len(FIRST_LOOK), len(FIRST_LOOK) + len(STACKED))
    assert found[:, stacked] == pytest.approx(expected[:, stacked], rel=1e-5, abs=1e-6)
