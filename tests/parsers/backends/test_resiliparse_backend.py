"""What resiliparse is asked for: main content with its lines and its comments, without numbers."""

from __future__ import annotations

import pytest

from parsers.backends.resiliparse_backend import extract

TEXT = "The old mill stands where the two rivers of the valley meet, and its wheel has turned since the spring of the flood."
PAGE = f"""<html><head><title> The old
 mill </title></head><body><nav><ul><li><a href="/">Home page of the guild</a></li></ul></nav>
<main><article><h1>The mill</h1><p>{TEXT}<br>Its second line</p><ol><li>{TEXT} one</li><li>{TEXT} two</li></ol>
<pre>def turn():
    return 1</pre><p>{TEXT}\u200b</p></article>
<div id="comments" class="comments"><p>{TEXT} I have seen it.</p></div></main></body></html>"""


def test_main_content_with_lines_and_comments_and_without_numbers() -> None:
    page = extract(PAGE.encode(), "https://mill.example/", "text/html; charset=utf-8")
    assert page.title == "The old mill"
    assert [line for line in page.text.split("\n") if line] == [
        "The mill",
        TEXT,
        "Its second line",
        f"  {TEXT} one",
        f"  {TEXT} two",
        "def turn():",
        "    return 1",
        TEXT,
        f"{TEXT} I have seen it.",
    ]
    assert page.text == page.text.strip("\n")
    assert (page.spans, page.charset, page.undecodable) == ((), "utf-8", 0.0)


@pytest.mark.parametrize("html", [b"", b" ", b"<html><body></body></html>"])
def test_an_empty_page_has_neither_text_nor_title(html: bytes) -> None:
    page = extract(html)
    assert (page.text, page.title, page.charset) == ("", "", "utf-8")


def test_charsets_are_told_as_elsewhere() -> None:
    page = extract(f"<title>Die Mühle</title><p>Müller: {TEXT}".encode("iso-8859-1"), "", "text/html; charset=latin1")
    assert (page.title, page.text, page.charset) == ("Die Mühle", f"Müller: {TEXT}", "cp1252")
    broken = PAGE.encode().replace(b"Its second", "Müller ".encode() * 20 + b"\xff")
    assert 0 < extract(broken, "", "text/html; charset=utf-8").undecodable < 0.01
