"""One segmentation of a text, made when first asked for and kept: what every filter, the signatures and the books share.

Segmenting costs more than most rules do with the result, so a text is cut into lines and words once. What rules ask of
a word (its hash, the hash without case, its length) is looked up in a table of words seen before: most words of a crawl
are among a few ten thousand, and a look-up costs a quarter of a hash. A table belongs to one thread and is emptied
when it is full; no result depends on what it holds.
"""

from __future__ import annotations

import re
import threading
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from text.hashing import hash64, hash64s
from text.segment import HAS_UNSPACED, UNSPACED, word_finder

_MAX_ENTRIES = 1 << 17
_MAX_CHARACTERS = 1 << 22  # of all entries: one word of a broken page may be megabytes long
_UNSPACED_WORD = re.compile(rf"[{UNSPACED}]")
_SOUTH_EAST_ASIAN_WORD = re.compile(r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer


class _Facts(NamedTuple):
    """What the table knows of each word of a text; ``words`` case-folded, ``folded`` their hashes."""

    words: list[str]
    lengths: np.ndarray
    hashes: np.ndarray
    folded: np.ndarray
    digits: np.ndarray


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
        find_words = word_finder(self.text)
        return [find_words(row) if row else [] for row in self.rows]

    @cached_property
    def words(self) -> list[str]:
        """The words in their own case, as :func:`text.segment.words`: also where a script has no spaces."""
        return list(chain.from_iterable(self.words_by_row))

    @cached_property
    def characters_a_word(self) -> int:
        """How many of our words make one real word: more than one only where most are characters of an unspaced script,
        about two in Chinese and Japanese and four in Thai and its neighbours."""
        if self.text.isascii() or not HAS_UNSPACED.search(self.text):
            return 1
        unspaced = [word for word in self.words if _UNSPACED_WORD.match(word)]
        if 2 * len(unspaced) <= len(self.words):
            return 1
        south_east_asian = sum(1 for word in unspaced if _SOUTH_EAST_ASIAN_WORD.match(word))
        return 4 if 2 * south_east_asian > len(unspaced) else 2

    @property
    def folded(self) -> list[str]:
        """The words case-folded. The same as the words of the case-folded text: no character changes its kind."""
        return self._facts.words

    @property
    def lengths(self) -> np.ndarray:
        """Characters of each word, ``int64``."""
        return self._facts.lengths

    @property
    def hashes(self) -> np.ndarray:
        """:func:`text.hashing.hash64` of each word, ``uint64``."""
        return self._facts.hashes

    @property
    def folded_hashes(self) -> np.ndarray:
        """:func:`text.hashing.hash64` of each case-folded word, ``uint64``."""
        return self._facts.folded

    @property
    def has_digit(self) -> np.ndarray:
        """Which words hold a decimal digit, ``bool``."""
        return self._facts.digits

    @cached_property
    def _facts(self) -> _Facts:
        return _table().look_up(self.words)


def word_hashes(words: list[str]) -> np.ndarray:
    """:func:`text.hashing.hash64` of each word as ``uint64``, through the table of words seen before."""
    return _table().look_up(words).hashes


class _WordTable(dict[str, int]):
    """Which row of its columns a word has; a missing word gets one."""

    def __init__(self) -> None:
        super().__init__()
        self._reset()

    def look_up(self, words: list[str]) -> _Facts:
        # Emptied before a text and not within one, so that the rows found for it stay its own.
        if len(self) > _MAX_ENTRIES or self._characters > _MAX_CHARACTERS:
            self.clear()
            self._reset()
        found = list(map(self.__getitem__, words))
        self._take_new()
        rows = np.array(found, np.int64)
        folded = list(map(self._words.__getitem__, found))
        return _Facts(folded, self._lengths[rows], self._hashes[rows], self._folded[rows], self._digits[rows])

    def __missing__(self, word: str) -> int:
        row = self[word] = self._filled + len(self._new)
        self._new.append(word)
        return row

    def _reset(self) -> None:
        self._new: list[str] = []
        self._words: list[str] = []  # case-folded
        self._filled = self._characters = 0
        self._lengths, self._digits = np.empty(1024, np.int64), np.empty(1024, bool)
        self._hashes, self._folded = np.empty(1024, np.uint64), np.empty(1024, np.uint64)

    def _take_new(self) -> None:
        """Writes the columns of words that have come in since the last time."""
        new, start = self._new, self._filled
        if not new:
            return
        end = start + len(new)
        if end > len(self._hashes):
            size = 2 * end
            self._lengths, self._digits = np.resize(self._lengths, size), np.resize(self._digits, size)
            self._hashes, self._folded = np.resize(self._hashes, size), np.resize(self._folded, size)
        lengths = list(map(len, new))
        self._lengths[start:end] = lengths
        self._hashes[start:end] = hashes = hash64s(new)
        folded = [word if (fold := word.casefold()) == word else fold for word in new]
        self._words += folded
        self._folded[start:end] = [
            hash_of_word if fold is word else hash64(fold)
            for word, fold, hash_of_word in zip(new, folded, hashes.tolist(), strict=True)
        ]
        self._digits[start:end] = [any(map(str.isdecimal, word)) for word in new]
        self._characters += sum(lengths)
        self._filled, self._new = end, []


_TABLES = threading.local()


def _table() -> _WordTable:
    """This thread's table: workers of some engines share a process."""
    if not hasattr(_TABLES, "table"):
        _TABLES.table = _WordTable()
    return _TABLES.table
