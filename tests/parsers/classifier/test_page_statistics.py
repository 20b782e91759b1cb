"""What the blocks of a page share, table by table, beside a plain reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.feature_table import PAGE
from parsers.classifier.page_statistics import (
    SUM_BLOCKS,
    SUM_CHILDREN,
    SUM_LINK_WORDS,
    SUM_STOPS,
    SUM_TAGS,
    SUM_WORDS,
    compute_page_statistics,
)
from parsers.markup.names import BIT
from tests.parsers.classifier.feature_pages import ARTICLE, FORUM, LINKED, LISTED, LONG, NAMED, PRODUCT, SHORT, SITE
from tests.parsers.classifier.plain_block_features import (
    ascii_lower,
    best_container,
    context_inside,
    link_words,
    page_statistics,
    stretch,
    twins,
    words,
)
from tests.parsers.classifier.plain_page import plain_page

PROSE = "This one has, as all can see, some eight words."
SHORTER = "Not ten words, but nine; and three commas more."
CONTAINERS = f"<body><table><tr><td>{PROSE}<td>{PROSE}<p>{PROSE}</p></table><section><p>{PROSE}</p><ul><li><p>{PROSE}</p></ul></section></body>"
OPEN_FIGURE = f"<body><figure class=post><h2>Mill</h2><p>{PROSE}</p></figure><figure><p>{PROSE}</p></figure></body>"
LINKS = (
    f"<body><div>{PROSE} <a href=/>{LONG}</a></div><div><a href=/>{SHORT}</a></div><article>{SHORTER}</article></body>"
)
FEW = "<body><div>One two three four five</div><p>One two three four</p></body>"
PAGES = {
    "article": ARTICLE, "forum": FORUM, "named": NAMED, "listed": LISTED, "product": PRODUCT, "site": SITE, "containers": CONTAINERS,
    "figure": OPEN_FIGURE, "links": LINKS, "few": FEW, "none": "<body></body>",
}  # fmt: skip


def check(html: str) -> None:
    """Each table against the plain reading of the same page."""
    parsed = parse(html)
    found, page = compute_page_statistics(parsed.page), plain_page(parsed)
    inherited = [set().union(*map(context_inside, element.outward())) for element in page.elements]
    assert [{name for name, bit in BIT.items() if int(bits) & int(bit)} for bits in found.inherited] == inherited
    for row, element in zip(found.sums.tolist(), page.elements, strict=True):
        assert row[SUM_WORDS] == round(10 * words(element.blocks)) and row[SUM_LINK_WORDS] == round(
            10 * link_words(element.blocks)
        )
        assert row[SUM_BLOCKS] == len(element.blocks) and row[SUM_STOPS] == sum(
            block.stops for block in element.blocks
        )
        assert row[SUM_TAGS] == len(list(element.subtree())) - (element is page.root)
        assert row[SUM_CHILDREN] == sum(child.is_block_level for child in element.children)
    assert found.twins.tolist() == [twins(element) for element in page.elements]
    best = best_container(page)
    assert page.elements[found.best] is best
    assert found.best_share == pytest.approx(words(best.blocks) / max(words(page.blocks), 0.1))
    assert found.in_stretch.tolist() == [block in stretch(page) for block in page.blocks]
    expected = page_statistics(page)
    assert found.numbers == pytest.approx([float(expected[name]) for name in PAGE.names], rel=1e-5, abs=1e-6)
    texts = [ascii_lower(block.text) for block in page.blocks]
    assert found.repeated.tolist() == [texts.count(text) for text in texts]
    assert found.first_block.tolist() == [min((b.row for b in e.blocks), default=len(texts)) for e in page.elements]
    long_words = [round(10 * block.words) * block.is_long for block in page.blocks]
    assert found.long_before.tolist() == np.cumsum([0, *long_words]).tolist()


@pytest.mark.parametrize("name", PAGES)
def test_each_table_is_that_of_a_plain_reading(name: str) -> None:
    check(PAGES[name])


PIECES = st.sampled_from([
    f"<p>{LONG}</p>", f"<p>{SHORT}</p>", f"<p>{LINKED}</p>", f"<div>{PROSE}", "</div>", "<h2>The mill</h2>", "<li>item", "<div class='post p7'>",
    "<ul>", "</ul>", "<a href='/x'>", "</a>", "<figure>", "</figure>", f"<td>{SHORTER}", "<table><tr>", "</table>", "<img>", "text", "<span class=docs>",
])  # fmt: skip


@settings(max_examples=15)
@given(st.lists(PIECES, max_size=14))
def test_any_pieces(pieces: list[str]) -> None:
    check(f"<html><body>{''.join(pieces)}</body></html>")
