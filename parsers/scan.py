# ruff: noqa: F405
"""One pass over the normal form of a page: elements into arrays, text into blocks.

:mod:`parsers.markup` says what the normal form is. The scanner reads its UTF-8 bytes once, from left to right, and
leaves three tables (:mod:`parsers.page`): the elements in document order (a flat tree: each row knows its parent), the
blocks of text with their counts, and the atoms, which are elements that are written out as a whole later on: formulas,
code, images, sub- and superscripts. A block is what lies between two boundaries that a reader would see as a line
break: the start or end of a block-level element, two ``<br>`` in a row, an ``<hr>``. Its text comes out with white
space folded, as CSS folds it, and with one byte :data:`ATOM` wherever an atom stands.

What looks like the root of a formula or of code is read at once (:mod:`parsers.readings`). Where it is none, the page
is scanned again, and the element is one as any other then: on 3 pages of 100, and three times at most.

The kernel is compiled by numba at its first use and kept in numba's cache. Time is linear in the page's bytes; memory
is at most about 100 bytes a tag and 200 a block.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from parsers import readings, roots, starttag, textrun
from parsers.page import *  # noqa: F403 -- the columns' names are as much this module's as the tables are
from parsers.textrun import ATOMS_BEGUN, BEGUN, BLANK, BOLDED, CODED, DONE, FEEDS, IN_WORD, LENGTH, LINKED
from parsers.vocabulary import BLOCK, BOLD, RAW, SKIP, SPACED, TAG, VOID, behaviour, element_context

_OFFSET, _PRIME = starttag.OFFSET, starttag.PRIME
_A, _BR, _HR, _IMG, _SUB, _SUP, _SCRIPT, _CODE, _SAMP, _TT, _SPAN = (
    TAG[name] for name in ("a", "br", "hr", "img", "sub", "sup", "script", "code", "samp", "tt", "span")
)
_SHORT = 200  # bytes of a sub- or superscript; a longer one is an element that somebody forgot to close
_RESCANS = 3  # at the last of them only those roots count that are known by then


@njit(cache=True, nogil=True)
def _ends(data, start, stop, first, second, third):
    """Offset of the next ``</`` whose name begins with these three bytes (0: none), or -1 before ``stop``."""
    for at in range(start, min(stop, len(data) - 5)):
        if data[at] == 60 and data[at + 1] == 47 and data[at + 2] == first:
            if second == 0 or (data[at + 3] == second and (third == 0 or data[at + 4] == third)):
                return at
    return -1


@njit(cache=True, nogil=True)
def _may_break(data, start, stop, attributed):
    """Whether the inside of a ``<code>`` may be lines: it has a ``<br>``, ``<div>`` or ``<li>``, two elements whose
    class ends in "line", or line feeds (one will do where attributes may say that it shows).
    :func:`parsers.code.is_block` decides."""
    feeds = marked = 0
    for at in range(start, stop - 4):
        byte = data[at]
        if byte == 10:
            feeds += 1
        elif byte == 60:
            first, second, third = data[at + 1], data[at + 2], data[at + 3]
            if (first == 98 and second == 114 and (third == 62 or third == 32)) or (
                first == 108 and second == 105 and (third == 62 or third == 32)
            ) or (first == 100 and second == 105 and third == 118):  # fmt: skip
                return True
        elif byte == 108 and data[at + 1] == 105 and data[at + 2] == 110 and data[at + 3] == 101:
            marked += data[at + 4] == 34 or data[at + 4] == 32
    return marked > 1 or feeds > 1 or (feeds == 1 and attributed)


@njit(cache=True, nogil=True)
def _raw_end(data, start, name, size):
    """Offset of the end tag of a raw element (its name begins at ``name``), ``size`` if there is none."""
    close = start
    while True:
        close = _ends(data, close, size, data[name], data[name + 1], data[name + 2])
        if close < 0:
            return size
        same = True
        for offset in range(3, 12):
            byte = data[name + offset]
            if byte <= 32 or byte == 62 or byte == 47:
                break
            if close + 2 + offset >= size or data[close + 2 + offset] != byte:
                same = False
                break
        if same:
            return close
        close += 1


@njit(cache=True, nogil=True)
def _is_latin(byte):
    return 97 <= byte | 32 <= 122 or 48 <= byte <= 57


@njit(cache=True, nogil=True)
def _parts_words(data, at, end, text, state):
    """Whether the ``<span>`` from ``at`` to ``end`` follows another without a blank, a capital a small letter or digit: a
    name and a price, say, that a style sheet sets apart."""
    if at < 7 or not (data[at - 7] == 60 and data[at - 6] == 47 and data[at - 5] == 115 and data[at - 2] == 110):
        return False
    if state[LENGTH] == state[BEGUN] or end >= len(data) or not 65 <= data[end] <= 90:
        return False
    before = text[state[LENGTH] - 1]
    return 97 <= before <= 122 or 48 <= before <= 57


@njit(cache=True, nogil=True)
def _flush(block, state, blocks, hashes, text, atom_count):
    """Ends the current block. One without text leaves nothing."""
    start, stop = state[BEGUN], state[LENGTH]
    if stop > start:
        row = state[DONE]
        block[START], block[STOP] = start, stop
        block[ATOMS], block[ATOMS_STOP] = state[ATOMS_BEGUN], atom_count
        value = _OFFSET
        for at in range(start, stop):
            byte = text[at]
            value = (value ^ np.uint64(byte | 32 if 65 <= byte <= 90 else byte)) * _PRIME
        hashes[row] = value
        for column in range(COLUMNS):
            blocks[row, column] = block[column]
        state[DONE] += 1
    for column in range(COLUMNS):  # several times as fast as block[:] = 0, and there is a flush at each tag of a block
        block[column] = 0
    state[BEGUN] = stop
    state[ATOMS_BEGUN] = atom_count
    state[BLANK] = state[FEEDS] = 0


@njit(cache=True, nogil=True)
def _put(block, state, text, atoms, atom_count, element, kind, holder):
    """Puts an atom into the current block, behind the blank or line break that waits; a block that begins with it is
    ``holder``'s. The number of atoms so far."""
    if state[LENGTH] == state[BEGUN]:
        block[ELEMENT] = holder
    elif state[BLANK] or state[FEEDS]:
        text[state[LENGTH]] = 10 if state[FEEDS] else 32
        state[LENGTH] += 1
    state[BLANK] = state[FEEDS] = 0
    atoms[atom_count, 0], atoms[atom_count, 1] = element, kind
    text[state[LENGTH]] = ATOM
    state[LENGTH] += 1
    return atom_count + 1


@njit(cache=True, nogil=True)
def _twice(table):
    grown = np.zeros((len(table) * 2, table.shape[1]), np.int32)
    grown[: len(table)] = table
    return grown


@njit(cache=True, nogil=True)
def _comment_end(data, at, size):
    """Offset of what follows the comment or doctype that begins at ``at``."""
    if at + 3 < size and data[at + 2] == 45 and data[at + 3] == 45:
        at += 4
        while at < size and not (data[at] == 62 and data[at - 1] == 45 and data[at - 2] == 45):
            at += 1
    else:
        while at < size and data[at] != 62:
            at += 1
    return at + 1


@njit(cache=True, nogil=True)
def _scan(data, count, refused, keys, values, behaviours, contexts, hints, hint_rows):
    size = len(data)
    elements = np.zeros((count, 7), np.int32)
    context = np.zeros(count, np.uint64)
    signature = np.zeros(count, np.uint64)
    holders = np.zeros(count, np.int32)  # of each element the block-level one that is nearest: itself or outside
    stack = np.zeros(count, np.int32)
    blocks = np.zeros((256, COLUMNS), np.int32)
    hashes = np.zeros(256, np.uint64)
    atoms = np.zeros((64, 2), np.int32)
    text = np.empty(size + 8, np.uint8)
    block = np.zeros(COLUMNS, np.int32)
    state = np.zeros(textrun.STATES, np.int64)
    depth = n = atom_count = 0
    skip = opaque = -1  # the element that is skipped, or written as a whole, while the scanner is inside
    block_element = after_link = -1
    at = 0
    while at < size:
        if state[DONE] + 2 >= len(blocks):
            blocks = _twice(blocks)
            more = np.zeros(len(hashes) * 2, np.uint64)
            more[: len(hashes)] = hashes
            hashes = more
        if atom_count + 2 >= len(atoms):
            atoms = _twice(atoms)
        if data[at] != 60 or at + 1 >= size:
            if skip < 0 and data[at] != 60:
                at = textrun.read(data, at, text, block, state, block_element if opaque < 0 else -2)
            else:
                at += 1
                while at < size and data[at] != 60:
                    at += 1
            continue
        following = data[at + 1]
        if following == 33:  # <!
            at = _comment_end(data, at, size)
            continue
        if following == 47:  # </
            end = at + 2
            while end < size and data[end] != 62:
                end += 1
            end += 1
            if depth:
                depth -= 1
                e = stack[depth]
                elements[e, CLOSE], elements[e, END], elements[e, LAST] = at, end, n - 1
                tag = elements[e, TAG_]
                kind = behaviours[tag]
                if tag == _A and signature[e] & starttag.ONE:
                    state[LINKED] -= 1
                    after_link = state[LENGTH]
                if kind & BOLD:
                    state[BOLDED] -= 1
                if tag == _CODE or tag == _SAMP or tag == _TT:
                    state[CODED] -= 1
                if skip == e:
                    skip = -1
                elif skip < 0:
                    if opaque == e:
                        opaque = -1
                        if block[KIND] == CODE:
                            _flush(block, state, blocks, hashes, text, atom_count)
                    elif opaque < 0:
                        if kind & BLOCK:
                            _flush(block, state, blocks, hashes, text, atom_count)
                            block_element = holders[elements[e, PARENT]] if depth else -1
                        elif kind & SPACED:
                            state[BLANK] = 1
                if kind & (BLOCK | SPACED):
                    state[IN_WORD] = 0
            at = end
            continue
        if n >= count:  # cannot be: count is the number of "<"
            break
        (end, tag, bits, root, sign, is_link, has_alt, attributed, source, source_end) = starttag.read(
            data, at, keys, values, contexts
        )
        kind = behaviours[tag]
        e = n
        n += 1
        elements[e, TAG_] = tag
        elements[e, PARENT] = stack[depth - 1] if depth else -1
        elements[e, OPEN], elements[e, INNER] = at, end
        elements[e, CLOSE] = elements[e, END] = end
        elements[e, LAST] = e
        context[e] = bits
        signature[e] = sign
        inside = skip < 0 and opaque < 0
        if kind & VOID:
            if inside:
                if tag == _BR:
                    state[FEEDS] += 1
                    state[IN_WORD] = 0
                    if state[FEEDS] >= 2:
                        _flush(block, state, blocks, hashes, text, atom_count)
                elif tag == _HR:
                    _flush(block, state, blocks, hashes, text, atom_count)
                    state[IN_WORD] = 0
                elif tag == _IMG:
                    block[IMAGES] += 1
                    told = has_alt or root & roots.FORMULA_BIT
                    if told or starttag.draws_formula(data, source, source_end, hints, hint_rows):
                        atom_count = _put(block, state, text, atoms, atom_count, e, IMAGE, block_element)
                    elif _is_latin(data[min(end, size - 1)]):  # words on both sides of an image are two words
                        state[BLANK], state[IN_WORD] = 1, 0
                elif kind & SPACED:
                    block[CONTROLS] += 1
                    state[BLANK] = 1
                    state[IN_WORD] = 0
            at = end
            continue
        if kind & RAW:  # content without markup
            close = _raw_end(data, end, at + 1, size)
            elements[e, CLOSE] = close
            while close < size and data[close] != 62:
                close += 1
            elements[e, END] = min(close + 1, size)
            if inside and tag == roots.XMP:
                _flush(block, state, blocks, hashes, text, atom_count)
                block[KIND] = CODE
                atom_count = _put(block, state, text, atoms, atom_count, e, SOURCE, e)
                block[WORDS] = (elements[e, CLOSE] - end) * WORD // 6
                _flush(block, state, blocks, hashes, text, atom_count)
            elif inside and tag == _SCRIPT and root & roots.FORMULA_BIT:
                atom_count = _put(block, state, text, atoms, atom_count, e, FORMULA, block_element)
                block[FORMULAS] += 1
                block[WORDS] += WORD
            at = elements[e, END]
            continue
        holders[e] = e if kind & BLOCK else holders[stack[depth - 1]] if depth else -1
        stack[depth] = e
        depth += 1
        if tag == _SPAN and inside and not state[CODED] and _parts_words(data, at, end, text, state):
            state[BLANK], state[IN_WORD] = 1, 0
        if is_link and tag == _A:
            state[LINKED] += 1
            if inside and after_link == state[LENGTH]:
                state[BLANK] = 1
            block[LINKS] += 1
        if kind & BOLD:
            state[BOLDED] += 1
        is_code = tag == _CODE or tag == _SAMP or tag == _TT
        if is_code:
            state[CODED] += 1
        if inside:
            block[TAGS] += 1
            atom = 0
            if tag == roots.PRE or tag == roots.LISTING:
                atom = SOURCE
            elif tag == roots.MATH or tag == roots.TEX_MATH or tag == roots.MJX:
                atom = FORMULA
            elif not refused[e]:
                if root & roots.FORMULA_BIT:
                    atom = FORMULA
                elif root & roots.CODE_BIT:
                    atom = SOURCE
                elif is_code and state[CODED] == 1:  # not of one within another: time would not be linear
                    close = _ends(data, end, size, data[at + 1], data[at + 2], 0)
                    if close >= 0 and (root & roots.LINES_BIT or _may_break(data, end, close, attributed)):
                        atom = SOURCE
            if atom == 0 and (tag == _SUB or tag == _SUP):
                if _ends(data, end, end + _SHORT, 115, 117, data[at + 3]) >= 0:
                    atom = SUBSCRIPT if tag == _SUB else SUPERSCRIPT
            if kind & SKIP and atom == 0:
                skip = e
            elif atom == SOURCE:
                _flush(block, state, blocks, hashes, text, atom_count)
                block[KIND] = CODE
                opaque = e
                state[IN_WORD] = 0
            elif atom:
                opaque = e
                if atom == FORMULA:
                    block[FORMULAS] += 1
            elif kind & BLOCK:
                _flush(block, state, blocks, hashes, text, atom_count)
                block_element = e
                state[IN_WORD] = 0
            elif kind & SPACED:
                block[CONTROLS] += 1
                state[BLANK] = 1
                state[IN_WORD] = 0
            if atom:
                holder = e if atom == SOURCE else block_element
                atom_count = _put(block, state, text, atoms, atom_count, e, atom, holder)
        at = end
    _flush(block, state, blocks, hashes, text, atom_count)
    return (elements[:n], context[:n], signature[:n], blocks[: state[DONE]], hashes[: state[DONE]], atoms[:atom_count],
            text[: state[LENGTH]])  # fmt: skip


_TABLES = (starttag.KEYS, starttag.VALUES, behaviour(), element_context(), *roots.image_hints())


def scan(markup: bytes) -> Page:
    """The elements, blocks and atoms of a page in normal form (UTF-8). Any bytes may come: nothing is raised."""
    padded = markup + b"\0" * 16  # so that a look ahead never leaves the array
    data = np.frombuffer(padded, np.uint8)[: len(markup)]
    count = np.count_nonzero(data == ord("<")) + 1
    refused = np.zeros(count, np.bool_)
    page = Page(*_scan(data, count, refused, *_TABLES), {})
    for scans in range(_RESCANS):
        others = readings.read(markup, page)
        if not others:
            break
        if scans + 1 == _RESCANS:
            refused[:] = True
            refused[list(page.readings)] = False
        refused[others] = True
        page = Page(*_scan(data, count, refused, *_TABLES), page.readings)
    return page
