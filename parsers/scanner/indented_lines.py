"""Code that an author set with line breaks and blanks that don't break, in no element that says so: the lines of a run become one
``pre``, since to a reader they are a block of code, and as a paragraph they lose their indentation.
"""

from __future__ import annotations

import html
import re

import numpy as np

from parsers.markup.tokens import plain_text
from parsers.scanner.edits import Edit
from parsers.scanner.page import (
    BREAKS,
    CLOSE,
    ELEMENT,
    INNER,
    KIND,
    START,
    STOP,
    TEXT_BLOCK,
    Page,
)
from text.jit.options import kernel

_FEWEST, _MOST, _LONGEST = 3, 200, 60_000  # lines of a run; elements looked at; bytes of one
_LINE = 500  # characters of a line that are looked at
_BREAK = re.compile(rb"<br(?:\s[^<>]*)?>\s*")
_BLOCKS = re.compile(
    rb"</?(?:p|div|table|tbody|tr|td|th|ul|ol|li|dl|dt|dd|pre|h[1-6]|blockquote|section|article|figure|form|hr|textarea|script|style)"
    rb"(?:\s[^<>]*)?>"
)
_INDENTED = re.compile(rb"<br(?:\s[^<>]*)?>\s*(?:<[^<>]*>\s*){0,4}(?:&nbsp;\s?(?:</?[a-z][^<>]*>)*){2}")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_SIGN = re.compile(
    r"[{}]|;\s*$|^\s*[)\]]|[A-Za-z0-9_]\(|\s[=!<>+*|&-]?=\s|\w=[\"'\w$]|->|=>|::|\w:\s*$|^\s*(?:#\s?include|#\s?define|import \w|from \w+ import|def \w+|return\b|end\b|"
    r"else\b|begin\b|//|/\*|\*/|--|\$\w|<\?|\?>|</?\w)",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[。，、]|[^\W\d_]{2}[.?!] [A-Z]")  # a sentence, or a clause of one; comments have them, too
_HARD = re.compile(r"[{}()=<>\[\]\\$]")  # what verse hardly has


def join_indented_lines(markup: bytes, page: Page) -> list[Edit]:
    """A ``pre`` for each such run of ``markup`` (normal form, of which ``page`` is the scanner's). Time is linear in the page."""
    edits: list[Edit] = []
    reached = -1
    for element in _broken(page.text, page.blocks)[:_MOST].tolist():
        start, stop = page.elements[element, [INNER, CLOSE]].tolist()
        if start < reached or stop - start > _LONGEST or not _INDENTED.search(markup, start, stop):
            continue
        reached = stop
        at = start
        for tag in (*_BLOCKS.finditer(markup, start, stop), None):
            end = tag.start() if tag else stop
            if end - at > _FEWEST and _INDENTED.search(markup, at, end):
                edits += _runs(markup, at, end)
            at = tag.end() if tag else stop
    return edits


@kernel
def _broken(text, blocks):
    """``int64[k]``: elements of blocks of text with two line breaks and more, and a sign of code for each, each once."""
    found = np.empty(len(blocks), np.int64)
    count = 0
    for b in range(len(blocks)):
        if blocks[b, KIND] != TEXT_BLOCK or blocks[b, BREAKS] < 2:
            continue
        signs = 0
        for at in range(blocks[b, START], blocks[b, STOP]):
            byte = text[at]
            signs += 40 <= byte <= 41 or byte == 61 or byte == 123 or byte == 125  # ( ) = { }
        if signs >= blocks[b, BREAKS]:
            element = blocks[b, ELEMENT]
            if element >= 0 and (count == 0 or found[count - 1] != element):
                found[count] = element
                count += 1
    return found[:count]


def _runs(markup: bytes, start: int, stop: int) -> list[Edit]:
    """The runs of lines between two places, with no tag of a block between them."""
    edges, at = [], start
    for line_break in _BREAK.finditer(markup, start, stop):
        edges.append((at, line_break.start()))
        at = line_break.end()
    edges.append((at, stop))
    texts = [_text(markup[first:last]) for first, last in edges]
    signs = [bool(_SIGN.search(text[:_LINE])) for text in texts]
    runs, place = [], 0
    while place < len(texts):
        if not signs[place]:
            place += 1
            continue
        last = here = place
        while here + 1 < len(texts) and (signs[here + 1] or not texts[here + 1] or texts[here + 1].startswith("  ")):
            here += 1
            last = here if texts[here] else last
        if _is_code(texts[place : last + 1], signs[place : last + 1]):
            text = html.escape("\n".join(texts[place : last + 1]), quote=False).encode()
            runs.append(Edit(edges[place][0], edges[last][1], b"<pre>" + text + b"</pre>"))
        place = here + 1
    return runs


def _text(source: bytes) -> str:
    """A line, its blanks that break made one and those that don't kept."""
    text = plain_text(source.decode("utf-8", "replace"))
    return _SPACE.sub(" ", text).strip(" ").replace("\u00a0", " ").rstrip()


def _is_code(texts: list[str], signs: list[bool]) -> bool:
    filled = [(text, sign) for text, sign in zip(texts, signs, strict=True) if text]
    return (
        len(filled) >= _FEWEST
        and any(text.startswith("  ") for text, _ in filled)
        and 3 * sum(bool(_PROSE.search(text)) for text, _ in filled) <= len(filled)
        and 3 * sum(sign for _, sign in filled) >= 2 * len(filled)
        and 2 * sum(bool(_HARD.search(text)) for text, _ in filled) >= len(filled)
    )
