"""One segmentation of a text, made when first asked for and kept: what every filter, the signatures and the books share.

Where words lie and what their hashes are is found in one compiled pass (:mod:`text.word_scan`). The words as strings
are made apart, since most of what is asked of a text needs none.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from text.characters import ALONE, characters, code_points
from text.hashing import hash64s

if TYPE_CHECKING:
    from text.word_scan import Words

_SOUTH_EAST_ASIAN = ((0x0E01, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))  # Thai and Lao, Burmese, Khmer


class TextView:
    """Lines, words and hashes of ``text``. Arrays have one entry a word, in order, and must not be written to."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def rows(self) -> list[str]:
        """All lines, blank ones too: ``text.split("\\n")``. Line removal counts by these."""
        return self.text.split("\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines that hold more than white space, as :func:`text.segment.lines`."""
        return [row for row in self.rows if row and not row.isspace()]

    @cached_property
    def words_by_row(self) -> list[list[str]]:
        """The words of each of :attr:`rows`. No word crosses a line feed, so there are no others."""
        words = self.words
        return [words[start:end] for start, end in pairwise(self._found.before_row.tolist())]

    @cached_property
    def words(self) -> list[str]:
        """The words in their own case, as :func:`text.segment.words`: also where a script has no spaces."""
        return self._words_of(self.text)

    @property
    def word_count(self) -> int:
        """How many :attr:`words` there are, without making them."""
        return len(self._found.starts)

    @property
    def before_row(self) -> np.ndarray:
        """How many words lie before each of :attr:`rows`, and in all of them: ``int64``, shape (rows + 1,)."""
        return self._found.before_row

    @cached_property
    def row_word_counts(self) -> np.ndarray:
        """How many words each of :attr:`rows` has, ``int64``, without making them."""
        return np.diff(self._found.before_row)

    @cached_property
    def characters_a_word(self) -> int:
        """How many of our words make one real word: more than one only where most are characters of an unspaced script,
        about two in Chinese and Japanese and four in Thai and its neighbours."""
        if self.text.isascii():
            return 1
        firsts = self.codes[self._found.starts]
        unspaced = firsts[characters().facts[firsts] & ALONE != 0]
        if 2 * unspaced.size <= firsts.size:
            return 1
        south_east_asian = sum(int(((unspaced >= low) & (unspaced <= high)).sum()) for low, high in _SOUTH_EAST_ASIAN)
        return 4 if 2 * south_east_asian > unspaced.size else 2

    @cached_property
    def folded(self) -> list[str]:
        """The words case-folded. The same as the words of the case-folded text: no character changes its kind."""
        folded = self.text.casefold()
        if len(folded) == len(self.text):  # no character became several: words lie where they did
            return self._words_of(folded)
        return [word.casefold() for word in self.words]

    @property
    def folded_codes(self) -> np.ndarray:
        """The code points of all :attr:`folded` words, one behind the other, ``uint32``; mostly without making the words: in
        Chinese or Thai each character is one."""
        folded = self.text.casefold()
        if len(folded) != len(self.text):
            return code_points("".join(self.folded))
        steps = np.zeros(len(folded) + 1, np.int8)
        steps[self._found.starts] = 1
        steps[self._found.ends] -= 1  # a word may begin where another ends
        return code_points(folded)[np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)]

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters of each word, ``int64``."""
        return self._found.ends - self._found.starts

    @cached_property
    def hashes(self) -> np.ndarray:
        """:func:`text.hashing.hash64` of each word, ``uint64``."""
        return hash64s(self.words)

    @property
    def folded_hashes(self) -> np.ndarray:
        """:func:`text.hashing.hash64` of each case-folded word, ``uint64``."""
        return self._found.folded

    @property
    def has_digit(self) -> np.ndarray:
        """Which words hold a decimal digit, ``bool``."""
        return self._found.has_digit

    @cached_property
    def codes(self) -> np.ndarray:
        """The code point of each character of :attr:`text`, ``uint32``."""
        return code_points(self.text)

    @cached_property
    def _found(self) -> Words:
        from text.word_scan import scan  # imports numba, which those who never look at a text needn't wait for

        return scan(self.text, self.codes)

    def _words_of(self, text: str) -> list[str]:
        return [
            text[start:end] for start, end in zip(self._found.starts.tolist(), self._found.ends.tolist(), strict=True)
        ]
