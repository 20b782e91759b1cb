"""First letters that stand in an element of their own before the rest of their word, drawn large by a style sheet.

Within a sentence nothing needs to be done: a span ends no word. But a ``div`` is a block, and so ``T`` and ``he rain
began`` are two. Such a letter is moved to where its word goes on. A capital before small letters may also head a part of a
glossary, so the text has to be prose and to begin with another letter; and where the rest is itself a word of the page and
the two together are none ("A" before "mill"), a blank stays between them.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.edits import Edit
from parsers.scanner.page import (
    ATOMS,
    ATOMS_STOP,
    ELEMENT,
    END,
    FIRST,
    LAST,
    LINKS,
    LOWERCASE,
    OPEN,
    START,
    STOP,
    TAG_,
    WORD,
    WORDS,
    Page,
)

_HOLDERS = frozenset(TAG[name] for name in ("div", "p", "figure"))
_LONGEST = 3  # bytes of a letter
_PROSE = 8 * WORD  # words of the text behind it, at least
_MOST, _NEAR = 50, 2_000  # letters of a page that are looked at; bytes from one to its word
_WORD = re.compile(r"[^\W\d_]+")
_TAGS = re.compile(rb"(?:\s|<[^<>]*>)*")


def drop_caps(markup: bytes, page: Page) -> list[Edit]:
    """What moves the letters of ``markup`` (normal form, of which ``page`` is the scanner's) to their words."""
    blocks = page.blocks
    if len(blocks) < 2:
        return []
    letters = blocks[:-1, STOP] - blocks[:-1, START] <= _LONGEST
    rows = np.flatnonzero(letters & (blocks[1:, FIRST] == LOWERCASE) & (blocks[1:, WORDS] >= _PROSE))
    return [edit for row in rows[:_MOST].tolist() for edit in _moved(markup, page, row)]


def _moved(markup: bytes, page: Page, row: int) -> list[Edit]:
    blocks, element = page.blocks, int(page.blocks[row, ELEMENT])
    holder = page.elements[element]
    if (
        element < 0
        or holder[TAG_] not in _HOLDERS
        or blocks[row, LINKS]
        or blocks[row, ATOMS_STOP] > blocks[row, ATOMS]
    ):
        return []
    shared = (row and blocks[row - 1, ELEMENT] >= element) or element <= blocks[row + 1, ELEMENT] <= holder[LAST]
    gap = _TAGS.match(markup, int(holder[END]), int(holder[END]) + _NEAR)
    letter, rest = _text(page, row), _WORD.match(_text(page, row + 1))
    if (
        shared
        or gap is None
        or rest is None
        or not (len(letter) == 1 and letter.isupper())
        or rest[0].startswith(letter.lower())
    ):
        return []
    word = rest[0].encode()
    if not markup.startswith(word, gap.end()):
        return []
    words = _WORD.findall(" ".join(_text(page, each) for each in range(len(blocks)) if each != row).lower())
    blank = b" " if words.count(rest[0]) > 1 and letter.lower() + rest[0] not in words else b""
    return [Edit(int(holder[OPEN]), int(holder[END]), b""), Edit(gap.end(), gap.end(), letter.encode() + blank)]


def _text(page: Page, row: int) -> str:
    return page.text[page.blocks[row, START] : page.blocks[row, STOP]].tobytes().decode("utf-8", "replace")
