"""Main content by resiliparse (Bevendorff et al. 2018): ten times trafilatura's speed, plain text without spans."""

from __future__ import annotations

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from parsers.blocks.normalize import clean, inline
from parsers.encoding.detection import decode
from parsers.extracted import Extracted


def extract(html: bytes, url: str = "", content_type: str = "") -> Extracted:
    """The main content of ``html``; list bullets are left out."""
    source, charset, undecodable = decode(html, content_type)
    tree = HTMLTree.parse(source)
    text = extract_plain_text(tree, main_content=True, preserve_formatting=True, list_bullets=False, comments=True)
    return Extracted(clean(text).strip("\n"), inline(tree.title or ""), (), charset, undecodable)
