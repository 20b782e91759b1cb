"""Features of blocks: written in stretches as in one go, beside a plain reading."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.classifier.block_features import write_block_features
from parsers.classifier.feature_table import BLOCK_NAMES
from parsers.classifier.page_statistics import compute_page_statistics
from tests.parsers.classifier.feature_pages import ARTICLE, FAR, FORUM, LINKED, LONG, NAMED, PRODUCT, SHORT
from tests.parsers.classifier.plain_block_features import block_features
from tests.parsers.classifier.plain_page import plain_page

# Blocks before, between and behind groups of twins; headings and long blocks at the distances where counting ends.
TWINS = (
    f"<body><h1>Mill</h1><p>{LONG}</p><section><div class=c><a class=t href=/1>{SHORT}</a> <i>one</i></div><div class=c><p>{LONG}</p>"
    f"<span class=x>two</span></div><div class=c></div></section>{LINKED}<ul><li><a href=/>One</a><li>Two<li>{LONG}</ul></body>"
)
DEEP = (
    "<body>"
    + "<div>" * 64
    + f"<p>{LONG}</p>"
    + "</div>" * 30
    + f"<p>{SHORT}</p>"
    + "</div>" * 34
    + "<p>end</p></body>"
)
EDGES = (
    f"<body><h2>Wheel</h2><p>{LONG}</p>"
    + "".join(f"<p>row {n}</p>" for n in range(51))
    + f"<h3>Stones</h3><p>{LONG}</p></body>"
)
HEADED = (
    "<body>"
    + "".join(f"<h{level}>Level {level}</h{level}><p>{SHORT}</p><hgroup>x</hgroup>" for level in range(1, 7))
    + "</body>"
)
# Twins without a word, and nothing but such; with no more twins than one; links that stand alone in them.
WORDLESS = (
    "<body><section>"
    + "<div class=c>* * *</div>" * 3
    + "</section>"
    + "<div class=d><a href=/>* *</a></div>" * 4
    + "</body>"
)
# Each level holds more than the one below, far beyond those that have columns.
NESTED = "<body>" + f"<div><p>{SHORT}</p>" * 50 + "</div>" * 50 + "</body>"
PAGES = {
    "nested": NESTED,
    "wordless": WORDLESS,
    "headed": HEADED,
    "article": ARTICLE,
    "forum": FORUM,
    "named": NAMED,
    "product": PRODUCT,
    "twins": TWINS,
    "deep": DEEP,
    "edges": EDGES,
    "far": FAR,
}
STEP = 7


@pytest.mark.parametrize("name", PAGES)
def test_features_are_those_of_a_plain_reading_wherever_a_stretch_begins(name: str) -> None:
    parsed = parse(PAGES[name])
    statistics, count = compute_page_statistics(parsed.page), len(parsed.page.blocks)
    rows = block_features(plain_page(parsed))
    expected = np.array([[float(row[column]) for column in BLOCK_NAMES] for row in rows])
    whole, parts = np.full((2, count, len(BLOCK_NAMES)), np.nan, np.float32)
    write_block_features(parsed.page, statistics, 0, whole)
    for start in range(0, count, STEP):
        write_block_features(parsed.page, statistics, start, parts[start : start + STEP])
    np.testing.assert_array_equal(whole, parts)
    apart = ~np.isclose(whole, expected, rtol=1e-5, atol=1e-6)
    assert not apart.any(), [BLOCK_NAMES[column] for column in np.flatnonzero(apart.any(0))]


def test_a_page_without_blocks_has_no_rows() -> None:
    page = parse("<body></body>").page
    write_block_features(page, compute_page_statistics(page), 0, np.empty((0, len(BLOCK_NAMES)), np.float32))
