"""One pass over the normal form of a page: elements into arrays, text into blocks.

:mod:`parsers.markup` says what the normal form is. The scanner reads its UTF-8 bytes once, from left to right, and
leaves three tables: the elements in document order (a flat tree: each row knows its parent), the blocks of text with
their counts, and the atoms, which are elements that are written out as a whole later on: formulas, code, images, sub-
and superscripts. A block is what lies between two boundaries that a reader would see as a line break: the start or
end of a block-level element, two ``<br>`` in a row, an ``<hr>``. Its text comes out with white space folded, as CSS
folds it, and with one byte :data:`ATOM` wherever an atom stands.

The kernel is compiled by numba at its first use and kept in numba's cache. Time is linear in the page's bytes; memory
is at most about 100 bytes a tag and 200 a block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from parsers import roots, vocabulary
from parsers.vocabulary import BLOCK, BOLD, RAW, SKIP, SPACED, TAG, VOID, fnv

ATOM = 1  # the byte that stands for an atom in a block's text

# Columns of Page.elements.
TAG_, PARENT, OPEN, INNER, CLOSE, END, LAST = range(7)
# Columns of Page.blocks: the element, the text in Page.text, the atoms in Page.atoms, its kind, and counts.
(ELEMENT, START, STOP, ATOMS, ATOMS_STOP, KIND, WORDS, LINK_WORDS, BOLD_WORDS, CODE_WORDS, LETTERS, DIGITS, UPPER, CAPITALS,
 STOPS, COMMAS, SYMBOLS, LINKS, IMAGES, FORMULAS, TAGS, CONTROLS, BREAKS, FIRST, LAST_CHARACTER) = range(25)  # fmt: skip
COLUMNS = 25
# Kinds of block.
TEXT, CODE = 0, 1
# Kinds of atom.
FORMULA, IMAGE, SUBSCRIPT, SUPERSCRIPT, SOURCE = 1, 2, 3, 4, 5
# Words are counted in tenths: a word set off by blanks is 10; of scripts without blanks a character of Chinese or
# Japanese is 6 (newspapers: 1.6 to 1.7 characters a word) and of Thai, Lao, Khmer or Burmese 2 (some 5 a word).
WORD, IDEOGRAPH, SYLLABLE = 10, 6, 2
# What the first and the last character of a block is.
OTHER, UPPERCASE, LOWERCASE, DIGIT, STOP_MARK, COLON, SYMBOL = range(7)

_H = {name: np.uint64(fnv(name)) for name in (
    "class", "id", "role", "style", "hidden", "aria-hidden", "itemprop", "href", "type", "alt", "src",
)}  # fmt: skip
_CLASS, _ID, _ROLE, _STYLE = _H["class"], _H["id"], _H["role"], _H["style"]
_HIDDEN, _ARIA_HIDDEN, _ITEMPROP, _HREF = _H["hidden"], _H["aria-hidden"], _H["itemprop"], _H["href"]
_ALT, _SRC, _TYPE = _H["alt"], _H["src"], _H["type"]
_HIDDEN_BIT = vocabulary.BIT[vocabulary.HIDDEN]
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_ONE = np.uint64(1)
_A, _BR, _HR, _IMG, _SUB, _SUP, _SCRIPT, _CODE = (
    TAG[name] for name in ("a", "br", "hr", "img", "sub", "sup", "script", "code")
)
_SAMP, _TT = TAG["samp"], TAG["tt"]
_LOOK_AHEAD = 4096  # bytes of a <code> or <sup> that are searched for its end
_SHORT = 200  # bytes of a sub- or superscript; a longer one is an element that somebody forgot to close


class Page(NamedTuple):
    """What the scanner found.

    ``elements``  ``int32[n, 7]``: tag number, parent's row (-1: none), byte offsets of the start tag, of what is
    inside, of the end tag and of what follows it, and the last row that is inside.
    ``context``  ``uint64[n]``: :data:`parsers.vocabulary.CONTEXT` bits of the element alone.
    ``signature``  ``uint64[n]``: a hash of tag and class, digits left out: equal for elements made by one template.
    ``blocks``  ``int32[m, 25]``: see the columns above. ``atoms``  ``int32[k, 2]``: element and kind.
    ``hashes``  ``uint64[m]``: FNV-1a of each block's text.
    ``text``  ``uint8[t]``: the blocks' texts one after the other.
    """

    elements: np.ndarray
    context: np.ndarray
    signature: np.ndarray
    blocks: np.ndarray
    hashes: np.ndarray
    atoms: np.ndarray
    text: np.ndarray


@njit(cache=True, nogil=True)
def _find(keys, values, key):
    mask = np.uint64(len(keys) - 1)
    place = key & mask
    while keys[place] != 0:
        if keys[place] == key:
            return values[place]
        place = (place + _ONE) & mask
    return np.uint64(0)


@njit(cache=True, nogil=True)
def _words_bits(data, start, stop, keys, values):
    """The families of the words in a class or id: split where letters end and where camelCase begins a new one."""
    bits = np.uint64(0)
    value, length, lower_before = _OFFSET, 0, False
    for at in range(start, stop + 1):
        byte = data[at] if at < stop else np.uint8(32)
        upper = 65 <= byte <= 90
        letter = upper or 97 <= byte <= 122
        if (not letter or (upper and lower_before)) and length:
            bits |= _find(keys, values, value)
            value, length = _OFFSET, 0
        if letter:
            value = (value ^ np.uint64(byte | 32)) * _PRIME
            length += 1
        lower_before = letter and not upper
    return bits


@njit(cache=True, nogil=True)
def _tokens_bits(data, start, stop, keys, values):
    """The kinds of root that any of the blank-separated class tokens names."""
    bits = np.uint64(0)
    value, length = _OFFSET, 0
    for at in range(start, stop + 1):
        byte = data[at] if at < stop else np.uint8(32)
        if byte <= 32:
            if length:
                bits |= _find(keys, values, value)
            value, length = _OFFSET, 0
        else:
            value = (value ^ np.uint64(byte | 32 if 65 <= byte <= 90 else byte)) * _PRIME
            length += 1
    return bits


@njit(cache=True, nogil=True)
def _hash(data, start, stop):
    value = _OFFSET
    for at in range(start, stop):
        value = (value ^ np.uint64(data[at])) * _PRIME
    return value


@njit(cache=True, nogil=True)
def _hash_without_digits(data, start, stop, value):
    for at in range(start, stop):
        if not 48 <= data[at] <= 57:
            value = (value ^ np.uint64(data[at])) * _PRIME
    return value


@njit(cache=True, nogil=True)
def _hides(data, start, stop):
    """Whether a style holds display:none or visibility:hidden."""
    for at in range(start, stop - 4):
        if data[at] | 32 == 110 and data[at + 1] | 32 == 111 and data[at + 2] | 32 == 110 and data[at + 3] | 32 == 101:
            back = at - 1  # "none": of display?
            while back > start and (data[back] == 32 or data[back] == 58):
                back -= 1
            if data[back] | 32 == 121:
                return True
        if data[at] | 32 == 104 and data[at + 1] | 32 == 105 and data[at + 2] | 32 == 100 and data[at + 3] | 32 == 100:
            return True
    if stop - start >= 12:
        at = stop - 4
        if data[at] | 32 == 110 and data[at + 1] | 32 == 111 and data[at + 2] | 32 == 110 and data[at + 3] | 32 == 101:
            back = at - 1
            while back > start and (data[back] == 32 or data[back] == 58):
                back -= 1
            return data[back] | 32 == 121
    return False


@njit(cache=True, nogil=True)
def _ends(data, start, stop, first, second, third):
    """Offset of the next ``</`` whose name begins with these three bytes (0: none), or -1 before ``stop``."""
    for at in range(start, min(stop, len(data) - 5)):
        if data[at] == 60 and data[at + 1] == 47 and data[at + 2] == first:
            if second == 0 or (data[at + 3] == second and (third == 0 or data[at + 4] == third)):
                return at
    return -1


@njit(cache=True, nogil=True)
def _has_line_break(data, start, stop):
    for at in range(start, stop - 3):
        if data[at] == 60 and data[at + 1] == 98 and data[at + 2] == 114 and (data[at + 3] == 62 or data[at + 3] == 32):
            return True
    return False


@njit(cache=True, nogil=True)
def _flush(block, state, blocks, hashes, text, atom_count):
    """Ends the current block: state is (blocks so far, length of text, start of the block's text, first atom,
    blank pending, breaks pending). A block without text leaves nothing."""
    start, stop = state[2], state[1]
    if stop > start:
        row = state[0]
        block[START], block[STOP] = start, stop
        block[ATOMS], block[ATOMS_STOP] = state[3], atom_count
        blocks[row] = block
        value = _OFFSET
        for at in range(start, stop):
            byte = text[at]
            value = (value ^ np.uint64(byte | 32 if 65 <= byte <= 90 else byte)) * _PRIME
        hashes[row] = value
        state[0] += 1
    block[:] = 0
    state[2] = stop
    state[3] = atom_count
    state[4] = 0
    state[5] = 0


@njit(cache=True, nogil=True)
def _put(block, state, text, atoms, atom_count, element, kind, holder):
    """Puts an atom into the current block, behind the blank or line break that waits; a block that begins with it is
    ``holder``'s. The number of atoms so far."""
    if state[1] == state[2]:
        block[ELEMENT] = holder
    elif state[4] or state[5]:
        text[state[1]] = 10 if state[5] else 32
        state[1] += 1
    state[4] = state[5] = 0
    atoms[atom_count, 0], atoms[atom_count, 1] = element, kind
    text[state[1]] = ATOM
    state[1] += 1
    return atom_count + 1


@njit(cache=True, nogil=True)
def _mark(block, kind):
    if block[FIRST] == 0 and block[LAST_CHARACTER] == 0:
        block[FIRST] = kind
    block[LAST_CHARACTER] = kind


@njit(cache=True, nogil=True)
def _scan(data, count, tag_keys, tag_values, family_keys, family_values, role_keys, role_values, root_keys, root_values,
          attribute_keys, attribute_values, behaviour, element_context):  # fmt: skip
    size = len(data)
    elements = np.zeros((count, 7), np.int32)
    context = np.zeros(count, np.uint64)
    signature = np.zeros(count, np.uint64)
    stack = np.zeros(count, np.int32)
    blocks = np.zeros((256, COLUMNS), np.int32)
    hashes = np.zeros(256, np.uint64)
    atoms = np.zeros((64, 2), np.int32)
    text = np.empty(size + 8, np.uint8)
    block = np.zeros(COLUMNS, np.int32)
    state = np.zeros(6, np.int64)
    depth = n = atom_count = 0
    skip = opaque = -1  # the element that is skipped, or written as a whole, while the scanner is inside
    links = bolds = codes = 0
    block_element = -1
    after_link = -1
    in_word = False
    at = 0
    while at < size:
        if state[0] + 2 >= len(blocks):
            grown = np.zeros((len(blocks) * 2, COLUMNS), np.int32)
            grown[: len(blocks)] = blocks
            blocks = grown
            more = np.zeros(len(hashes) * 2, np.uint64)
            more[: len(hashes)] = hashes
            hashes = more
        if atom_count + 2 >= len(atoms):
            wider = np.zeros((len(atoms) * 2, 2), np.int32)
            wider[: len(atoms)] = atoms
            atoms = wider
        byte = data[at]
        if byte == 60 and at + 1 < size:  # <
            following = data[at + 1]
            if following == 33:  # <! a comment or the doctype
                if at + 3 < size and data[at + 2] == 45 and data[at + 3] == 45:
                    at += 4
                    while at < size and not (data[at] == 62 and data[at - 1] == 45 and data[at - 2] == 45):
                        at += 1
                else:
                    while at < size and data[at] != 62:
                        at += 1
                at += 1
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
                    kind = behaviour[elements[e, TAG_]]
                    if elements[e, TAG_] == _A and signature[e] & _ONE:
                        links -= 1
                        after_link = state[1]
                    if kind & BOLD:
                        bolds -= 1
                    if elements[e, TAG_] == _CODE or elements[e, TAG_] == _SAMP or elements[e, TAG_] == _TT:
                        codes -= 1
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
                                block_element = elements[e, PARENT]
                                while block_element >= 0 and not behaviour[elements[block_element, TAG_]] & BLOCK:
                                    block_element = elements[block_element, PARENT]
                            elif kind & SPACED:
                                state[4] = 1
                    in_word = in_word and not kind & (BLOCK | SPACED)
                at = end
                continue
            # a start tag
            end = at + 1
            name = _OFFSET
            while end < size and data[end] > 32 and data[end] != 62 and data[end] != 47:
                name = (name ^ np.uint64(data[end])) * _PRIME
                end += 1
            tag = np.int64(_find(tag_keys, tag_values, name))
            kind = behaviour[tag]
            bits = element_context[tag]
            sign = (_OFFSET ^ name) * _PRIME
            root = np.uint64(0)
            is_link = has_alt = False
            source_start = source_stop = 0
            while end < size and data[end] != 62:
                while end < size and (data[end] <= 32 or data[end] == 47):
                    end += 1
                if end >= size or data[end] == 62:
                    break
                attribute = (_OFFSET ^ np.uint64(data[end])) * _PRIME
                end += 1
                while end < size and data[end] > 32 and data[end] != 62 and data[end] != 61 and data[end] != 47:
                    attribute = (attribute ^ np.uint64(data[end])) * _PRIME
                    end += 1
                start = stop = end
                if end + 1 < size and data[end] == 61 and data[end + 1] == 34:
                    start = stop = end + 2
                    while stop < size and data[stop] != 34:
                        stop += 1
                    end = stop + 1
                elif end < size and data[end] == 61:
                    end += 1
                if attribute == _CLASS:
                    bits |= _words_bits(data, start, stop, family_keys, family_values)
                    root |= _tokens_bits(data, start, stop, root_keys, root_values)
                    sign = _hash_without_digits(data, start, stop, sign)
                elif attribute == _ID or attribute == _ITEMPROP:
                    bits |= _words_bits(data, start, stop, family_keys, family_values)
                elif attribute == _ROLE:
                    bits |= _find(role_keys, role_values, _hash(data, start, stop))
                elif attribute == _STYLE:
                    if _hides(data, start, stop):
                        bits |= _HIDDEN_BIT
                elif attribute == _HIDDEN:
                    bits |= _HIDDEN_BIT
                elif attribute == _ARIA_HIDDEN:
                    if stop - start == 4:
                        bits |= _HIDDEN_BIT
                elif attribute == _HREF:
                    is_link = stop > start
                elif attribute == _TYPE:
                    # math/tex, math/mml, math/asciimath: MathJax's scripts
                    if tag == _SCRIPT and data[start] | 32 == 109 and data[start + 1] | 32 == 97 and data[start + 2] == 116:
                        root |= roots.FORMULA_BIT
                elif attribute == _ALT:
                    has_alt = stop > start
                elif attribute == _SRC:
                    source_start, source_stop = start, stop
                else:
                    root |= _find(attribute_keys, attribute_values, attribute)
            end = min(end + 1, size)
            if n >= count:  # cannot be: count is the number of "<"
                break
            e = n
            n += 1
            elements[e, TAG_] = tag
            elements[e, PARENT] = stack[depth - 1] if depth else -1
            elements[e, OPEN], elements[e, INNER] = at, end
            elements[e, CLOSE] = elements[e, END] = end
            elements[e, LAST] = e
            context[e] = bits
            # The lowest bit of the signature says whether an <a> leads anywhere.
            signature[e] = (sign & ~_ONE) | (_ONE if is_link else np.uint64(0))
            inside = skip < 0 and opaque < 0
            if kind & VOID:
                if inside:
                    if tag == _BR:
                        state[5] += 1
                        in_word = False
                        if state[5] >= 2:
                            _flush(block, state, blocks, hashes, text, atom_count)
                    elif tag == _HR:
                        _flush(block, state, blocks, hashes, text, atom_count)
                        in_word = False
                    elif tag == _IMG:
                        block[IMAGES] += 1
                        if has_alt or root & roots.FORMULA_BIT or _image_formula(data, source_start, source_stop):
                            atom_count = _put(block, state, text, atoms, atom_count, e, IMAGE, block_element)
                    elif kind & SPACED:
                        block[CONTROLS] += 1
                        state[4] = 1
                        in_word = False
                at = end
                continue
            if kind & RAW:
                # Content without markup: go to the end tag of the same name.
                close = end
                while True:
                    close = _ends(data, close, size, data[at + 1], data[at + 2], data[at + 3])
                    if close < 0:
                        close = size
                        break
                    same = True
                    for offset in range(3, 12):
                        byte = data[at + 1 + offset]
                        if byte <= 32 or byte == 62 or byte == 47:
                            break
                        if close + 2 + offset >= size or data[close + 2 + offset] != byte:
                            same = False
                            break
                    if same:
                        break
                    close += 1
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
            stack[depth] = e
            depth += 1
            if is_link and tag == _A:
                links += 1
                if inside and after_link == state[1]:
                    state[4] = 1
                block[LINKS] += 1
            if kind & BOLD:
                bolds += 1
            if tag == _CODE or tag == _SAMP or tag == _TT:
                codes += 1
            if inside:
                block[TAGS] += 1
                atom = 0
                if root & roots.FORMULA_BIT:
                    atom = FORMULA
                elif root & roots.CODE_BIT or tag == roots.PRE or tag == roots.LISTING:
                    atom = SOURCE
                elif tag == _SUB or tag == _SUP:
                    close = _ends(data, end, end + _SHORT, 115, 117, data[at + 3])
                    if close >= 0:
                        atom = SUBSCRIPT if tag == _SUB else SUPERSCRIPT
                elif tag == _CODE or tag == _SAMP or tag == _TT:
                    close = _ends(data, end, end + _LOOK_AHEAD, data[at + 1], data[at + 2], 0)
                    if close >= 0 and _has_line_break(data, end, close):
                        atom = SOURCE
                if tag == roots.MATH or tag == roots.TEX_MATH or tag == roots.MJX:
                    atom = FORMULA
                if kind & SKIP and atom == 0:
                    skip = e
                elif atom == SOURCE:
                    _flush(block, state, blocks, hashes, text, atom_count)
                    block[KIND] = CODE
                    opaque = e
                    in_word = False
                elif atom:
                    opaque = e
                    if atom == FORMULA:
                        block[FORMULAS] += 1
                elif kind & BLOCK:
                    _flush(block, state, blocks, hashes, text, atom_count)
                    block_element = e
                    in_word = False
                elif kind & SPACED:
                    block[CONTROLS] += 1
                    state[4] = 1
                    in_word = False
                if atom:
                    holder = e if atom == SOURCE else block_element
                    atom_count = _put(block, state, text, atoms, atom_count, e, atom, holder)
            at = end
            continue
        # text up to the next tag
        if skip >= 0:
            at += 1
            while at < size and data[at] != 60:
                at += 1
            continue
        while at < size and data[at] != 60:
            byte = data[at]
            width = 1
            shown = True
            if byte < 128:
                point = np.int64(byte)
                if byte == 38 and at + 4 < size:  # one of the five references
                    following = data[at + 1]
                    if following == 97:
                        width = 5
                    elif following == 108:
                        point, width = 60, 4
                    elif following == 103:
                        point, width = 62, 4
                    elif following == 113:
                        point, width = 34, 6
                    else:
                        point, width = 32, 6
            elif byte < 0xE0:
                point, width = np.int64(byte & 31) << 6 | np.int64(data[at + 1] & 63), 2
            elif byte < 0xF0:
                point = np.int64(byte & 15) << 12 | np.int64(data[at + 1] & 63) << 6 | np.int64(data[at + 2] & 63)
                width = 3
            else:
                point, width = np.int64(0x10000), 4
            gain = 0
            if 97 <= point <= 122 or 65 <= point <= 90 or 48 <= point <= 57:
                gain = 0 if in_word else WORD
                in_word = True
                block[LETTERS] += 1
                if point >= 97:
                    _mark(block, LOWERCASE)
                elif point >= 65:
                    block[UPPER] += 1
                    if gain:
                        block[CAPITALS] += 1
                    _mark(block, UPPERCASE)
                else:
                    block[DIGITS] += 1
                    _mark(block, DIGIT)
            elif point <= 32 or point == 160 or 0x2000 <= point <= 0x200A or point == 0x3000 or point == 0x2028:
                shown = False
                in_word = False
                if point == 32 or point == 9 or point == 10 or point == 12 or point == 13 or point > 32:
                    state[4] = 1
            elif (point < 128 or 0xA0 < point < 0xC0 or 0x2010 <= point < 0x2070 or 0x3001 <= point < 0x3040
                  or 0xFF01 <= point < 0xFF66):  # fmt: skip
                if (point == 46 or point == 33 or point == 63 or point == 0x3002 or point == 0xFF01 or point == 0xFF1F
                        or point == 0x2026):  # fmt: skip
                    block[STOPS] += 1
                    _mark(block, STOP_MARK)
                elif point == 44 or point == 59 or point == 0x3001 or point == 0xFF0C or point == 0xFF1B:
                    block[COMMAS] += 1
                    _mark(block, SYMBOL)
                elif point == 58 or point == 0xFF1A:
                    _mark(block, COLON)
                elif point == 34 or point == 39 or point == 41 or 0x2018 <= point <= 0x201F or 0x300A <= point <= 0x3011:
                    if block[LAST_CHARACTER] != STOP_MARK:
                        _mark(block, SYMBOL)
                else:
                    if (point == 124 or point == 0xA9 or point == 187 or point == 62 or point == 0x2022 or point == 183
                            or point == 47):  # fmt: skip
                        block[SYMBOLS] += 1
                    _mark(block, SYMBOL)
                if point != 39 and point != 0x2019 and point != 45 and point != 46:
                    in_word = False
            elif point == 0xFFFD:  # what could not be decoded
                _mark(block, SYMBOL)
                in_word = False
            elif 0x3040 <= point < 0xA4D0 or 0xF900 <= point < 0xFB00:
                gain = IDEOGRAPH
                in_word = False
                block[LETTERS] += 2
                _mark(block, LOWERCASE)
            elif 0x0E00 <= point < 0x0F00 or 0x1000 <= point < 0x10A0 or 0x1780 <= point < 0x1800:
                gain = SYLLABLE
                in_word = False
                block[LETTERS] += 1
                _mark(block, LOWERCASE)
            elif point == 0x061F or point == 0x06D4 or point == 0x0964 or point == 0x0965:
                block[STOPS] += 1
                _mark(block, STOP_MARK)
                in_word = False
            elif point == 0x060C or point == 0x061B:
                block[COMMAS] += 1
                in_word = False
            else:
                gain = 0 if in_word else WORD
                in_word = True
                block[LETTERS] += 1
                _mark(block, LOWERCASE)
            if gain:
                block[WORDS] += gain
                if links:
                    block[LINK_WORDS] += gain
                if bolds:
                    block[BOLD_WORDS] += gain
                if codes:
                    block[CODE_WORDS] += gain
            if shown and opaque < 0:
                if state[1] == state[2]:
                    block[ELEMENT] = block_element
                elif state[5]:
                    text[state[1]] = 10
                    state[1] += 1
                    block[BREAKS] += 1
                elif state[4]:
                    text[state[1]] = 32
                    state[1] += 1
                state[4] = state[5] = 0
                if width == 1 or byte == 38:
                    text[state[1]] = point
                    state[1] += 1
                else:
                    for offset in range(width):
                        text[state[1] + offset] = data[at + offset]
                    state[1] += width
            at += width
    _flush(block, state, blocks, hashes, text, atom_count)
    return (elements[:n], context[:n], signature[:n], blocks[: state[0]], hashes[: state[0]], atoms[:atom_count],
            text[: state[1]])  # fmt: skip


@njit(cache=True, nogil=True)
def _image_formula(data, start, stop):
    """Whether an image's address looks as if it carried TeX: ``latex``, ``tex=`` or ``cht=tx`` is in it."""
    for at in range(start, stop - 3):
        if data[at] | 32 == 116 and data[at + 1] | 32 == 101 and data[at + 2] | 32 == 120:
            return True
        if data[at] | 32 == 99 and data[at + 1] | 32 == 104 and data[at + 2] | 32 == 116 and data[at + 3] == 61:
            return True
    return False


_TABLES = (
    *vocabulary.tag_table(), *vocabulary.family_table(), *vocabulary.role_table(), *roots.class_table(),
    *roots.attribute_table(), vocabulary.behaviour(), vocabulary.element_context(),
)  # fmt: skip


def scan(markup: bytes) -> Page:
    """The elements, blocks and atoms of a page in normal form (UTF-8). Any bytes may come: nothing is raised."""
    padded = markup + b"\0" * 16  # so that a look ahead never leaves the array
    data = np.frombuffer(padded, np.uint8)[: len(markup)]
    return Page(*_scan(data, markup.count(b"<") + 1, *_TABLES))
