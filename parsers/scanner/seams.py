"""Words that a style sheet sets apart, with no blank between them: ``<span>(1)</span><span>A council</span>``.

At the tags of inline elements two texts may meet that a reader sees as two words: a number and what it counts, a
label and its value, a name and a date. Where the characters on both sides say so, the scanner writes a blank. It also
writes down where; a pair that stands somewhere else on the page as one word (``You<b>Tube</b>``) is one word here too.
"""

from __future__ import annotations

import re
from bisect import bisect_right

import numpy as np

from text.jit.options import inner

(_NONE, _LOWER, _UPPER, _DIGIT, _CLOSING, _COLON, _STOP, _MARK, _LETTER, _OPENING, _QUOTE, _DASH, _HASH,
 _MONEY) = range(14)  # fmt: skip
_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_LAST_WORD = re.compile(_WORD.pattern + rb"\Z")
_SEARCHED = 32  # seams for each of which the page is searched
_NUMBER = 4  # digits and points of an item's number
_ENUMERATOR = 12  # the same of a number alone at the beginning of its block: "12.40.030.", "88-14."
# Words of a recipe's amounts, at most eight letters as one number: "1 cup" before "sugar".
_UNITS = np.array(
    sorted(
        int.from_bytes(unit.encode(), "big")
        for unit in (
            "g kg mg l ml cl dl gr gram grams gramm grammes gramo gramos grama gramas cup cups tbsp tbsps tbs tsp tsps oz ozs lb lbs "
            "pound pounds ounce ounces clove cloves slice slices pinch can cans el tl msk tsk krm dag dkg stk"
        ).split()
    ),
    np.int64,
)
_LABEL = 3  # bytes before the last letter of a label
_LONG = 4  # digits of a number that isn't the end of a name (``mp3``)
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
        counts = _counts(data, at, size) or _is_age(data, at, size) or _is_long(data, at, size)
        return beside and (counts or (place - begun >= _LABEL and _is_value(data, at, size)))
    if beside and (before == _LOWER or before == _UPPER) and starts and _ends_amount(text, begun, place):
        return True
    if before == _LOWER:
        # A capital alone in its element is a letter of an acronym that the words explain: Auto<b>R</b>egressive.
        return after == _UPPER and data[at + 1] != 60
    if before == _DIGIT and after == _DIGIT:
        return beside and _is_age(data, at, size)
    if before == _DIGIT:
        return starts and not _is_suffix(data, at)
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
def _is_age(data, at, size):
    """Whether a number is the age of a post: ``2h``, ``3d ago``."""
    begun = at
    while at < size and 48 <= data[at] <= 57:
        at += 1
    return (
        at - begun <= 2
        and at + 1 < size
        and (data[at] == 104 or data[at] == 100 or data[at] == 109 or data[at] == 119 or data[at] == 121)
        and (data[at + 1] <= 32 or data[at + 1] == 60)
    )


@inner
def _is_long(data, at, size):
    """Whether a number has four digits and more, as years and telephone numbers have."""
    begun = at
    while at < size and 48 <= data[at] <= 57:
        at += 1
    return at - begun >= _LONG


@inner
def _is_value(data, at, size):
    """Whether a number is all of its element, but for a sign or a unit of three letters: the value behind a label (``30min``)."""
    while at < size and (48 <= data[at] <= 57 or 44 <= data[at] <= 46):
        at += 1
    letters = 0
    while at < size and letters < 3 and (97 <= data[at] | 32 <= 122 or data[at] == 37):
        at += 1
        letters += 1
    return at < size and data[at] == 60


@inner
def _ends_amount(text, begun, place):
    """Whether the text up to the letter at ``place`` ends with a number and one of :data:`_UNITS`."""
    at, unit, letters = place, np.int64(0), 0
    while at >= begun and letters < 8 and 97 <= text[at] | 32 <= 122:
        unit |= np.int64(text[at] | 32) << np.int64(8 * letters)
        letters += 1
        at -= 1
    if at > begun and text[at] == 32:
        at -= 1
    if at < begun or not (48 <= text[at] <= 57 or (at > begun and 0xBC <= text[at] <= 0xBE and text[at - 1] == 0xC2)):
        return False
    found = np.searchsorted(_UNITS, unit)
    return found < len(_UNITS) and _UNITS[found] == unit


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


@inner
def _counts(data, at, size):
    """Whether a number is followed by a blank and a letter or a sign of money: ``3 days ago``, ``16.40 \u20ac``."""
    while at < size and (48 <= data[at] <= 57 or 44 <= data[at] <= 46 or data[at] == 58):
        at += 1
    return at + 1 < size and data[at] == 32 and (97 <= data[at + 1] | 32 <= 122 or data[at + 1] >= 128)


@inner
def _is_suffix(data, at):
    """Whether what follows a number is its ending (``1<b>st</b>``), or a single letter: a unit or a variable."""
    first, second, third = data[at], data[at + 1] | 32, data[at + 2] | 32
    if first >= 128:
        return False
    if not 97 <= second <= 122:
        return data[at + 1] < 128
    if 97 <= third <= 122:
        return False
    first |= 32
    return (
        (first == 115 and second == 116)
        or (first == 110 and second == 100)
        or (first == 114 and second == 100)
        or (first == 116 and second == 104)
        or (first == 101 and second == 114)
        or (first == 114 and second == 101)
    )


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
