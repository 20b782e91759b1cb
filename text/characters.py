"""What each character is to the segmentation (:mod:`text.segment`), and what case folding makes of it, in one table.

Both are asked of the modules ``regex``, ``re`` and ``str`` themselves, so that they say the same in every version.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import regex

from text.segment import JOINERS, UNSPACED

FOLDED = (1 << 21) - 1
"""The bits of a fact that hold a code point, the largest of which has 21."""
# A word may begin with the character; it is part of a word of a script with spaces; it belongs to a script without
# spaces and is, with the marks behind it, a word of its own.
BEGINS, CONTINUES, ALONE, MARK, APOSTROPHE, DIGIT = (1 << bit for bit in range(21, 27))
SEVERAL = 1 << 27
"""Case folding makes several characters of it, which stand in a row of :attr:`Characters.several`."""
ALPHANUMERIC = 1 << 28
"""A letter or a number by ``str.isalnum``: with the underscore, ``\\w`` of the module re, which knows no marks."""
SPACE = 1 << 29
"""White space by ``str.isspace``, which is ``\\s`` of the module re."""
_PATTERNS: dict[int, Any] = {  # of re and of regex
    BEGINS: regex.compile(rf"[^\W{UNSPACED}{JOINERS}]+"),
    CONTINUES: regex.compile(rf"[^\W{UNSPACED}]+"),
    ALONE: regex.compile(rf"[{UNSPACED}--\W]+", regex.V1),
    MARK: regex.compile(r"\p{M}+"),
    APOSTROPHE: re.compile("['’]+"),
    DIGIT: re.compile(r"\d+"),  # of re: what str.isdecimal says
    ALPHANUMERIC: re.compile(r"[^\W_]+"),
    SPACE: re.compile(r"\s+"),
}
# No character from here on has another form when case is folded.
FOLDING_ENDS = 0x1F000
_FOLDED_AT_ONCE = 64
# Where Unicode has characters at all, but for those of private use, which are none of this. Nine of ten code points lie
# elsewhere, and a test looks there.
_ASSIGNED = ((0, 0x40000), (0xE0000, 0xE1000))


def code_points(text: str) -> np.ndarray:
    """The code points of ``text``: ``uint32``, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Characters(NamedTuple):
    """``facts`` of each code point (``uint32``, shape (0x110000,)): its class, and in the bits :data:`FOLDED` what case
    folding makes of it, or the row of ``several`` (``uint32``, three a row, 0 behind the last) that says it."""

    facts: np.ndarray
    several: np.ndarray


@cache
def characters() -> Characters:
    """The tables: 4.5 MB, made in some fifty milliseconds."""
    facts = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    several: list[list[int]] = []
    everything = facts.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    for first in range(0, FOLDING_ENDS, _FOLDED_AT_ONCE):
        stretch = everything[first : first + _FOLDED_AT_ONCE]
        if stretch.casefold() == stretch:
            continue  # nearly all
        for code, character in enumerate(stretch, first):
            folded = character.casefold()
            if len(folded) > 1:
                facts[code] = SEVERAL | len(several)
                several.append([*map(ord, folded), 0][:3])
            else:
                facts[code] = ord(folded)
    for bit, pattern in _PATTERNS.items():
        for first, end in _ASSIGNED:
            for match in pattern.finditer(everything, first, end):
                facts[match.start() : match.end()] |= np.uint32(bit)
    return Characters(facts, np.array(several, np.uint32))
