"""Small pages of ours through each shipped parser: what is main content, and where code, tables and lists lie."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import DEFAULT, PARSERS, extract, load
from parsers.extracted import Extracted
from text.document import SPAN_KINDS

CODE = """\
def warp(ends, length):
    total = 0
    for end in range(ends):
        total += length  # metres
    return total"""
FIRST = (
    "First you measure the warp, then you wind it on the back beam with sticks of beech between the layers, so that "
    "they lie flat. This takes two people an afternoon."
)
LAST = "When it is done, weave a few rows of waste yarn to even out the tension before the real work begins."
QUOTE = "A good warp is half the cloth, as the old weavers of this valley used to say to us."
PAGE = f"""<!DOCTYPE html><html><head><title>Setting up
  a loom</title><style>p {{ margin: 0 }}</style><script>var hidden = "script text";</script></head><body>
<nav><ul><li><a href="/">Start page</a></li><li><a href="/about">About our guild</a></li></ul></nav>
<article><h1>Setting up a loom</h1><p>{FIRST}</p>
<pre><code>{CODE}</code></pre>
<p>Then run <code>warp(24, 6)</code>, and the plan says how many ends there are and which heddle each goes through.</p>
<table><tr><th>Yarn</th><th>Ends</th></tr><tr><td>linen</td><td>24</td></tr><tr><td>wool</td><td>12</td></tr></table>
<ul><li>measure the warp</li><li>wind it on</li><li>thread the heddles</li></ul>
<blockquote>{QUOTE}</blockquote>
<p>{LAST}</p></article>
<footer>Copyright of the guild, all rights reserved</footer></body></html>"""


def spans_of(page: Extracted) -> list[tuple[str, str]]:
    return [(span.kind, page.text[span.start : span.end]) for span in page.spans]


@pytest.mark.parametrize("name", PARSERS)
def test_main_content_stays_and_boilerplate_goes(name: str) -> None:
    page = load(name)(PAGE.encode(), "https://loom.example/", "text/html; charset=utf-8")
    assert page.title == "Setting up a loom"
    assert FIRST in page.text and LAST in page.text and QUOTE in page.text and CODE in page.text
    for boilerplate in ("About our guild", "all rights reserved", "script text", "margin"):
        assert boilerplate not in page.text
    assert (page.charset, page.undecodable) == ("utf-8", 0.0)


def test_trafilatura_says_where_code_tables_lists_and_quotes_lie() -> None:
    page = load("trafilatura")(PAGE.encode(), "https://loom.example/", "text/html; charset=utf-8")
    assert spans_of(page) == [
        ("code", CODE),
        ("table", "Yarn | Ends\nlinen | 24\nwool | 12"),
        ("list", "measure the warp\nwind it on\nthread the heddles"),
        ("quote", QUOTE),
    ]


def test_code_in_a_line_of_prose_stays_in_its_line() -> None:
    assert "Then run warp(24, 6), and the plan says" in extract(PAGE.encode()).text


@pytest.mark.parametrize("name", PARSERS)
def test_no_markdown_markers(name: str) -> None:
    prose = f"<h2>Heading</h2><p>{FIRST} <b>bold</b> and <em>weak</em></p><ul><li>{LAST}</li></ul>"
    text = load(name)(f"<html><body><article>{prose}</article></body></html>".encode(), "", "").text
    assert "bold and weak" in text and not set("#*_`") & set(text)


def test_line_breaks_in_a_paragraph_are_kept() -> None:
    html = f"<html><body><article><p>{FIRST}<br>second line of it<br/>third line of it</p><p>{LAST}</p></article>"
    assert f"{FIRST}\nsecond line of it\nthird line of it\n\n{LAST}" in extract(html.encode()).text


@pytest.mark.parametrize("name", PARSERS)
def test_the_page_s_charset_is_heeded(name: str) -> None:
    text = "Мельник встал до рассвета, потому что ветер ночью переменился, и зерно ждало у самой двери."
    html = f"<html><body><article><p>{text}</p><p>{text} И снова.</p></article></body></html>".encode("koi8-r")
    page = load(name)(html, "", "text/html; charset=koi8-r")
    assert text in page.text and page.charset == "koi8-r"


@pytest.mark.parametrize("name", PARSERS)
def test_text_is_composed_and_without_invisible_debris(name: str) -> None:
    prose = f"<p>{FIRST} Cafe\u0301 by the wa\u00adter\u200bmill.</p><p>{LAST}</p>"
    html = f"<html><body><article>{prose}</article></body></html>".encode()
    assert "Café by the watermill." in load(name)(html, "", "text/html; charset=utf-8").text


def test_a_page_s_text_does_not_depend_on_pages_before_it() -> None:
    alone = extract(PAGE.encode())
    assert [extract(PAGE.encode()) for _ in range(4)] == [alone] * 4


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("html", [b"", b" ", b"\x00", b"<html></html>", b"<!-- only a comment -->", b"<p></p>" * 50])
def test_a_page_without_text_gives_an_empty_text(name: str, html: bytes) -> None:
    page = load(name)(html, "", "")
    assert page.text.strip("\x00 ") == "" and page.spans == ()


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=25, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(
    [b"<p>", b"</p>", b"<pre>", b"<code>", b"<table><tr><td>", b"<li>", b"<ul>", b"<blockquote>", b"words of a page ",
     b"\n  x = 1\n", b"\xff\xfe", b"&#0;&#xD800;&nbsp;", b"<math><mi>x</mi></math>", b"<![CDATA[", b"<br>"]
), max_size=25).map(b"".join)))  # fmt: skip
def test_any_bytes_give_a_text_with_spans_inside_it(name: str, data: bytes) -> None:
    page = load(name)(b"<article>" + data, "https://loom.example/", "text/html")
    last = 0
    for span in page.spans:
        assert span.kind in SPAN_KINDS and last <= span.start < span.end <= len(page.text)
        assert page.text[span.start : span.end].strip()
        last = span.end
    assert "\r" not in page.text


def test_the_default_is_one_of_the_shipped_parsers() -> None:
    assert extract(PAGE.encode(), "https://loom.example/") == load(DEFAULT)(PAGE.encode(), "https://loom.example/", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("trafilatur", "there is no parser called 'trafilatur'; choose one of gristmill, trafilatura, resiliparse"),
        ("no_such_package.parser", "'no_such_package.parser' can't be loaded: No module named 'no_such_package'"),
        ("parsers.encoding.detection", "'parsers.encoding.detection' can't be loaded"),
    ],
)
def test_an_unknown_parser_is_refused_in_a_sentence(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        load(name)
