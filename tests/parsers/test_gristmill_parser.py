"""gristmill's own parser: what it keeps, how it writes it, and that no bytes upset it."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import load

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


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_give_a_text(html):
    assert isinstance(extract(html, "", "").text, str)


_MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<table><tr><td>", "<pre>", "<math>", "<sup>", "</div>", "<div class='math katex'>", "<script>",
         "<!--", "-->", "<br><br>", "<a href=x>", "<xmp>", "<svg>", "<img alt='a_1' src='?tex=x'>", "words and more ",
         "&amp;&nbsp;", "漢字。", "<plaintext>", "<template>", "<code><br>", "<li>"]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_MARKUP)
def test_any_markup_gives_a_text_and_spans_within_it(pieces):
    page = extract("".join(pieces).encode(), "", "")
    assert all(0 <= span.start < span.end <= len(page.text) for span in page.spans)


def test_two_processes_give_the_same_text():
    command = "import sys; from parsers import load; sys.stdout.write(load('gristmill')(sys.stdin.buffer.read(), '', '').text)"
    other = subprocess.run([sys.executable, "-c", command], input=PAGE, capture_output=True, check=True)
    assert other.stdout.decode() == extract(PAGE, "", "").text
