"""The scanner's tables of elements and blocks beside a slow and plain reading of the same markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.markup.lexbor import normal_form
from parsers.markup.tokens import PADDING
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page
from tests.parsers.scanner.plain_scan import PlainScan

COUNTS = {
    "words": p.WORDS, "link_words": p.LINK_WORDS, "bold_words": p.BOLD_WORDS, "code_words": p.CODE_WORDS, "links": p.LINKS,
    "images": p.IMAGES, "tags": p.TAGS, "controls": p.CONTROLS, "breaks": p.BREAKS,
}  # fmt: skip
UNITS = dict.fromkeys(("words", "link_words", "bold_words", "code_words"), p.WORD)


def check(html: str) -> None:
    markup = bytes(normal_form(html)).removesuffix(PADDING)
    page, plain = scan_page(markup), PlainScan(markup.decode())
    assert page.elements.tolist() == plain.elements
    found = [bytes(page.text[row[p.START] : row[p.STOP]]).decode() for row in page.blocks]
    assert found == [block.text for block in plain.blocks]
    for row, block in zip(page.blocks.tolist(), plain.blocks, strict=True):
        assert row[p.ELEMENT] == block.element
        counted = {name: row[column] / UNITS.get(name, 1) for name, column in COUNTS.items() if row[column]}
        assert counted == {name: count for name, count in block.counts.items() if count}


PAGES = [
    "", "words", "<p>one</p>two", "<p>one<br>two<br><br>three<br> <br>four</p>", "<div>a<p>b</p>c<div>d</div></div>e", "<p>a<hr>b</p><hr>c", "<p>a <b>b <i>c</i></b>d</p>",
    "<p>a<a href=x>b</a><a href=y>c</a> <a>d</a><a href=z>e</a></p>", "<p><a href=x>a</a></p><a href=x>b</a>", "<a href=x>a</a>b<a href=x>c</a><br><a href=x>d</a>",
    "<p>a<button>b</button>c<input>d<label>e f</label>g</p>", "<p>a<select><option>b</select>c<textarea>d</textarea>e</p>", "<p>a<img src=x>b <img src=x> c<img src=x></p>", "<img src=x>a",
    "<p>a<script>if (a < b) { '<p>' }</script>b</p><style>p{}</style>c", "<p>a<iframe><p>b</iframe>c", "<p>a<noscript>b</noscript>c", "<p>a<video><p>b</p></video>c<object>d</object></p>",
    "<h2>a<code>b c</code>d</h2><h2><tt>e</tt> <samp>f</samp></h2>", "<ul><li>a<ul><li>b</ul>c<li>d</ul>", "<table><caption>a<tr><th>b<td>c<tr><td>d</table>", "<dl><dt>a<dd>b</dl>",
    "<p>a<!-- b -->c<!-- <p> -->d</p>", "<p>a <span> b </span> c</p>", "<p>a<unknown>b</unknown></p>", "<p>a<svg><text>b</text></svg></p>", "<b>a<p>b</p>c</b>", "<strong><a href=x>a</a></strong>",
    "<p>x <kbd>a</kbd> <var>b</var> <em>c</em> <u>d</u></p>", "<form>a<fieldset><legend>b</legend>c</fieldset></form>", "<details><summary>a</summary>b</details>", "<p>a<wbr>b<br>c</p>",
    "<title>t</title><p>a", "<p>a<template><p>b</template>c", "<p>a<map><area>b</map>c", "<blockquote>a<p>b<address>c</blockquote>", "<p>" + "a " * 40 + "</p>" * 3 + "<p>b" * 300,
]  # fmt: skip


@pytest.mark.parametrize("html", PAGES, ids=range(len(PAGES)))
def test_elements_and_blocks_are_those_of_a_plain_reading(html: str) -> None:
    check(html)


PIECES = st.sampled_from([
    "one", " two ", "three four", "\n ", "<p>", "</p>", "<div>", "</div>", "<br>", "<hr>", "<b>", "</b>", "<i>", "</i>", "<a href='/x'>", "<a name=x>", "</a>", "<span>", "</span>",
    "<code>", "</code>", "<h2>", "</h2>", "<ul><li>", "<li>", "</ul>", "<button>", "</button>", "<input>", "<img src=x.png>", "<label>", "</label>", "<table><tr><td>", "<td>", "</table>",
    "<script>let a = '<p>'</script>", "<style>p{}</style>", "<select><option>x</select>", "<!-- <p>x -->", "<iframe><p></iframe>", "<canvas>seven</canvas>", "<big>", "</big>",
])  # fmt: skip


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=16).map("".join))
def test_any_pieces_are_read_alike(html: str) -> None:
    check(html)
