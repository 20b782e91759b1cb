"""Main content by gristmill's own parser: :mod:`parsers.parsed_page` does the work, bytes are decoded here.

:func:`parse` gives the blocks of a page and what was decided about each, :func:`extract` the plain text. Code comes
out line by line (:mod:`parsers.code_blocks.lines`), formulas as TeX (:mod:`parsers.formulas.extraction`), list items
and table rows on their own lines.
"""

from __future__ import annotations

from parsers.encoding.detection import decode
from parsers.encoding.double_utf8 import decoded_twice
from parsers.encoding.source import decoded
from parsers.extracted import ALT_TEXTS, Extracted
from parsers.parsed_page import ParsedPage, parse_page


def parse(html: bytes | str, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> ParsedPage:
    """The blocks of a page, and which of them are content. Any bytes may come.

    ``html`` is the page as crawled, or decoded already; ``content_type`` the HTTP header's value. ``alt_text``:
    whether of the alternative texts of images only ``formulas`` are text or ``all`` that say something. Raises
    ``ValueError`` where ``alt_text`` is neither.
    """
    if alt_text not in ALT_TEXTS:
        raise ValueError(f"alt_text is one of {', '.join(ALT_TEXTS)}, and not {alt_text!r}")
    source = html if isinstance(html, str) else decode(html, content_type)[0]
    return parse_page(decoded_twice(source), url, alt_text)


def extract(html: bytes, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> Extracted:
    """The main content of ``html`` as plain text with spans; arguments as for :func:`parse`."""
    source, charset, undecodable = decoded(html, content_type)
    page = parse_page(source, url, alt_text)
    text, spans = page.render()
    about = page.about
    return Extracted(
        text, about.title, spans, charset, undecodable, about.language, about.date, page.kinds(spans), page.removed
    )
