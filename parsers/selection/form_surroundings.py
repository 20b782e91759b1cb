"""What belongs to a form: the heading and the sentence of a newsletter's box, the rules of an answer. The form goes, since it
has no text; what says what it is for goes with it.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, INNER, LAST, LINK_WORDS, OPEN, PARENT, TAG_, WORD, WORDS, Page
from text.jit.options import kernel

_FORM, _INPUT, _TEXTAREA, _SELECT, _H1 = (TAG[name] for name in ("form", "input", "textarea", "select", "h1"))
_AROUND = frozenset(TAG[name] for name in ("html", "body", "main", "article"))
_ADDRESS = re.compile(rb'(?i) type="email"| (?:name|id|placeholder)="[^"]*(?:mail|newsletter)')
_FIELDS, _LEVELS = 20, 5  # fields of a page that are looked at, elements around each
# Words of a form to write something in; around any form, in one container; of its heading.
_WRITTEN, _BESIDE, _HEADING = 250 * WORD, 45 * WORD, 10 * WORD
_BLOCKS = 5  # blocks beside a form
_SENTENCE = 28 * WORD  # a longer block beside a form is the page's
# The same around a form to write something in: others' answers stand before it.
_RULES, _RULE = 20 * WORD, 12 * WORD
_FORMS = 2  # more fields for a text are those for a reply to each comment, which stand beside what they reply to
# A form with more fields to fill in is what the page is for. A page without prose is a shop, a search, or a contact form.
_FILLED, PROSE, PARAGRAPHS = 4, 15 * WORD, 3
_NOT_FILLED = re.compile(rb'(?i) type="(?:hidden|submit|button|image|checkbox|radio|reset|search|password)"')
_WINDOW = 12  # blocks around a form's field
_MOST = 0.4  # of the kept words


def drop_form_surroundings(
    page: Page, markup: bytes, roles: np.ndarray, kept: np.ndarray, headline: int
) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without what stands in and around forms with a field for an address of e-mail or
    for a text, in a container of their own, and the heading right before one. The page's ``headline`` (a row, -1 for
    none) and all that is around it stay. ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    fields = _fields(np.frombuffer(markup, np.uint8), page.elements)[:_FIELDS].tolist()
    if not fields:
        return kept
    words = page.blocks[:, WORDS]
    prose = kept & (words >= PROSE) & (2 * page.blocks[:, LINK_WORDS] < words)
    if np.count_nonzero(prose) < PARAGRAPHS:
        return kept
    left = kept
    to_each = np.count_nonzero(page.elements[fields, TAG_] == _TEXTAREA) > _FORMS
    for field in fields:
        tag, opens, inner = page.elements[field, [TAG_, OPEN, INNER]].tolist()
        writes = tag == _TEXTAREA
        if not writes and not _ADDRESS.search(markup, opens, inner):
            continue
        at = int(np.searchsorted(page.blocks[:, ELEMENT], field))
        if not left[max(at - _WINDOW, 0) : at + _WINDOW].any():
            continue
        rows = _around(page, markup, left, field, writes, headline, bare=not to_each)
        if rows is None:
            continue
        first, stop = rows
        before = first - 1
        while before >= 0 and page.blocks[before, WORDS] == 0:
            before -= 1
        heads = (
            before >= 0
            and before != headline
            and left[before]
            and roles[before, ROLE] == HEADING
            and page.elements[max(page.blocks[before, ELEMENT], 0), TAG_] != _H1
            and page.blocks[before, WORDS] <= _HEADING
        )
        if left[first:stop].any() or heads:
            left = left.copy() if left is kept else left
            left[before if heads else first : stop] = False
    return left if words[kept & ~left].sum() <= _MOST * words[kept].sum() else kept


@kernel
def _fields(markup, elements):
    """The fields for a text, and those that speak of mail or a newsletter."""
    found = np.zeros(len(elements), np.bool_)
    for element in range(len(elements)):
        if elements[element, TAG_] == _TEXTAREA:
            found[element] = True
        elif elements[element, TAG_] == _INPUT:
            for at in range(elements[element, OPEN], elements[element, INNER] - 3):
                if (markup[at + 1] | 32 == 97 and markup[at] | 32 == 109 and markup[at + 2] | 32 == 105) or (
                    markup[at] | 32 == 110 and markup[at + 1] | 32 == 101 and markup[at + 2] | 32 == 119
                ):
                    found[element] = True
    return np.flatnonzero(found)


def _filled(page: Page, markup: bytes, form: int) -> int:
    """How many fields of a form are filled in with text."""
    stop = int(page.elements[form, LAST]) + 1
    tags = page.elements[form:stop, TAG_]
    inputs = (np.flatnonzero(tags == _INPUT) + form).tolist()
    fields = [
        field for field in inputs if not _NOT_FILLED.search(markup, *page.elements[field, [OPEN, INNER]].tolist())
    ]
    return len(fields) + int(np.count_nonzero((tags == _TEXTAREA) | (tags == _SELECT)))


def _around(
    page: Page, markup: bytes, kept: np.ndarray, field: int, writes: bool, headline: int, *, bare: bool
) -> tuple[int, int] | None:
    """The rows of the largest container of a form's own, which may be ``bare`` of text."""
    elements, blocks = page.elements, page.blocks
    form = field
    for _ in range(10):
        if form < 0 or elements[form, TAG_] == _FORM:
            break
        form = int(elements[form, PARENT])
    if form < 0 or elements[form, TAG_] != _FORM:
        if writes:
            return None
        form = int(elements[field, PARENT])
    first, stop = _rows(page, form)
    if first == stop and not bare:
        return None
    if not kept[max(first - _BLOCKS, 0) : stop + _BLOCKS].any():
        return None
    inside = int(blocks[first:stop, WORDS].sum())
    if inside > (_WRITTEN if writes else _BESIDE) or first <= headline < stop:
        return None
    if _filled(page, markup, form) > _FILLED:
        return None
    found = (first, stop)
    around = int(elements[form, PARENT])
    for _ in range(_LEVELS):
        if around <= 0 or elements[around, TAG_] in _AROUND:
            break
        first, stop = _rows(page, around)
        stays = kept[first:stop].copy()
        stays[found[0] - first : found[1] - first] = False
        beside = blocks[first:stop][stays]
        if (
            first <= headline < stop
            or beside[:, WORDS].sum() > (_RULES if writes else _BESIDE)
            or len(beside) > _BLOCKS
            or (len(beside) and beside[:, WORDS].max() > (_RULE if writes else _SENTENCE))
            or (elements[around : int(elements[around, LAST]) + 1, TAG_] == _H1).any()
        ):
            break
        found = (first, stop)
        around = int(elements[around, PARENT])
    return found


def _rows(page: Page, element: int) -> tuple[int, int]:
    """The rows of the blocks in an element, or where they would stand: most forms have no text. Blocks come in the order of
    their elements' starts, but for text behind one that is inside."""
    return _rows_inside(page.blocks, element, int(page.elements[element, LAST]))


@kernel
def _rows_inside(blocks, element, last):
    first = stop = before = 0
    for b in range(len(blocks)):
        if element <= blocks[b, ELEMENT] <= last:
            if stop == 0:
                first = b
            stop = b + 1
        elif blocks[b, ELEMENT] < element:
            before = b + 1
    return (first, stop) if stop else (before, before)
