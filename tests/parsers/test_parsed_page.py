"""gristmill's own parser: what it keeps, how it writes it, and that no bytes upset it."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import unicodedata
import weakref

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers import load
from parsers.backends.gristmill_backend import parse
from parsers.blocks.render import render_blocks
from parsers.parsed_page import scan_source, select
from text.document import SPAN_KINDS

extract = load("gristmill")

_SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause. "
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>The mill</title>
<meta property="article:published_time" content="2021-03-14T10:00:00Z"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
<article><h1>The mill by the river</h1><p>{_SENTENCE * 3}</p><p>Its stones weigh 10<sup>3</sup> pounds. {_SENTENCE}</p>
<pre><code>def grind(corn):
    return corn &lt; 3
</code></pre><p>{_SENTENCE * 2}<math><annotation encoding="application/x-tex">a^2+b^2</annotation></math></p>
<ul><li>The first stone is the bed stone, which never moves at all.</li><li>The second is the runner stone,
which turns above it all day.</li></ul></article>
<footer><a href="/legal">Legal notice</a> <a href="/privacy">Privacy</a></footer></body></html>""".encode()


def test_the_article_stays_and_the_menus_go():
    page = extract(PAGE, "https://example.org/mill", "text/html; charset=utf-8")
    assert page.text.count("The mill stands by the river") == 6
    assert "About us" not in page.text and "Privacy" not in page.text


def test_code_keeps_its_lines_and_is_a_span():
    page = extract(PAGE, "", "")
    assert "def grind(corn):\n    return corn < 3" in page.text
    assert [page.text[span.start : span.end] for span in page.spans if span.kind == "code"] == [
        "def grind(corn):\n    return corn < 3"
    ]


def test_formulas_are_tex_and_powers_dont_fuse():
    text = extract(PAGE, "", "").text
    assert "$a^2+b^2$" in text and "10^3" in text


def test_what_the_page_says_of_itself():
    page = extract(PAGE, "", "")
    assert (page.title, page.language_hint, page.date) == ("The mill", "en-gb", "2021-03-14")


def test_list_items_stand_on_their_own_lines():
    assert "never moves at all.\nThe second is the runner stone, which turns" in extract(PAGE, "", "").text


def test_marks_say_what_the_text_holds():
    assert set(extract(PAGE, "", "").kinds) == {"code", "list", "math"}


def test_the_share_removed_is_of_words():
    # Five words of menu and footer: Home, About us, Legal notice, Privacy.
    page = extract(PAGE, "", "")
    assert 0.02 < page.removed < 0.08
    assert extract(b"", "", "").removed == 0


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_give_a_text(html):
    page = extract(html, "", "")
    assert isinstance(page.text, str) and 0 <= page.removed <= 1


_TAGS = [
    "<p>", "</p>", "<table>", "<tr>", "<td>", "<th>", "</table>", "<caption>", "<pre>", "</pre>", "<math>", "</math>",
    "<sup>", "</sup>", "</div>", "<div class='math katex'>", "<div class='comment'>", "<script>", "</script>", "<!--",
    "-->", "<br>", "<br><br>", "<a href=x>", "</a>", "<xmp>", "</xmp>", "<svg>", "<img alt='a_1' src='?tex=x'>",
    "<plaintext>", "<template>", "<code><br>", "<ul>", "</ul>", "<ol>", "<li>", "<dl>", "<dt>", "<dd>", "<h1>", "<h2>",
    "</h2>", "<blockquote>", "</blockquote>", "<figcaption>", r"<span class='math'>\\(x^2\\)</span>",
]  # fmt: skip
_WORDS = [
    "words and more ", "&amp;&nbsp;", "漢字。", "a\u200bb ", "soft\u00adly ", "well-\n", "known ", "C# ", "¶", "\x02",
    "3 ", "Cafe\u0301 ", "an ever longer sentence of fifteen words, which ends, as sentences like to do, here. ",
]  # fmt: skip
_MARKUP = st.lists(st.sampled_from(_TAGS + _WORDS), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(_MARKUP)
def test_text_is_what_the_kept_blocks_give_and_its_spans_name_them(html):
    page, parsed = extract(html.encode(), "", ""), parse(html)
    kept = [block for block in parsed.blocks if block.kept]
    assert render_blocks(kept) == (page.text, page.spans)
    assert [block.row for block in kept] == sorted(block.row for block in kept)
    assert list(page.spans) == sorted(page.spans, key=lambda span: (span.start, -span.end))
    assert "\n\n\n" not in "".join(block.text for block in kept if block.kind != "code")
    position = 0
    for block in kept:  # each stands in the text, in order, a cell's row aside
        position = page.text.index(block.text.strip("\n"), position) + len(block.text.strip("\n"))
    names = {"code": "code", "cell": "table", "item": "list", "term": "list", "quote": "quote"}
    for block in kept:
        if block.text.strip() and block.kind in names:
            assert any(
                span.kind == names[block.kind] and block.text.strip("\n") in page.text[span.start : span.end]
                for span in page.spans
            )
    for span in page.spans:
        assert span.kind in SPAN_KINDS and 0 <= span.start < span.end <= len(page.text)
        assert span.kind in page.kinds


_PLAIN_TAGS = [tag for tag in _TAGS if not re.search("math|script|svg|tex|<sup|template|<!--|-->", tag)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PLAIN_TAGS + _WORDS), max_size=40).map("".join))
def test_every_kept_word_is_on_the_page(html):
    def words(text: str) -> set[str]:
        return set(re.findall(r"\w+", unicodedata.normalize("NFC", text.replace("\u200b", "").replace("\u00ad", ""))))

    body = LexborHTMLParser(html).body
    shown = body.text(separator="") + " " + body.text(separator=" ") if body else ""
    assert words(extract(html.encode(), "", "").text) <= words(shown)


def test_two_processes_give_the_same_text():
    command = "import sys; from parsers import load; sys.stdout.write(load('gristmill')(sys.stdin.buffer.read(), '', '').text)"
    other = subprocess.run([sys.executable, "-c", command], input=PAGE, capture_output=True, check=True)
    assert other.stdout.decode() == extract(PAGE, "", "").text


def test_what_is_commented_out_states_nothing():
    head = '<!-- <meta property="og:title" content="Another page"> --><title>The mill</title>'
    html = f"<head>{head}</head><body><p>{'The mill stands by the river. ' * 9}</p></body>"
    assert extract(html.encode(), "", "").title == "The mill"


def test_labels_do_not_hide_what_the_scripts_hold():
    text = "Clean, classic style in the perfect show-off height, knitted of the softest cotton for every day. " * 9
    product = json.dumps({"@type": "Product", "name": "Quarter socks", "description": text})
    labels = "".join(f"<p>Add pair {n} to bag</p>" for n in range(8))
    scripts = f'<script type="application/ld+json">{product}</script>'
    head = f"<head><title>Socks</title>{scripts}</head>"

    def found(body):
        page = parse(f"<html>{head}<body><main><h1>Quarter socks</h1>{body}</main></body></html>")
        return page.from_scripts is not None

    assert found(labels)
    assert not found(labels * 5)  # a list
    assert not found("<p>These socks are sold in pairs, and the pairs in packs of four or of eight.</p>" * 2 + labels)


def test_selection_takes_probabilities_from_anywhere():
    scanned = scan_source(PAGE.decode())
    count = len(scanned.page.blocks)
    assert select(scanned, np.ones(count, np.float32)).choice.kept.all()
    chosen = select(scanned, np.where(np.arange(count) < count - 2, 0.01, 0.99).astype(np.float32))
    assert "Legal notice" in chosen.render()[0] and _SENTENCE not in chosen.render()[0]
    assert chosen.removed > 0.8 and chosen.from_scripts is None


def test_blocks_hold_on_to_the_page_and_the_page_not_to_its_blocks():
    # A cycle would keep every page in memory until the garbage collector runs.
    page = parse(PAGE.decode())
    page.render()
    block = page.content[0]
    gone = weakref.ref(page)
    gc.disable()
    try:
        del page
        assert gone() is None and block.text
    finally:
        gc.enable()
