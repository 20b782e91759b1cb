"""Main content by trafilatura (Barbaresi 2021), rendered from its tree so that code, tables and lists keep a span."""

from __future__ import annotations

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.meta import reset_caches
from trafilatura.utils import load_html

from parsers.blocks.normalize import clean, inline
from parsers.blocks.render import PlainText
from parsers.encoding.detection import decode
from parsers.extracted import Extracted

# trafilatura's caches grow with every page (trafilatura issue #216).
_PAGES_BETWEEN_RESETS = 1000
_pages = 0


def extract(html: bytes, url: str = "", content_type: str = "") -> Extracted:
    """The main content of ``html``; an empty text where trafilatura finds none."""
    global _pages  # noqa: PLW0603 (a count of this process)
    _pages += 1
    if _pages % _PAGES_BETWEEN_RESETS == 0:
        reset_caches()
    source, charset, undecodable = decode(html, content_type)
    tree = load_html(source)
    if tree is None:
        return Extracted("", charset=charset, undecodable=undecodable)
    title = inline(tree.findtext(".//title") or "")
    # deduplicate stays off: it remembers earlier pages, and a page's text must not depend on its neighbours.
    found = bare_extraction(tree, url=url or None, include_comments=True, include_tables=True, with_metadata=False)
    plain = PlainText()
    if found is not None and not isinstance(found, dict):  # a dict comes only where one is asked for
        for part in (found.body, found.commentsbody):
            if part is not None:
                _render(part, plain)
    text, spans = plain.finish()
    return Extracted(text, title, spans, charset, undecodable)


def _render(element: HtmlElement, plain: PlainText) -> None:
    for block in element:
        tag = block.tag
        if tag == "code":
            plain.add(clean("".join(block.itertext())), "code")
        elif tag == "list":
            plain.add("\n".join(filter(None, (_inline_text(item) for item in block.iter("item")))), "list")
        elif tag == "table":
            rows = (" | ".join(filter(None, map(_cell_text, row.iter("cell")))) for row in block.iter("row"))
            plain.add("\n".join(filter(None, rows)), "table")
        elif tag == "quote":
            plain.add(_inline_text(block), "quote")
        elif tag in ("div", "body"):
            _render(block, plain)
        else:
            plain.add(_inline_text(block))
        if block.tail and block.tail.strip():
            plain.add(inline(block.tail))


def _inline_text(element: HtmlElement) -> str:
    """An element's text with its line breaks; those of the HTML source are mere white space."""
    return "\n".join(filter(None, map(inline, _pieces(element).split("\n"))))


def _pieces(element: HtmlElement) -> str:
    pieces = [_on_one_line(element.text)]
    for child in element:
        pieces += ["\n" if child.tag == "lb" else _pieces(child), _on_one_line(child.tail)]
    return "".join(pieces)


def _cell_text(cell: HtmlElement) -> str:
    return inline(_pieces(cell))


def _on_one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")
