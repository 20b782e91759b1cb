"""Each column of the feature tables, by its name, against a slow and plain reading of what the table says it means."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.block_classifier import first_look_features
from parsers.classifier.feature_table import FIRST_LOOK, PHRASE_FAMILIES, SECOND_LOOK, STACKED
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.markup.names import FAMILIES, IN_ELEMENT
from parsers.parsed_page import ParsedPage
from tests.parsers.classifier.plain_block_features import Numbers, block_features
from tests.parsers.classifier.plain_page import PlainPage, plain_page
from tests.parsers.classifier.plain_stacked_features import stacked_features
from tests.parsers.classifier.plain_text_features import phrase_features, title_features


def a_phrase_of(family: str) -> str:
    """The first phrase of a family in the parser's list."""
    lines = files("parsers").joinpath("data", "phrases.txt").read_text("utf-8").splitlines()
    return lines[lines.index(f"[{family}]") + 1].split(" / ")[0]


LONG = "The mill stands by the river, and its wheel has turned for three hundred years; who would count them? Nobody does."
SHORT = "Its <b>wheel</b> turns. And <code>grind()</code> grinds."
LINKED = "Read <a href='/more'>more about the mill</a> | <a href='/wheel'>and its wheel of oak and iron</a> © 2021"
ARTICLE = f"""<html><head><title>The old mill of Oakham and its wheel</title>
<meta name="description" content="Nobody counts how long the wheel has turned beside the river">
<meta property="og:type" content="article"><meta name="generator" content="phpBB 3.3"></head>
<body class="post"><nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/a">About us</a></li>
<li><a href="/p">Privacy policy</a></li></ul><form><input name="q"><button>Search</button></form></nav>
<main><article class="entry"><h1>The old mill of Oakham</h1><p class="byline">By ANNA MILLER, 3 May 2021</p>
<p>{LONG}</p><p>{LONG} {SHORT}</p><figure><img src="a.png"><figcaption>The wheel in 1887</figcaption></figure>
<h2>How it grinds</h2><p>{SHORT}<br>{LONG}</p><pre>grind(wheat)\nwash(stones)</pre>
<p>It takes <script type="math/tex">a^2</script> turns: 12 of them, and “more”</p>
<table><tr><th>Stone</th><td>900 kg</td></tr><tr><th>Wheel</th><td>80 years</td></tr></table></article>
<section class="comments"><h3>3 comments</h3><div class="comment c1"><p>Lovely mill!</p></div>
<div class="comment c2"><p>{LONG}</p></div><div class="comment c3"><p>{SHORT}</p></div></section></main>
<aside><h3>Related articles</h3><div class="teaser"><a href="/1">{SHORT}</a></div>
<div class="teaser"><a href="/2">Another mill</a></div></aside>
<footer class="footer"><p>{LINKED}</p><p>All rights reserved</p></footer></body></html>"""
FORUM = f"""<html><head><title>Which stones for rye?</title><meta name="generator" content="Sphinx 7"></head>
<body><h2>Forum</h2><div class="thread"><div class="post p1"><h3>Which stones for rye</h3><p>{SHORT}</p></div>
<div class="post p2"><p>{LONG}</p><ul><li>Bed stone</li><li>Runner stone<ul><li>French</li></ul></li></ul></div>
<div class="post p3"><blockquote>{SHORT}</blockquote><p>{LONG}</p></div></div>
<div class="product"><p>Add to cart</p><p>Product details</p></div><div class="docs"><p>{SHORT}</p></div>
<div><div><div><div><div><div><p>Table of contents</p></div></div></div></div></div></div>
<h4>Share this</h4><p>Subscribe</p><p>Tags: mill</p><p>{LINKED}</p></body></html>"""
# Each name that an author may give, and each element that says where it stands; a figure that nobody closed.
NAMED = (
    "<html><head><title>No such words</title></head><body>"
    + "".join(
        f'<div class="{words.split()[0]}"><p>{name} {SHORT}</p><div><div><p>{name}</p></div></div></div>'
        for name, words in FAMILIES
    )
    + "".join(f"<{tag}>{name} of the mill</{tag}>" for name, tags in IN_ELEMENT for tag in tags.split()[-1:])
    + f"<table><caption>Stones</caption><tr><td>one</td></tr></table><div hidden><p>{SHORT}</p></div>"
    + f"<figure><p>open</p><figure><p>{SHORT}</p></figure></figure></body></html>"
)
# A phrase of each family as a heading and as a label; within a sentence; no word at all.
SPOKEN = (
    "<body><p>★</p>"
    + "".join(
        f"<h3>{text}</h3><p>One <img src=x.png> two</p><p>{text} 5</p>" for text in map(a_phrase_of, PHRASE_FAMILIES)
    )
    + "<p>So it is that you read more about this old mill here</p>"
    + f"<p>{'word ' * 24} all rights reserved</p></body>"
)
# No headline, no link, no sentence; text of other scripts.
BARE = "<body><div><p>磨坊的石头很重。</p><p>Ω ÉTÉ</p><p>... — !</p><p>ไทย</p></div>" + "<p>x</p>" * 55 + "</body>"
# More rows than any distance counts.
FAR = f"<body><h2>Related</h2><p>{LONG}</p>" + "<p>a b</p><br>" * 220 + f"<h1>Wheel</h1><p>{LONG}</p></body>"
LISTED = (
    "<html><head><title>Mills</title><script type='application/ld+json'>"
    '{"@type": ["CollectionPage", "Product", "QAPage", "WebSite"], "name": "Mills"}</script></head><body>'
    f"<h1>Mills</h1><ul>{''.join(f'<li class=item>{SHORT}</li>' for _ in range(4))}</ul><p>关于我们</p></body></html>"
)
LABELLED = "".join(f"<p>{a_phrase_of(family)}</p>" * (number % 10) for number, family in enumerate(PHRASE_FAMILIES))
PRODUCT = f"""<head><meta property="og:type" content="product"><meta name="generator" content="MkDocs"></head><body>
<div class="product">{SHORT}<br><br><a href="/x">{SHORT}</a></div><div class="product">{SHORT}</div>
<div class="docs">{SHORT}<div class="docs"><div class="docs">{LONG}</div></div></div></body>"""
SITE = f"""<head><title>Mill</title><script type="application/ld+json">{{"@type": ["WebSite", "Article"]}}</script></head>
<body><p>{LONG}</p><p>{SHORT}</p><p>{" ".join(["word"] * 20)}</p><p>{"word " * 19}</p><div class=comment></div></body>"""
THREAD = f"""<head><script type="application/ld+json">{{"@type": "DiscussionForumPosting"}}</script></head><body>
<p>{LONG}</p><p class=product>{SHORT}</p></body>"""
PAGES = {
    "article": ARTICLE, "forum": FORUM, "named": NAMED, "spoken": SPOKEN, "bare": BARE, "far": FAR, "listed": LISTED,
    "labelled": LABELLED, "product": PRODUCT, "site": SITE, "thread": THREAD,
}  # fmt: skip


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
