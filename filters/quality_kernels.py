"""A text in words and marks as classifiers of quality see it, compiled: the inner loop of :mod:`filters.quality_text`."""

from __future__ import annotations

import numpy as np

from text.characters import ALPHANUMERIC, DIGIT, SPACE
from text.jit.options import kernel

_BLANK, _LINE_FEED, _ZERO, _UNDERSCORE, _BAR = map(ord, " \n0_|")


@kernel
def tokens(codes, facts):
    """The code points (``uint32``) of the words and marks of a text, given by its own."""
    # A mark may become two characters, a line feed three.
    written, size = np.empty(3 * len(codes), np.uint32), 0
    is_first, in_word, in_number = True, False, False  # of its line
    for place in range(len(codes)):
        code = codes[place]
        fact = facts[code]
        if fact & ALPHANUMERIC or code == _UNDERSCORE:
            if not in_word and not is_first:
                written[size] = _BLANK
                size += 1
            is_number = fact & DIGIT != 0
            if not (is_number and in_number):
                written[size] = _ZERO if is_number else code
                size += 1
            is_first, in_word, in_number = False, True, is_number
            continue
        in_word = in_number = False
        if code == _LINE_FEED:
            written[size], written[size + 1], written[size + 2] = _BLANK, _BAR, _BLANK
            size += 3
            is_first = True
        elif not fact & SPACE:
            if not is_first:
                written[size] = _BLANK
                size += 1
            written[size] = code
            size += 1
            is_first = False
    return written[:size].copy()
