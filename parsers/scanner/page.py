"""The scanner's result: the tables of a page and what their columns mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from parsers.formulas.formula import Formula
from text.jit.options import kernel

ATOM = 1  # the byte that stands for an atom in a block's text

# Columns of Page.elements.
TAG_, PARENT, OPEN, INNER, CLOSE, END, LAST = range(7)
# Columns of Page.blocks: the element, the text in Page.text, the atoms in Page.atoms, its kind, and counts.
(ELEMENT, START, STOP, ATOMS, ATOMS_STOP, KIND, WORDS, LINK_WORDS, BOLD_WORDS, CODE_WORDS, LETTERS, DIGITS, UPPER,
 CAPITALS, STOPS, COMMAS, SYMBOLS, LINKS, IMAGES, FORMULAS, TAGS, CONTROLS, BREAKS, FIRST,
 LAST_CHARACTER) = range(25)  # fmt: skip
COLUMNS = 25
# Kinds of block.
TEXT_BLOCK, CODE_BLOCK = 0, 1
# Kinds of atom.
FORMULA, IMAGE, SUBSCRIPT, SUPERSCRIPT, SOURCE = 1, 2, 3, 4, 5
# Words are counted in tenths: a word set off by blanks is 10; of scripts without blanks a character of Chinese or
# Japanese is 6 (newspapers: 1.6 to 1.7 characters a word) and of Thai, Lao, Khmer or Burmese 2 (some 5 a word).
WORD, IDEOGRAPH, SYLLABLE = 10, 6, 2
# Kinds of a block's first and last character.
OTHER, UPPERCASE, LOWERCASE, DIGIT, STOP_MARK, COLON, SYMBOL = range(7)
# Bits of Page.signs: a figure in another one; a button in a heading; spans side by side that may be lines; a block of code.
NESTED_FIGURES, HEADING_BUTTONS, SPANS_IN_ROWS, CODE_BLOCKS = (1 << place for place in range(4))


class Page(NamedTuple):
    """What the scanner found.

    ``elements``  ``int32[n, 7]``: tag number, parent's row (-1: none), byte offsets of the start tag, of what is
    inside, of the end tag and of what follows it, and the last row that is inside.
    ``context``  ``uint64[n]``: :data:`parsers.markup.names.CONTEXT` bits of the element alone, and those beside
    them (``HAS_ITEM_TYPE`` and the like).
    ``signature``  ``uint64[n]``: a hash of tag and class, digits left out: equal for elements made by one template.
    ``blocks``  ``int32[m, 25]``: see the columns above. ``atoms``  ``int32[k, 2]``: element and kind.
    ``hashes``  ``uint64[m]``: of each block's text without regard to the case of Latin letters, for equality.
    ``text``  ``uint8[t]``: the blocks' texts one after the other.
    ``readings``  by element, what an atom was found to say: lines of code (``str``) or a ``Formula``; the empty string
    for one that is to be left out. Elements that are missing here have not been read yet.
    ``tags``  by tag number, how many elements there are. ``said``  the bits that any element has in ``context``.
    ``signs``  bits of arrangements that few pages have. Most searches for elements end at these three, which say that
    nothing would be found.
    """

    elements: np.ndarray
    context: np.ndarray
    signature: np.ndarray
    blocks: np.ndarray
    hashes: np.ndarray
    atoms: np.ndarray
    text: np.ndarray
    readings: dict[int, str | Formula]
    tags: list[int]
    said: int
    signs: int


def outer_markup(markup: bytes, page: Page, element: int) -> str:
    """The markup of a row of ``page.elements``, its own tags included. ``markup`` is what ``page`` was scanned
    from."""
    row = page.elements[element]
    return markup[row[OPEN] : row[END]].decode("utf-8", "replace")


def inner_markup(markup: bytes, page: Page, element: int) -> str:
    """The markup between an element's tags."""
    row = page.elements[element]
    return markup[row[INNER] : row[CLOSE]].decode("utf-8", "replace")


def start_tag(markup: bytes, page: Page, element: int) -> str:
    """The start tag of an element, from ``<`` to ``>``."""
    row = page.elements[element]
    return markup[row[OPEN] : row[INNER]].decode("utf-8", "replace")


def text_of(page: Page, row: int) -> str:
    """The text of a block as it was scanned, without blanks at its ends."""
    start, stop = page.blocks[row, [START, STOP]].tolist()
    return page.text[start:stop].tobytes().decode("utf-8", "replace").strip()


def count_words(page: Page, rows: np.ndarray) -> tuple[int, int, int]:
    """The words of these rows of ``page.blocks`` (``int64[k]``), those of the longest of them, and those of all blocks, in
    units of 1 / ``WORD``."""
    return _count_words(page.blocks, rows)


@kernel
def _count_words(blocks, rows):
    total = longest = everything = 0
    for row in rows:
        total += blocks[row, WORDS]
        longest = max(longest, blocks[row, WORDS])
    for b in range(len(blocks)):
        everything += blocks[b, WORDS]
    return total, longest, everything


def contents(page: Page, tag: int) -> list[tuple[int, int]]:
    """Where the contents of the elements of a tag begin and end in the markup."""
    if not page.tags[tag]:
        return []
    return [(start, stop) for start, stop in _contents(page.elements, tag, page.tags[tag]).tolist()]


@kernel
def _contents(elements, tag, count):
    found = np.empty((count, 2), np.int32)
    at = 0
    for e in range(len(elements)):
        if elements[e, TAG_] == tag:
            found[at, 0], found[at, 1] = elements[e, INNER], elements[e, CLOSE]
            at += 1
            if at == count:
                break
    return found
