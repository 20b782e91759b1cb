"""The kernel that reads the text between two tags: characters into a block's text, words and signs into its counts."""

from __future__ import annotations

import numpy as np

from parsers.scanner.page import (
    BOLD_WORDS,
    BREAKS,
    CAPITALS,
    CODE_WORDS,
    COLON,
    COMMAS,
    DIGIT,
    DIGITS,
    ELEMENT,
    FIRST,
    IDEOGRAPH,
    LAST_CHARACTER,
    LETTERS,
    LINK_WORDS,
    LOWERCASE,
    STOP_MARK,
    STOPS,
    SYLLABLE,
    SYMBOL,
    SYMBOLS,
    UPPER,
    UPPERCASE,
    WORD,
    WORDS,
)  # fmt: skip
from text.jit.options import inner

# The scanner's state: blocks so far, length of the text, where the block's text and its atoms begin, whether a blank
# waits, and how many line breaks. Then how many links, bold and code elements are open; whether a word has begun.
DONE, LENGTH, BEGUN, ATOMS_BEGUN, BLANK, FEEDS, LINKED, BOLDED, CODED, IN_WORD = range(10)
STATES = 10
LINE_END = 2  # in place of a blank: white space with a line end of the source in it
_IS_ALPHANUMERIC = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])


@inner
def _mark(block, kind):
    if block[FIRST] == 0 and block[LAST_CHARACTER] == 0:
        block[FIRST] = kind
    block[LAST_CHARACTER] = kind


@inner
def _letter_kind(byte):
    return LOWERCASE if byte >= 97 else UPPERCASE if byte >= 65 else DIGIT


@inner
def _gain(block, gain, linked, bolded, coded):
    block[WORDS] += gain
    if linked:
        block[LINK_WORDS] += gain
    if bolded:
        block[BOLD_WORDS] += gain
    if coded:
        block[CODE_WORDS] += gain


@inner
def _is_wide(point):
    """Whether a character is an ideograph or another one that is written without blanks between words."""
    return (
        (0x3001 <= point < 0xA4D0 and not 0x3130 <= point < 0x3190) or 0xF900 <= point < 0xFB00
        or 0xFF01 <= point <= 0xFF60 or 0x20000 <= point < 0x40000
    )  # fmt: skip


@inner
def _joins(text, begun, length, point):
    """Whether a line end of the source between the end of the text and ``point`` is nothing: both are wide (CSS Text 3,
    section 4.1.3), or one is and the other a quotation mark, dash or ellipsis, which are as wide as what they stand in."""
    if length - begun < 3 or text[length - 1] < 128:
        return False
    before = (
        np.int64(text[length - 3] & 15) << 12 | np.int64(text[length - 2] & 63) << 6 | np.int64(text[length - 1] & 63)
    )
    if length - begun > 3 and text[length - 4] >= 0xF0:
        before = np.int64(0x20000) if text[length - 4] == 0xF0 and text[length - 3] >= 0xA0 else np.int64(0)
    elif text[length - 3] < 0xE0:
        return False
    wide, other = _is_wide(before), _is_wide(point)
    return (wide and other) or (wide and _is_mark(point)) or (other and _is_mark(before))


@inner
def _is_mark(point):
    return 0x2018 <= point <= 0x201D or point == 0x2014 or point == 0x2026


@inner
def _begin(block, text, length, begun, feeds, blank, element, point):
    """Makes ready for a character: writes the blank or line break that waits; the length of the text then."""
    if length == begun:
        block[ELEMENT] = element
    elif feeds:
        text[length] = 10
        block[BREAKS] += 1
        return length + 1
    elif blank:
        if blank == LINE_END and _joins(text, begun, length, point):
            return length
        text[length] = 32
        return length + 1
    return length


@inner
def _letters(data, at, text, to):
    """Copies the Latin letters and digits that begin at ``at`` to place ``to`` of the text (-1: nowhere); the offset
    behind them, and how many are upper case and digits. Most of a page's text goes through here."""
    uppers = digits = 0
    while _IS_ALPHANUMERIC[data[at]]:
        byte = data[at]
        uppers += 65 <= byte <= 90
        digits += byte <= 57
        if to >= 0:
            text[to] = byte
            to += 1
        at += 1
    return at, uppers, digits


@inner
def read(data, size, at, text, block, state, shown_for):
    """Reads text from ``at`` up to the next ``<`` or the page's end at ``size``; its offset. ``shown_for``: the element
    whose block the text belongs to, or -2 if it is counted but not shown, because it stands in an element that is
    written as a whole."""
    # The compiler can't rule out that text and state share memory; copies in local variables stay in registers.
    in_word, blank, feeds, length, begun = state[IN_WORD] != 0, state[BLANK], state[FEEDS], state[LENGTH], state[BEGUN]
    linked, bolded, coded = state[LINKED] > 0, state[BOLDED] > 0, state[CODED] > 0
    while at < size and data[at] != 60:
        byte = data[at]
        width = 1
        shown = shown_for > -2
        if _IS_ALPHANUMERIC[byte]:
            if shown:
                length = _begin(block, text, length, begun, feeds, blank, shown_for, byte)
                feeds = 0
            blank = 0  # also where nothing is shown: a blank inside of a formula is no blank after it
            stop, uppers, digits = _letters(data, at, text, length if shown else -1)
            if not in_word:
                _gain(block, WORD, linked, bolded, coded)
                block[CAPITALS] += 65 <= byte <= 90
                in_word = True
            block[LETTERS] += stop - at
            block[UPPER] += uppers
            block[DIGITS] += digits
            _mark(block, _letter_kind(byte))
            block[LAST_CHARACTER] = _letter_kind(data[stop - 1])
            if shown:
                length += stop - at
            at = stop
            continue
        if byte <= 32:  # line ends and the blanks that they are indented with
            in_word = False
            while at < size and data[at] <= 32:
                if data[at] == 10 or data[at] == 13:
                    blank = LINE_END
                elif data[at] == 32 or data[at] == 9 or data[at] == 12:
                    blank = max(blank, 1)
                at += 1
            continue
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
            point = np.int64(byte & 7) << 18 | np.int64(data[at + 1] & 63) << 12 | np.int64(data[at + 2] & 63) << 6
            width = 4
        gain = 0
        if point == 32 or point == 160 or 0x2000 <= point <= 0x200A or point == 0x3000 or point == 0x2028:
            shown = in_word = False
            blank = 1
        elif (point < 128 or 0xA0 < point < 0xC0 or 0x2010 <= point < 0x2070 or 0x2190 <= point < 0x2C00
              or 0x3001 <= point < 0x3040 or 0xFF01 <= point < 0xFF66 or 0x1F000 <= point < 0x20000):  # fmt: skip
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
        elif 0x3040 <= point < 0xA4D0 or 0xF900 <= point < 0xFB00 or 0x20000 <= point < 0x40000:
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
            _gain(block, gain, linked, bolded, coded)
        if shown:
            length = _begin(block, text, length, begun, feeds, blank, shown_for, point)
            blank = feeds = 0
            if width == 1 or byte == 38:
                text[length] = point
                length += 1
            else:
                for offset in range(width):
                    text[length + offset] = data[at + offset]
                length += width
        at += width
    state[IN_WORD], state[BLANK], state[FEEDS], state[LENGTH] = in_word, blank, feeds, length
    return at
