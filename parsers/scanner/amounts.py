"""Numbers beside words, where two texts meet at a tag (:mod:`parsers.scanner.seams`): what is counted, measured, aged or numbered.

In all of these ``data`` is the page, ``at`` where the second text begins in it, and ``text[begun:stop]`` the block so far.
"""

from __future__ import annotations

import numpy as np

from text.jit.options import inner

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
_LONG = 4  # digits of a number that isn't the end of a name (``mp3``)
_AMOUNT, _UNIT_WORDS = 24, 3  # bytes of an amount ("1 1/2 tea spoons"), and its blanks


@inner
def is_age(data, at, size):
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
def is_long(data, at, size):
    """Whether a number has four digits and more, as years and telephone numbers have."""
    begun = at
    while at < size and 48 <= data[at] <= 57:
        at += 1
    return at - begun >= _LONG


@inner
def is_amount(text, begun, stop):
    """Whether a block so far is a number and one or two words: ``1,5 dl``, ``2 tea spoons``."""
    if stop - begun > _AMOUNT or not 48 <= text[begun] <= 57:
        return False
    blanks = 0
    for at in range(begun, stop):
        if text[at] == 32:
            blanks += 1
        elif text[at] < 44 or text[at] == 58:  # a sign: no amount
            return False
    return 1 <= blanks <= _UNIT_WORDS and not 48 <= text[stop - 1] <= 57


@inner
def has_letters(data, at, size):
    """Whether a word has three letters: no ending."""
    begun = at
    while at < size and (97 <= data[at] | 32 <= 122 or data[at] >= 128):
        at += 1
    return at - begun >= 3


@inner
def is_value(data, at, size):
    """Whether a number is all of its element, but for a sign or a unit of three letters: the value behind a label (``30min``)."""
    while at < size and (48 <= data[at] <= 57 or 44 <= data[at] <= 46):
        at += 1
    letters = 0
    while at < size and letters < 3 and (97 <= data[at] | 32 <= 122 or data[at] == 37):
        at += 1
        letters += 1
    return at < size and data[at] == 60


@inner
def ends_with_unit(text, begun, place):
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
def counts(data, at, size):
    """Whether a number is followed by a blank and a letter or a sign of money: ``3 days ago``, ``16.40 \u20ac``."""
    while at < size and (48 <= data[at] <= 57 or 44 <= data[at] <= 46 or data[at] == 58):
        at += 1
    return at + 1 < size and data[at] == 32 and (97 <= data[at + 1] | 32 <= 122 or data[at + 1] >= 128)


@inner
def is_suffix(data, at):
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
