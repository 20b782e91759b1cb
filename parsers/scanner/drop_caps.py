"""First letters that stand in an element of their own before the rest of their word, drawn large by a style sheet.

Within a sentence nothing needs to be done: a span ends no word. But a ``div`` is a block, and so ``T`` and ``he rain
began`` are two. Such a letter is moved to where its word goes on. A capital before small letters may also head a part of a
glossary, so the text has to be prose and to begin with another letter; and where the rest is itself a word of the page and
the two together are none ("A" before "mill"), a blank stays between them.
"""

from __future__ import annotations

import re
from collections import Counter

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
from text.jit.options import kernel

_HOLDERS = frozenset(TAG[name] for name in ("div", "p", "figure"))
_LONGEST = 3  # bytes of a letter
_PROSE = 8 * WORD  # words of the text behind it, at least
_MOST, _NEAR = 50, 2_000  # letters of a page that are looked at; bytes from one to its word
_WORD = re.compile(r"[^\W\d_]+")
_TAGS = re.compile(rb"(?:\s|<[^<>]*>)*")


def join_drop_caps(markup: bytes, page: Page) -> list[Edit]:
    """What moves the letters of ``markup`` (normal form, of which ``page`` is the scanner's) to their words."""
    blocks = page.blocks
    if len(blocks) < 2:
        return []
    rows = _before_prose(blocks)
    if not len(rows):  # as on most pages
        return []
    letters_apart = [found for row in rows.tolist() if (found := _apart(markup, page, row)) is not None]
    if not letters_apart:
        return []
    words = Counter(_WORD.findall(" ".join(_text(page, row) for row in range(len(blocks))).lower()))
    edits = []
    for start, stop, at, letter, rest in letters_apart:
        blank = " " if words[rest] > 1 and letter.lower() + rest not in words else ""
        edits += [Edit(start, stop, b""), Edit(at, at, (letter + blank).encode())]
    return edits


@kernel
def _before_prose(blocks):
    """``int64[k]``: the first blocks as short as a letter before prose that begins with a small letter."""
    rows = np.empty(_MOST, np.int64)
    count = 0
    for b in range(len(blocks) - 1):
        if (
            blocks[b, STOP] - blocks[b, START] <= _LONGEST
            and blocks[b + 1, FIRST] == LOWERCASE
            and blocks[b + 1, WORDS] >= _PROSE
            and count < _MOST
        ):
            rows[count] = b
            count += 1
    return rows[:count]


def _apart(markup: bytes, page: Page, row: int) -> tuple[int, int, int, str, str] | None:
    """Where the element of a letter begins and ends, where the rest of its word begins, the letter, and that rest; ``None``
    where the block is no such letter."""
    blocks, element = page.blocks, int(page.blocks[row, ELEMENT])
    if element < 0 or blocks[row, LINKS] or blocks[row, ATOMS_STOP] > blocks[row, ATOMS]:
        return None
    holder = page.elements[element]
    if holder[TAG_] not in _HOLDERS or (row and blocks[row - 1, ELEMENT] >= element):
        return None
    letter, rest = _text(page, row), _WORD.match(_text(page, row + 1))
    if not (len(letter) == 1 and letter.isupper()) or rest is None or rest[0].startswith(letter.lower()):
        return None
    gap = _TAGS.match(markup, int(holder[END]), int(holder[END]) + _NEAR)
    if gap is None or element <= blocks[row + 1, ELEMENT] <= holder[LAST]:
        return None
    if not markup.startswith(rest[0].encode(), gap.end()):
        return None
    return int(holder[OPEN]), int(holder[END]), gap.end(), letter, rest[0]


def _text(page: Page, row: int) -> str:
    return page.text[page.blocks[row, START] : page.blocks[row, STOP]].tobytes().decode("utf-8", "replace")
