"""Which blocks' text can be written as the scanner left it: no formula, no broken word, nothing invisible.

Nearly nine blocks of ten are plain prose, and the scanner has folded their white space already. One pass over their
bytes finds that out, which is cheaper than running :mod:`parsers.blocks.hyphenation`, :mod:`parsers.formulas.tex` and
:func:`parsers.blocks.normalize.tidy` for nothing. These leave every block that passes unchanged; a block that does not
pass may be unchanged, too.
"""

from __future__ import annotations

import unicodedata

import numpy as np

from parsers.blocks.normalize import is_debris
from parsers.scanner.page import ATOMS, ATOMS_STOP, CODE_BLOCK, KIND, START, STOP, Page
from text.jit.options import inner, kernel

# What a character means for its block's text: it stays, whatever is next to it; a hyphen may have broken a word; two
# dollars may enclose a formula, one does not; an ampersand before a letter may begin a reference; a block with any other character does not pass.
_LOOK, _STAYS, _HYPHEN, _DOLLAR, _AMPERSAND = range(5)
_KOREAN_VOWELS_AND_FINALS = slice(0x1161, 0x11C3)  # NFC joins them to the letter before
# Emoji and their like, of which NFC leaves all alone.
_PICTOGRAPHS, _PICTOGRAPHS_STOP = 0x1F000, 0x1FB00


def _meanings() -> np.ndarray:
    """``uint8[65536]``: what each character of Unicode's first plane means. One stays if it is neither white space
    nor debris, and if NFC neither rewrites it nor moves it nor joins it to the one before."""
    plane = [chr(point) for point in range(0x10000)]
    table = np.array([
        unicodedata.is_normalized("NFC", character) and not unicodedata.combining(character)
        and not character.isspace() and not is_debris(character) for character in plane
    ]).astype(np.uint8) * _STAYS  # fmt: skip
    for parts in (unicodedata.decomposition(character).split() for character in plane):
        if len(parts) == 2 and parts[0][0] != "<":
            table[int(parts[1], 16)] = _LOOK
    table[_KOREAN_VOWELS_AND_FINALS] = _LOOK
    table[0xD800:0xE000] = _LOOK  # no characters
    table[[ord(" "), ord("\n")]] = _STAYS  # the scanner leaves single ones, inside of a block
    table[[ord("-"), ord("\u2010")]] = _HYPHEN
    table[ord("$")], table[ord("\\")], table[ord("&")] = _DOLLAR, _LOOK, _AMPERSAND
    return table


_MEANINGS = _meanings()


def tidy_already(page: Page, rows: np.ndarray) -> np.ndarray:
    """``bool[len(rows)]``: of which of these rows of ``page.blocks`` the text in ``page.text`` is what is to be
    written (in a heading or a cell, with blanks for its line breaks)."""
    return _tidy_already(page.text, page.blocks, rows, _MEANINGS)


@kernel
def _tidy_already(text, blocks, rows, meanings):
    tidy = np.zeros(len(rows), np.bool_)
    for place in range(len(rows)):
        block = blocks[rows[place]]
        if block[KIND] != CODE_BLOCK and block[ATOMS] == block[ATOMS_STOP]:
            tidy[place] = _is_tidy(text, block[START], block[STOP], meanings)
    return tidy


@inner
def _is_tidy(text, start, stop, meanings):
    dollars, at = 0, start
    while at < stop:
        byte = np.int64(text[at])
        if byte < 128:
            point, width = byte, 1
        else:
            width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            if at + width > stop:
                return False
            point = byte & (0x7F >> width)
            for offset in range(1, width):
                following = np.int64(text[at + offset])
                if following & 0xC0 != 0x80:
                    return False
                point = point << 6 | (following & 63)
        if point > 0xFFFF:
            if not _PICTOGRAPHS <= point < _PICTOGRAPHS_STOP:
                return False
        elif meanings[point] != _STAYS:
            if meanings[point] == _LOOK:
                return False
            if meanings[point] == _DOLLAR:
                dollars += 1
                if dollars > 1:
                    return False
            elif meanings[point] == _AMPERSAND:
                if at + 1 < stop and (text[at + 1] == 35 or 97 <= text[at + 1] | 32 <= 122):
                    return False
            # A hyphen between blanks is a dash.
            elif at + width < stop and text[at + width] <= 32 and (at == start or text[at - 1] != 32):
                return False
        at += width
    return True
