"""What of trafilatura's tree becomes text, where lines end in it, and which parts have a span."""

from __future__ import annotations

from types import SimpleNamespace

import lxml.html
import pytest

from parsers.backends import trafilatura_backend
from parsers.backends.trafilatura_backend import extract
from parsers.extracted import Extracted

TEXT = "The old mill stands where the two rivers of the valley meet, and its wheel has turned since the spring of the flood."
PAGE = f"""<html><head><title> The old
 mill </title></head><body><nav><a href="/">Home</a></nav><article><h1>The mill</h1>
<p>{TEXT} {TEXT} first<br>second
 third <b>bold<br>inner</b> end</p>
<ul><li>one<br>uno</li><li></li><li>two <i>dos</i></li></ul>
<table><tr><th>stone</th><th></th><th>years</th></tr><tr><td>French
 burr</td><td>c</td><td>40</td></tr></table>
<blockquote>{TEXT} So it is<br>told.</blockquote>
<pre><code>def turn():
    return 1</code></pre>
<p>{TEXT} {TEXT}</p></article>
<div id="comments"><div class="comment"><p>{TEXT} I have seen it.</p></div></div></body></html>"""


def spans(page: Extracted) -> list[tuple[str, str]]:
    return [(span.kind, page.text[span.start : span.end]) for span in page.spans]


def of_tree(monkeypatch: pytest.MonkeyPatch, body: str | None, comments: str | None = None) -> Extracted:
    """The page of which trafilatura makes these trees."""
    trees = [None if tree is None else lxml.html.fragment_fromstring(tree, "body") for tree in (body, comments)]
    found = SimpleNamespace(body=trees[0], commentsbody=trees[1])
    monkeypatch.setattr(trafilatura_backend, "bare_extraction", lambda *_, **__: found)
    return extract(b"<title>Mill</title><p>The mill turns.</p>")


def test_a_page_comes_out_block_by_block() -> None:
    page = extract(PAGE.encode(), "https://mill.example/", "text/html; charset=utf-8")
    assert (page.title, page.charset, page.undecodable) == ("The old mill", "utf-8", 0.0)
    assert page.text.split("\n\n") == [
        "The mill",
        f"{TEXT} {TEXT} first\nsecond third bold\ninner end",
        "one\nuno\ntwo dos",
        "stone | years\nFrench burr | c | 40",
        f"{TEXT} So it is\ntold.",
        "def turn():\n    return 1",
        f"{TEXT} {TEXT}",
        f"{TEXT} I have seen it.",
    ]
    assert spans(page) == [
        ("list", "one\nuno\ntwo dos"),
        ("table", "stone | years\nFrench burr | c | 40"),
        ("quote", f"{TEXT} So it is\ntold."),
        ("code", "def turn():\n    return 1"),
    ]


def test_blocks_within_blocks_and_text_behind_them_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "<div><p>in a div</p> behind\n it <div><quote>deep</quote></div></div>\n <p>last</p>"
    page = of_tree(monkeypatch, body, "<p>a comment</p>")
    assert page.text.split("\n\n") == ["in a div", "behind it", "deep", "last", "a comment"]
    assert spans(page) == [("quote", "deep")]


def test_lists_and_tables_without_text_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "<list><item> </item></list><table><row><cell> </cell></row></table><quote></quote><code> </code><p>x</p>"
    page = of_tree(monkeypatch, body)
    assert (page.text, page.spans) == ("x", ())


def test_comments_alone_are_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_tree(monkeypatch, None, "<p>a comment</p>").text == "a comment"


@pytest.mark.parametrize("html", [b"", b" ", b"<p>x</p>", b"<html><body></body></html>"])
def test_a_page_without_main_content_has_no_text(html: bytes) -> None:
    page = extract(html)
    assert (page.text, page.title, page.spans, page.charset) == ("", "", (), "utf-8")


def test_charsets_are_told_as_elsewhere_and_what_cannot_be_decoded_is_counted() -> None:
    latin = PAGE.replace("<h1>The mill</h1>", "<h1>Die Mühle</h1>").encode("iso-8859-1")
    page = extract(latin, "", "text/html; charset=iso-8859-1")
    assert page.text.startswith("Die Mühle\n\n") and page.charset == "cp1252"
    broken = PAGE.encode().replace(b"first", "Müller ".encode() * 20 + b"\xff")
    assert 0 < extract(broken, "", "text/html; charset=utf-8").undecodable < 0.01


def test_caches_are_emptied_every_thousand_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages, emptied = 0, []
    monkeypatch.setattr(trafilatura_backend, "load_html", lambda _: None)
    monkeypatch.setattr(trafilatura_backend, "reset_caches", lambda: emptied.append(pages))
    for number in range(3000):
        pages = number
        assert extract(b"").text == ""
    assert len(emptied) == 3
    assert [emptied[1] - emptied[0], emptied[2] - emptied[1]] == [1000, 1000]
