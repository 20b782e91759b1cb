"""One pass over the normal form of a page: elements into arrays, text into blocks.

:mod:`parsers.markup.tokens` says what the normal form is. The scanner reads its UTF-8 bytes once, from left to right,
and fills three tables (:mod:`parsers.scanner.page`): the elements in document order (a flat tree: each row has its
parent's row), the blocks of text with their counts, and the atoms, which are elements that are written out as a whole
later on: formulas, code, images, sub- and superscripts. A block is what lies between two boundaries that a reader
would see as a line break: the start or end of a block-level element, two ``<br>`` in a row, an ``<hr>``. White space
in its text is folded as CSS folds it; one byte :data:`parsers.scanner.page.ATOM` stands for each atom.

What looks like the root of a formula or of code is read at once (:mod:`parsers.scanner.atoms`). If it turns out to be
none, the page is scanned again with that element as one like any other: this happens on 3 pages of 100, and three
times at most.

The kernel is compiled by numba at its first use and kept in numba's cache. Time is linear in the page's bytes; memory
is at most about 100 bytes a tag and 200 a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parsers.formulas.formula import Formula
from parsers.jit.byte_search import count_byte, find
from parsers.markup.names import BLOCK, BOLD, RAW, SKIP, SPACED, TAG, VOID, behaviour, element_context
from parsers.markup.tokens import PADDING
from parsers.scanner import atom_roots, never_text, seams, signs, start_tags, text_runs
from parsers.scanner.atoms import read_atoms
from parsers.scanner.page import (
    ATOM,
    ATOMS,
    ATOMS_STOP,
    CLOSE,
    CODE_BLOCK,
    COLUMNS,
    CONTROLS,
    ELEMENT,
    END,
    FORMULA,
    FORMULAS,
    IMAGE,
    IMAGES,
    INNER,
    KIND,
    LAST,
    LINKS,
    OPEN,
    PARENT,
    SOURCE,
    START,
    STOP,
    SUBSCRIPT,
    SUPERSCRIPT,
    TAG_,
    TAGS,
    WORD,
    WORDS,
    Page,
)
from parsers.scanner.seams import false_seams
from parsers.scanner.text_runs import ATOMS_BEGUN, BEGUN, BLANK, BOLDED, CODED, DONE, FEEDS, IN_WORD, LENGTH, LINKED
from text.jit.options import inner, kernel

_OFFSET, _PRIME = start_tags.OFFSET, start_tags.PRIME
_A, _BR, _HR, _IMG, _SUB, _SUP, _SCRIPT, _CODE, _SAMP, _TT, _SPAN, _Q, _WBR, _TIME, _SVG, _RT, _RP, _RTC = (
    TAG[name]
    for name in (
        "a", "br", "hr", "img", "sub", "sup", "script", "code", "samp", "tt", "span", "q", "wbr", "time", "svg", "rt", "rp",
        "rtc",
    )
)  # fmt: skip
_LONGEST_LINES = 20_000  # bytes of an element that a style sets as code
_SHORT = 200  # bytes of a sub- or superscript; in a longer one the end tag is missing
# Where the scanner is: offset, open elements, elements and atoms so far; the element that is skipped, and the one that
# is written as a whole, while the scanner is inside of it (-1: none); the element whose block is being read; how long
# the text was when the last link ended.
# The last tag of an inline element since then that a word may end at (:mod:`parsers.scanner.seams`): twice its row, and
# one more for an end tag; whether the element stands for itself; how many blanks were written at such tags. How many bytes
# may still be looked at to see whether styled elements break into lines. Whether an element has ended and another one begun
# since the last text.
(_AT, _DEPTH, _ELEMENTS, _ATOMS, _SKIPPED, _OPAQUE, _BLOCK_ELEMENT, _AFTER_LINK, _SEAM, _APART,
_SEAMS, _LOOKS, _BESIDE) = range(13)  # fmt: skip
_NEVER_TEXT = never_text.ANY
_ROOM = 3  # so many blocks or atoms may come of one tag
_RESCANS = 3  # at the last of them only those roots count that are known by then


@inner
def _ends(data, size, start, stop, first, second, third):
    """Offset of the next ``</`` whose name begins with these three bytes (0: none), or -1 before ``stop``."""
    for at in range(start, min(stop, size - 5)):
        if data[at] == 60 and data[at + 1] == 47 and data[at + 2] == first:
            if second == 0 or (data[at + 3] == second and (third == 0 or data[at + 4] == third)):
                return at
    return -1


@inner
def _may_break(data, start, stop, attributed):
    """Whether the inside of a ``<code>`` may be lines: it has a ``<br>``, ``<div>`` or ``<li>``, two elements whose
    class ends in "line", or line feeds (one will do where attributes may say that it shows).
    :func:`parsers.code_blocks.lines.is_block` decides."""
    feeds = marked = 0
    for at in range(start, stop):
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


@inner
def _raw_end(data, words, size, start, name):
    """Offset of the end tag of a raw element (its name begins at ``name``), the page's end if there is none."""
    close = find(data, words, size, start, 60)
    while close < size and not _closes(data, size, close, name):
        close = find(data, words, size, close + 1, 60)
    return close


@inner
def _closes(data, size, at, name):
    """Whether an end tag begins at ``at`` whose name is the one at ``name``, as far as twelve letters tell."""
    if at + 5 >= size or data[at + 1] != 47:
        return False
    for offset in range(12):
        byte = data[name + offset]
        if byte <= 32 or byte == 62 or byte == 47:
            break
        if at + 2 + offset >= size or data[at + 2 + offset] != byte:
            return False
    return True


@inner
def _is_latin(byte):
    return 97 <= byte | 32 <= 122 or 48 <= byte <= 57


@inner
def _parts_words(data, size, at, end, text, state):
    """Whether the ``<span>`` from ``at`` to ``end`` follows another without a blank, a capital a small letter or
    digit: a name and a price, for example, that a style sheet sets apart."""
    if at < 7 or not (data[at - 7] == 60 and data[at - 6] == 47 and data[at - 5] == 115 and data[at - 2] == 110):
        return False
    if state[LENGTH] == state[BEGUN] or end >= size or not 65 <= data[end] <= 90:
        return False
    before = text[state[LENGTH] - 1]
    return 97 <= before <= 122 or 48 <= before <= 57


@inner
def _is_seam(tag):
    """Whether words may end at the tags of an element. Ruby stands above a word and belongs to it."""
    return tag != _WBR and tag != _RT and tag != _RP and tag != _RTC


@inner
def _stands_apart(data, at, end, tag):
    """Whether an element stands for itself, so that no word goes on behind it: a time, a drawing, a custom element (its
    name has a hyphen, HTML standard section 4.13.2)."""
    if tag:
        return tag == _TIME or tag == _SVG
    while at < end and data[at] > 32 and data[at] != 62:
        if data[at] == 45:
            return True
        at += 1
    return False


@inner
def _quote(data, size, at, text, state, opens):
    """Writes the quotation mark that a browser draws at the start or end of a ``q``, unless the author has typed one."""
    length = state[LENGTH]
    following = data[min(at, size - 1)]
    before = text[length - 1] if length > state[BEGUN] else np.uint8(32)
    beside = following if opens else before
    # Quotation marks of other scripts begin or end with such bytes.
    if beside == 34 or beside == 39 or (opens and following == 38 and data[at + 1] == 113):
        return
    if beside >= 128 and (
        beside == 0xC2 or beside == 0xE2 if opens else 0x98 <= beside <= 0xBB and _is_mark(text, length)
    ):
        return
    if opens and length > state[BEGUN] and (state[BLANK] or state[FEEDS]):
        text[length] = 10 if state[FEEDS] else 32
        length += 1
    if opens:
        state[BLANK] = state[FEEDS] = 0
    text[length] = 34
    state[LENGTH] = length + 1


@inner
def _is_mark(text, length):
    """Whether a text ends with one of the quotation marks of U+00AB, U+00BB and U+2018 to U+203A."""
    return (text[length - 2] == 0xC2 and (text[length - 1] == 0xAB or text[length - 1] == 0xBB)) or (
        length > 2 and text[length - 3] == 0xE2 and text[length - 2] == 0x80
    )


@inner
def _lower(text, at):
    byte = text[at]
    return np.uint64(byte | 32 if 65 <= byte <= 90 else byte)


@inner
def _hash(text, start, stop):
    """FNV-1a over every fourth byte, four times, and over these: four chains of multiplications side by side."""
    first = second = third = fourth = _OFFSET
    at = start
    while at + 4 <= stop:
        first = (first ^ _lower(text, at)) * _PRIME
        second = (second ^ _lower(text, at + 1)) * _PRIME
        third = (third ^ _lower(text, at + 2)) * _PRIME
        fourth = (fourth ^ _lower(text, at + 3)) * _PRIME
        at += 4
    while at < stop:
        first = (first ^ _lower(text, at)) * _PRIME
        at += 1
    return (((first * _PRIME ^ second) * _PRIME ^ third) * _PRIME ^ fourth) * _PRIME


@inner
def _flush(block, state, blocks, hashes, text, atom_count):
    """Ends the current block. One without text leaves nothing."""
    start, stop = state[BEGUN], state[LENGTH]
    if stop > start:
        row = state[DONE]
        block[START], block[STOP] = start, stop
        block[ATOMS], block[ATOMS_STOP] = state[ATOMS_BEGUN], atom_count
        hashes[row, 0] = _hash(text, start, stop)
        for column in range(COLUMNS):
            blocks[row, column] = block[column]
        state[DONE] += 1
    for column in range(COLUMNS):  # several times as fast as block[:] = 0, and there is a flush at each tag of a block
        block[column] = 0
    state[BEGUN] = stop
    state[ATOMS_BEGUN] = atom_count
    state[BLANK] = state[FEEDS] = 0


@inner
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


@kernel
def _twice(table):
    grown = np.zeros((len(table) * 2, table.shape[1]), table.dtype)
    for row in range(len(table)):  # an assignment of slices takes numba seconds to compile
        for column in range(table.shape[1]):
            grown[row, column] = table[row, column]
    return grown


@inner
def _comment_end(data, size, at):
    """Offset of what follows the comment or doctype that begins at ``at``."""
    if at + 3 < size and data[at + 2] == 45 and data[at + 3] == 45:
        at += 4
        while at < size and not (data[at] == 62 and data[at - 1] == 45 and data[at - 2] == 45):
            at += 1
    else:
        while at < size and data[at] != 62:
            at += 1
    return at + 1


@kernel
def _scan(data, words, size, count, refused, whole, keys, values, behaviours, contexts, hints, hint_rows):
    elements = np.empty((count, 7), np.int32)
    context = np.empty(count, np.uint64)
    signature = np.empty(count, np.uint64)
    holders = np.empty(count, np.int32)  # of each element the block-level one that is nearest: itself or outside
    stack = np.empty(count, np.int32)
    blocks = np.zeros((256, COLUMNS), np.int32)
    hashes = np.zeros((256, 1), np.uint64)
    atoms = np.zeros((64, 2), np.int32)
    text = np.empty(size + 8, np.uint8)
    block = np.zeros(COLUMNS, np.int32)
    state = np.zeros(text_runs.STATES, np.int64)
    cursor = np.array([0, 0, 0, 0, -1, -1, -1, -1, -1, 0, 0, size, 0])
    seam_table = np.zeros((64, 3), np.int64)
    while True:
        _read(data, words, size, refused, keys, values, behaviours, contexts, hints, hint_rows, elements, context,
              signature, holders, stack, blocks, hashes, atoms, text, block, state, cursor, whole,
              seam_table)  # fmt: skip
        if cursor[_AT] >= size:
            break
        if state[DONE] + _ROOM > len(blocks):
            blocks, hashes = _twice(blocks), _twice(hashes)
        if cursor[_ATOMS] + _ROOM > len(atoms):
            atoms = _twice(atoms)
        if cursor[_SEAMS] + _ROOM > len(seam_table):
            seam_table = _twice(seam_table)
    n = cursor[_ELEMENTS]
    elements, context, blocks = elements[:n], context[:n], blocks[: state[DONE]]
    tags = np.zeros(len(behaviours), np.int64)
    said, found = signs.sum_up(elements, context, blocks, tags)
    return (elements, context, signature[:n], blocks, hashes[: state[DONE], 0], atoms[: cursor[_ATOMS]],
            text[: state[LENGTH]], seam_table[: cursor[_SEAMS]], tags, said, found)  # fmt: skip


@inner
def _read(data, words, size, refused, keys, values, behaviours, contexts, hints, hint_rows, elements, context,
          signature, holders, stack, blocks, hashes, atoms, text, block, state, cursor, whole, seam_table):  # fmt: skip
    """Scans on from where ``cursor`` is to the page's end, or until the blocks or atoms have no more room."""
    at, depth, n, atom_count = cursor[_AT], cursor[_DEPTH], cursor[_ELEMENTS], cursor[_ATOMS]
    skip, opaque = cursor[_SKIPPED], cursor[_OPAQUE]
    block_element, after_link = cursor[_BLOCK_ELEMENT], cursor[_AFTER_LINK]
    seam, apart, seam_count, looks = cursor[_SEAM], cursor[_APART] != 0, cursor[_SEAMS], cursor[_LOOKS]
    beside = cursor[_BESIDE] != 0
    while (
        at < size and state[DONE] + _ROOM <= len(blocks) and atom_count + _ROOM <= len(atoms)
        and seam_count + _ROOM <= len(seam_table)
    ):  # fmt: skip
        if data[at] != 60 or at + 1 >= size:
            if skip < 0 and data[at] != 60:
                if seam >= 0:
                    if (
                        opaque < 0 and state[BLANK] == 0 and state[FEEDS] == 0 and state[CODED] == 0 and not whole[seam]
                        and seams.parts(text, state[BEGUN], state[LENGTH], data, at, size, apart, beside)
                    ):  # fmt: skip
                        state[BLANK], state[IN_WORD] = 1, 0
                        seam_table[seam_count, 0] = seam
                        seam_table[seam_count, 1], seam_table[seam_count, 2] = state[LENGTH], state[BEGUN]
                        seam_count += 1
                    seam, apart, beside = -1, False, False
                at = text_runs.read(data, size, at, text, block, state, block_element if opaque < 0 else -2)
            else:
                at = find(data, words, size, at + 1, 60)
            continue
        following = data[at + 1]
        if following == 33:  # <!
            at = _comment_end(data, size, at)
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
                if tag == _A and signature[e] & start_tags.ONE:
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
                        if block[KIND] == CODE_BLOCK:
                            _flush(block, state, blocks, hashes, text, atom_count)
                    elif opaque < 0:
                        if kind & BLOCK:
                            _flush(block, state, blocks, hashes, text, atom_count)
                            block_element = holders[elements[e, PARENT]] if depth else -1
                        elif kind & SPACED:
                            state[BLANK] = 1
                if kind & (BLOCK | SPACED):
                    state[IN_WORD] = 0
                if tag == _Q and skip < 0 and opaque < 0:
                    _quote(data, size, end, text, state, False)
                if _is_seam(tag):
                    seam = 2 * e + 1
                    apart = apart or _stands_apart(data, elements[e, OPEN], elements[e, INNER], tag)
            at = end
            continue
        if n >= len(elements):  # cannot be: there is a row for each "<"
            at = size
            break
        (end, tag, bits, root, sign, is_link, has_alt, attributed, source, source_end) = start_tags.read(
            data, words, size, at, keys, values, contexts
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
                    told = has_alt or root & atom_roots.FORMULA_BIT
                    if told or start_tags.draws_formula(data, source, source_end, hints, hint_rows):
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
            close = _raw_end(data, words, size, end, at + 1)
            elements[e, CLOSE] = close
            close = find(data, words, size, close, 62)
            elements[e, END] = min(close + 1, size)
            if inside and tag == atom_roots.XMP:
                _flush(block, state, blocks, hashes, text, atom_count)
                block[KIND] = CODE_BLOCK
                atom_count = _put(block, state, text, atoms, atom_count, e, SOURCE, e)
                block[WORDS] = (elements[e, CLOSE] - end) * WORD // 6
                _flush(block, state, blocks, hashes, text, atom_count)
            elif inside and tag == _SCRIPT and root & atom_roots.FORMULA_BIT:
                atom_count = _put(block, state, text, atoms, atom_count, e, FORMULA, block_element)
                block[FORMULAS] += 1
                block[WORDS] += WORD
            at = elements[e, END]
            continue
        holders[e] = e if kind & BLOCK else holders[stack[depth - 1]] if depth else -1
        stack[depth] = e
        depth += 1
        if _is_seam(tag):
            beside = beside or (seam >= 0 and seam % 2 == 1)
            seam = 2 * e
            apart = apart or _stands_apart(data, at, end, tag)
        if tag == _SPAN and inside and not state[CODED] and _parts_words(data, size, at, end, text, state):
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
            if tag == atom_roots.PRE or tag == atom_roots.LISTING:
                atom = SOURCE
            elif tag == atom_roots.MATH or tag == atom_roots.TEX_MATH or tag == atom_roots.MJX:
                atom = FORMULA
            elif not refused[e]:
                if root & atom_roots.FORMULA_BIT:
                    atom = FORMULA
                elif root & atom_roots.CODE_BIT:
                    atom = SOURCE
                elif root & start_tags.MONOSPACED and not state[CODED] and looks > 0:
                    close = never_text.end_of(data, size, at + 1, end, _LONGEST_LINES)
                    looks -= (close if close >= 0 else end + _LONGEST_LINES) - end
                    if close >= 0 and _may_break(data, end, close, attributed):
                        atom = SOURCE
                elif is_code and state[CODED] == 1:  # not of one within another: time would not be linear
                    close = _ends(data, size, end, size, data[at + 1], data[at + 2], 0)
                    if close >= 0 and (root & atom_roots.LINES_BIT or _may_break(data, end, close, attributed)):
                        atom = SOURCE
            if atom == 0 and (tag == _SUB or tag == _SUP):
                if _ends(data, size, end, end + _SHORT, 115, 117, data[at + 3]) >= 0:
                    atom = SUBSCRIPT if tag == _SUB else SUPERSCRIPT
            if kind & SKIP and atom == 0:
                if not root & start_tags.SHADOW_ROOT:
                    skip = e
            elif atom == 0 and root & _NEVER_TEXT and never_text.is_never_text(
                data, size, at + 1, end, root, kind & BLOCK, state[LENGTH] > state[BEGUN], keys, values, behaviours
            ):  # fmt: skip
                skip = e
            elif atom == SOURCE:
                _flush(block, state, blocks, hashes, text, atom_count)
                block[KIND] = CODE_BLOCK
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
            elif tag == _Q:
                if state[LENGTH] == state[BEGUN]:
                    block[ELEMENT] = block_element
                _quote(data, size, end, text, state, True)
        at = end
    if at >= size:
        _flush(block, state, blocks, hashes, text, atom_count)
    cursor[_AT], cursor[_DEPTH], cursor[_ELEMENTS], cursor[_ATOMS] = at, depth, n, atom_count
    cursor[_SKIPPED], cursor[_OPAQUE] = skip, opaque
    cursor[_BLOCK_ELEMENT], cursor[_AFTER_LINK] = block_element, after_link
    cursor[_SEAM], cursor[_APART], cursor[_SEAMS], cursor[_LOOKS] = seam, apart, seam_count, looks
    cursor[_BESIDE] = beside


_TABLES = (start_tags.KEYS, start_tags.VALUES, behaviour(), element_context(), *atom_roots.image_hints())


def scan_page(markup: bytes) -> Page:
    """The elements, blocks and atoms of a page in normal form (UTF-8), which is not copied where
    :data:`parsers.markup.tokens.PADDING` ends it. Any bytes may come: nothing is raised."""
    padded = markup if markup.endswith(PADDING) else markup + PADDING
    # The kernels look a few bytes ahead without asking for the page's end: they are handed the padding as well.
    data, size = np.frombuffer(padded, np.uint8), len(padded) - len(PADDING)
    words = np.frombuffer(padded, np.uint64, len(padded) // 8)
    count = count_byte(data, ord("<")) + 1
    refused, whole = np.zeros(count, np.bool_), np.zeros(2 * count, np.bool_)
    page, written = _page(_scan(data, words, size, count, refused, whole, *_TABLES), {})
    for scans in range(_RESCANS):
        others = read_atoms(markup, page)
        joined = (
            false_seams(page.text.tobytes(), page.blocks[:, START : STOP + 1].tolist(), written)
            if len(written)
            else []
        )
        if not others and not joined:
            break
        whole[joined] = True
        if scans + 1 == _RESCANS:
            refused[:] = True
            refused[list(page.readings)] = False
        refused[others] = True
        page, written = _page(_scan(data, words, size, count, refused, whole, *_TABLES), page.readings)
    return page


def _page(tables: tuple[Any, ...], readings: dict[int, str | Formula]) -> tuple[Page, np.ndarray]:
    """The page, and the blanks that were written at seams."""
    elements, context, signature, blocks, hashes, atoms, text, written, tags, said, found = tables
    return Page(
        elements, context, signature, blocks, hashes, atoms, text, readings, tags.tolist(), said, found
    ), written
