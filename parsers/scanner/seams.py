"""Words that a style sheet sets apart, with no blank between them: ``<span>(1)</span><span>A council</span>``.

At the tags of inline elements two texts may meet that a reader sees as two words: a number and what it counts, a
label and its value, a name and a date. Where the characters on both sides say so, the scanner writes a blank. It also
writes down where; a pair that stands somewhere else on the page as one word (``You<b>Tube</b>``) is one word here too.
"""

from __future__ import annotations

import re
from bisect import bisect_right

import numpy as np

from parsers.scanner.amounts import (
    counts,
    ends_with_unit,
    has_letters,
    is_age,
    is_amount,
    is_long,
    is_suffix,
    is_value,
)
from text.jit.options import inner

(_NONE, _LOWER, _UPPER, _DIGIT, _CLOSING, _COLON, _STOP, _MARK, _LETTER, _OPENING, _QUOTE, _DASH, _HASH,
 _MONEY) = range(14)  # fmt: skip
_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_LAST_WORD = re.compile(_WORD.pattern + rb"\Z")
_SEARCHED = 32  # seams for each of which the page is searched
_NUMBER = 4  # digits and points of an item's number
_ENUMERATOR = 12  # the same of a number alone at the beginning of its block: "12.40.030.", "88-14."
_LABEL = 3  # bytes before the last letter of a label
_LONGEST = 64  # bytes on either side of a seam that are looked at


@inner
def _kind(point):
    """What a character is to its neighbour on the other side of a tag."""
    if (
        97 <= point <= 122
        or (0xDF <= point <= 0xFF and point != 0xF7)
        or 0x430 <= point <= 0x45F
        or 0x3AC <= point <= 0x3CE
    ):
        return _LOWER
    if (
        65 <= point <= 90
        or (0xC0 <= point <= 0xDE and point != 0xD7)
        or 0x400 <= point <= 0x42F
        or 0x386 <= point <= 0x3AB
    ):
        return _UPPER
    if 48 <= point <= 57:
        return _DIGIT
    if point == 41:
        return _CLOSING
    if point == 58:
        return _COLON
    if point == 46 or point == 33 or point == 63 or point == 44 or point == 59:
        return _STOP
    if point == 0x2022 or point == 124 or point == 0xB7:
        return _MARK
    if 0x100 <= point < 0x2000:
        return _LETTER
    if point == 40:
        return _OPENING
    if point == 34 or point == 0x201C or point == 0x201E or point == 0x2018 or point == 0xAB:
        return _QUOTE
    if point == 0x2014:
        return _DASH
    if point == 35:
        return _HASH
    if point == 36 or point == 0xA3 or point == 0xA5 or point == 0x20AC:
        return _MONEY
    return _NONE


@inner
def _point(data, at):
    """The character that begins at ``at``."""
    byte = np.int64(data[at])
    if byte < 128:
        return byte
    if byte < 0xE0:
        return byte % 32 * 64 + data[at + 1] % 64
    if byte < 0xF0:
        return byte % 16 * 4096 + np.int64(data[at + 1]) % 64 * 64 + data[at + 2] % 64
    return np.int64(0x10000)


@inner
def _last(text, begun, stop):
    """Where the character before ``stop`` begins."""
    at = stop - 1
    while at > begun and text[at] & 0xC0 == 0x80:
        at -= 1
    return at


@inner
def parts(text, begun, stop, data, at, size, apart, beside):
    """Whether the text that ends at ``stop`` and the one that begins at ``at`` of ``data`` are two words. ``apart``:
    an element that stands for itself (a time, a custom element) begins or ends between them; ``beside``: an element
    ends between them, and another one begins."""
    if stop <= begun or at >= size:
        return False
    place = _last(text, begun, stop)
    before, after = _kind(_point(text, place)), _kind(_point(data, at))
    if before == _NONE or after == _NONE:
        return False
    starts = after == _LOWER or after == _UPPER or after == _LETTER
    if before >= _OPENING or after >= _OPENING:
        return beside and _sets_apart(text, begun, place, data, at, size, before, after)
    if before == _MARK or after == _MARK:
        return before != after and (before == _MARK or before <= _CLOSING or before == _LETTER)
    if apart and (starts or after == _DIGIT) and (before <= _DIGIT or before == _LETTER):
        return True
    if apart and starts and before == _STOP:
        return True
    if before == _LOWER and after == _DIGIT:
        counted = counts(data, at, size) or is_age(data, at, size) or is_long(data, at, size)
        return beside and (counted or (place - begun >= _LABEL and is_value(data, at, size)))
    if beside and starts and (before == _LOWER or before == _UPPER) and ends_with_unit(text, begun, place):
        return has_letters(data, at, size)
    if beside and starts and before == _LOWER and after != _UPPER and is_amount(text, begun, stop):
        return has_letters(data, at, size)
    if before == _LOWER:
        # A capital alone in its element is a letter of an acronym that the words explain: Auto<b>R</b>egressive.
        return after == _UPPER and data[at + 1] != 60
    if before == _DIGIT and after == _DIGIT:
        return beside and is_age(data, at, size)
    if before == _DIGIT:
        return starts and not is_suffix(data, at)
    if before == _CLOSING:
        return starts
    if before == _COLON:
        if place <= begun or text[place - 1] == 58:
            return False
        # A label in an element of its own before an amount, but no time or verse.
        return starts or (after == _DIGIT and beside and _kind(_point(text, _last(text, begun, place))) <= _UPPER)
    if before == _STOP:
        if beside and starts and text[place] == 46 and _is_enumerator(text, begun, place, data, at, size):
            return True
        # Not in a name of two parts (pandas.<b>Series</b>): a sentence begins with a word and a blank.
        if after != _UPPER or place <= begun:
            return False
        ended = _kind(_point(text, _last(text, begun, place)))
        if beside and ended == _LOWER and _ends_sentence(data, at):
            return True
        # "1." before its item, but no version or amount.
        return (ended == _LOWER and (text[place] != 46 or _begins_sentence(data, at, size))) or (
            ended == _DIGIT
            and text[place] == 46
            and place - begun <= _NUMBER
            and (beside or _begins_sentence(data, at, size))
        )
    return False


@inner
def _sets_apart(text, begun, place, data, at, size, before, after):
    """The same where signs meet between two elements: "(a)" before a quotation, the letter of an item behind a dash, a
    semicolon or a colon, the number of a post or a price behind a word, and what a dash with a blank before it leads to."""
    if before == _DASH and (after == _LOWER or after == _UPPER or after == _LETTER):
        return place > begun and text[place - 1] == 32
    if after == _QUOTE:
        return before == _CLOSING
    if after == _MONEY:  # a name and its price
        price = at + (1 if data[at] < 128 else 2 if data[at] < 0xE0 else 3)
        return (before == _LOWER or before == _LETTER or before == _CLOSING) and 48 <= data[price] <= 57
    if after == _OPENING:
        return (before == _DASH or text[place] == 59 or before == _COLON) and data[at + 2] == 41
    return after == _HASH and (before == _LOWER or before == _LETTER or before == _DIGIT) and 48 <= data[at + 1] <= 57


@inner
def _ends_sentence(data, at):
    """Whether the element that ended before ``at`` ends with a word of several, and a full stop: no ``pandas.``."""
    at -= 1
    while at > 0 and data[at] == 62:  # back over the tags
        while at > 0 and data[at] != 60:
            at -= 1
        at -= 1
    if data[at] != 46:
        return False
    first = max(at - _LONGEST, 0)
    while at > first and data[at] != 62:
        if data[at] == 32:
            return True
        at -= 1
    return False


@inner
def _is_enumerator(text, begun, stop, data, at, size):
    """Whether a block begins with a number alone: digits with points and dashes between them; a letter, or up to four of i, v and x, if
    a word and a blank follow."""
    if not 0 < stop - begun <= _ENUMERATOR:
        return False
    digits = romans = 0
    for place in range(begun, stop):
        byte = text[place] | 32
        digits += 48 <= text[place] <= 57 or text[place] == 45 or text[place] == 46
        romans += byte == 105 or byte == 118 or byte == 120
    length = stop - begun
    letter = (length <= 4 and romans == length) or (length == 1 and 97 <= text[begun] | 32 <= 122)
    return digits == length or (letter and _begins_sentence(data, at, size))


@inner
def _begins_sentence(data, at, size):
    while at < size and (97 <= data[at] | 32 <= 122 or data[at] >= 128):
        at += 1
    return at < size and data[at] <= 32


def false_seams(text: bytes, bounds: list[list[int]], seams: np.ndarray) -> list[int]:
    """Those of ``seams`` (``int64[k, 3]``: a number of the tag, where in ``text`` a blank was written at it, and where
    its block begins) at which one word was cut in two: the joined word stands elsewhere on the page. ``bounds``:
    where the texts of blocks begin and end."""
    stops = [stop for _, stop in bounds]
    joined = []
    for tag, place, begun in seams.tolist():
        before = _LAST_WORD.search(text, max(begun, place - _LONGEST), place)
        after = _WORD.match(text, place + 1, stops[bisect_right(stops, place)])
        # A search is cheaper than all words of the page, and hardly ever is the joined word anywhere.
        if before and after and (len(seams) > _SEARCHED or before[0] + after[0] in text):
            joined.append((tag, before[0] + after[0]))
    if not joined:
        return []
    words = {word for start, stop in bounds for word in _WORD.findall(text, start, stop)}
    return [tag for tag, word in joined if word in words]
