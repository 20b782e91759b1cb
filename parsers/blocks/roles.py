"""What each block of a page is, by the elements that it stands in: heading, list item, cell of a table, quote.

Lists and tables are used for layout as often as for content. Only those that pass these tests count as such:

* A **list** holds at most two blocks an item on average, no heading, and no reader's comments: lists of cards and
  threads of a forum don't pass. A list within a list belongs to its lines.
* A **table** holds data, by the test of :mod:`parsers.blocks.tables`.
* A **heading** has at most 50 words: a longer one is an element whose end tag is missing.
* A **quote** is a ``blockquote`` with at most half of the page's words: many pages use it only to indent.
* **Comments** are in an element whose name says so and that does not hold the page's first ``h1``.

The kernel is linear in elements and blocks, however deep they are nested.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.stanzas import mark_stanzas
from parsers.blocks.tables import read_tables
from parsers.markup.names import BIT, TAG
from parsers.scanner import page as s
from text.jit.options import inner, kernel

# Kinds of block, in the order of ROLES.
PARAGRAPH, HEADING, ITEM, TERM, CELL, CODE, QUOTE, COMMENT, CAPTION = range(9)
ROLES = ("paragraph", "heading", "item", "term", "cell", "code", "quote", "comment", "caption")
# Columns of the table that block_roles() makes.
ROLE, LEVEL, GROUP, LINE, COLUMN, ORDERED, ANCHORED = range(7)

_LIST, _ITEM, _CAPTION, _QUOTE, _ROOT = range(1, 6)
_ELEMENTS = {
    _LIST: "ul ol menu dir dl", _ITEM: "li dt dd", _CAPTION: "caption figcaption", _QUOTE: "blockquote",
    _ROOT: "html body main",
}  # fmt: skip
_TAG_ROLES = np.zeros(len(TAG), np.uint8)
for _role, _names in _ELEMENTS.items():
    for _name in _names.split():
        _TAG_ROLES[TAG[_name]] = _role
_H1, _H6, _OL, _DT = (TAG[name] for name in ("h1", "h6", "ol", "dt"))
_IN_COMMENTS = BIT["comment"]

_BLOCKS_AN_ITEM = 2
_HEADING_WORDS = 50 * s.WORD


def block_roles(page: s.Page) -> np.ndarray:
    """``int32[m, 7]``, a row for each row of ``page.blocks``:

    ``ROLE``  a place in :data:`ROLES`. ``LEVEL``  of a heading 1 to 6, of an item how many lists it stands in, of a cell
    1 in a header row; else 0.
    ``GROUP``  element of the outermost list, or of the table, whose lines the block belongs to, or of the first line of
    its stanza; else -1.
    ``LINE``  element of the item or of the table's row, else -1. ``COLUMN``  of a cell, from 0; spans are counted.
    ``ORDERED``  1 for an item of an ``ol``.
    ``ANCHORED``  1 where the block's links hold no word: the sign that links to the paragraph itself, say. Also where
    it ends with such a sign, and its words are links as well: in a heading or term, or after a note; or, in a heading or
    term, with a square bracket.
    """
    return _block_roles(page.elements, page.context, page.blocks, page.text, _TAG_ROLES)


@kernel
def _lists(elements, context, blocks, inside, tabulates, roles):
    """For each element its list and item (-1: none); for each list the outermost one that shares its lines (-1: the
    list is layout) and how many lists it stands in."""
    n = len(elements)
    lists = np.full((n, 2), -1, np.int32)
    items, held = np.zeros(n, np.int32), np.zeros(n, np.int32)
    outer = np.full(n, -1, np.int32)
    loose = np.zeros(n, np.uint8)
    for e in range(n):
        parent, tag = elements[e, s.PARENT], elements[e, s.TAG_]
        role = roles[tag]
        if parent >= 0:
            lists[e] = lists[parent]
        if role == _LIST:
            outer[e] = lists[e, 0]
            lists[e, 0], lists[e, 1] = e, -1
        elif role == _ITEM and lists[e, 0] >= 0:
            lists[e, 1] = e
            items[lists[e, 0]] += 1
            if context[e] & _IN_COMMENTS:
                loose[lists[e, 0]] = 1
        elif _H1 <= tag <= _H6 and lists[e, 1] >= 0:
            loose[lists[e, 0]] = 1
    for b in range(len(blocks)):
        e = blocks[b, s.ELEMENT]
        if e >= 0 and lists[e, 1] >= 0 and not (inside[e, 2] >= 0 and tabulates[inside[e, 0]]):
            held[lists[e, 0]] += 1
    group = np.full(n, -1, np.int32)
    level = np.zeros(n, np.int32)
    for e in range(n):
        if items[e] and not loose[e] and held[e] <= _BLOCKS_AN_ITEM * items[e]:
            group[e], level[e] = e, 1
            if outer[e] >= 0 and group[outer[e]] >= 0:
                group[e], level[e] = group[outer[e]], level[outer[e]] + 1
    return lists, group, level


@inner
def _signed(text, start, stop, titles):
    """Whether one of the last characters is the arrow of a note (U+21A9) or, in a title, the sign of a permalink (a
    pilcrow, a chain), or the bracket of a link for editing is the last."""
    if titles and stop > start and text[stop - 1] == 93:
        return True
    for at in range(max(start, stop - 8), stop):
        byte, left = text[at], stop - at
        if byte == 0xE2 and left > 2 and text[at + 1] == 0x86 and text[at + 2] == 0xA9:
            return True
        if titles and byte == 0xC2 and left > 1 and text[at + 1] == 0xB6:
            return True
        if titles and byte == 0xF0 and left > 3 and (text[at + 1], text[at + 2], text[at + 3]) == (0x9F, 0x94, 0x97):
            return True
    return False


@kernel
def _block_roles(elements, context, blocks, text, roles):
    n, m = len(elements), len(blocks)
    out = np.zeros((m, 7), np.int32)
    out[:, GROUP] = out[:, LINE] = -1
    if n == 0:
        return out
    words = np.zeros(n, np.int64)
    for b in range(m):
        words[max(blocks[b, s.ELEMENT], 0)] += blocks[b, s.WORDS]
    first_h1 = -1
    for e in range(n - 1, -1, -1):
        if elements[e, s.PARENT] >= 0:
            words[elements[e, s.PARENT]] += words[e]
        if elements[e, s.TAG_] == _H1:
            first_h1 = e
    inside, column, tabulates, heads = read_tables(elements, context, blocks, words)
    lists, group, depth = _lists(elements, context, blocks, inside, tabulates, roles)
    heading, caption, quote, comment = (
        np.zeros(n, np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.uint8),
    )  # fmt: skip
    for e in range(n):
        parent, tag = elements[e, s.PARENT], elements[e, s.TAG_]
        role = roles[tag]
        if parent >= 0:
            heading[e], caption[e] = heading[parent], caption[parent]
            quote[e], comment[e] = quote[parent], comment[parent]
        if _H1 <= tag <= _H6:
            heading[e] = tag - _H1 + 1
        elif role == _CAPTION:
            caption[e] = 1
        elif role == _QUOTE and 2 * words[e] <= words[0]:
            quote[e] = 1
        if context[e] & _IN_COMMENTS and role != _ROOT and not e <= first_h1 <= elements[e, s.LAST]:
            comment[e] = 1
    for b in range(m):
        e = blocks[b, s.ELEMENT]
        row = out[b]
        if blocks[b, s.KIND] == s.CODE_BLOCK:
            row[ROLE] = CODE
            continue
        row[ANCHORED] = blocks[b, s.LINKS] > 0 and blocks[b, s.LINK_WORDS] == 0
        if e < 0:
            continue
        item = lists[e, 1]
        if inside[e, 2] >= 0 and tabulates[inside[e, 0]]:
            row[ROLE], row[GROUP], row[LINE], row[COLUMN] = CELL, inside[e, 0], inside[e, 1], column[inside[e, 2]]
            row[LEVEL] = heads[inside[e, 1]]
        elif item >= 0 and group[lists[e, 0]] >= 0:
            row[ROLE] = TERM if elements[item, s.TAG_] == _DT else ITEM
            row[LEVEL], row[GROUP], row[LINE] = depth[lists[e, 0]], group[lists[e, 0]], item
            row[ORDERED] = elements[lists[e, 0], s.TAG_] == _OL
        elif heading[e] and blocks[b, s.WORDS] <= _HEADING_WORDS:
            row[ROLE], row[LEVEL] = HEADING, heading[e]
        elif caption[e]:
            row[ROLE] = CAPTION
        elif quote[e]:
            row[ROLE] = QUOTE
        elif comment[e]:
            row[ROLE] = COMMENT
        titles = row[ROLE] == HEADING or row[ROLE] == TERM
        row[ANCHORED] |= _signed(text, blocks[b, s.START], blocks[b, s.STOP], titles)
    mark_stanzas(elements, blocks, out)
    return out
