"""The words of a text in one compiled pass: where they lie, and the hash of each in folded case.

:func:`text.segment.words` says what a word is; this finds the same ones (tests compare both).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from text.characters import ALONE, APOSTROPHE, BEGINS, CONTINUES, DIGIT, FOLDED, MARK, SEVERAL, characters, code_points
from text.hashing import hash64
from text.jit.options import inner, kernel
from text.xxh3 import LONGEST, xxh3

_LINE_FEED = 10
_BUFFERED = LONGEST // 8
_0, _8, _16, _24, _32, _64 = map(np.uint64, (0, 8, 16, 24, 32, 64))


class Words(NamedTuple):
    """Of each word of a text: its first character and its end (``int64``), whether it holds a decimal digit (``bool``),
    the hash of its case-folded form (``uint64``). ``before_row``: how many words lie before each line, counted by line
    feeds, and at its end how many there are (``int64``)."""

    starts: np.ndarray
    ends: np.ndarray
    has_digit: np.ndarray
    folded: np.ndarray
    before_row: np.ndarray


def count(text: str) -> int:
    """How many words ``text`` has: :func:`text.segment.count_words`, compiled."""
    return _count(code_points(text), characters().facts)


def scan(text: str, codes: np.ndarray | None = None) -> Words:
    """The words of ``text`` in order; ``codes`` are its :func:`code_points`, where they are at hand."""
    codes = code_points(text) if codes is None else codes
    words = Words(*_scan(codes, *characters(), text.count("\n") + 1))
    # 0 stands for a word that is too long for the kernel, or is a hash like any other.
    for word in np.flatnonzero(words.folded == 0).tolist():
        words.folded[word] = hash64(text[words.starts[word] : words.ends[word]].casefold())
    return words


@kernel
def _scan(codes, facts, several, rows):
    size = len(codes)
    # As many as there are characters, at worst; what no word needs is never touched.
    starts, ends, digits = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.bool_)
    folded, before_row = np.empty(size, np.uint64), np.zeros(rows + 1, np.int64)
    buffer = np.zeros(_BUFFERED + 2, np.uint64)
    word = row = at = 0
    while at < size:
        fact = facts[codes[at]]
        if not fact & (BEGINS | ALONE):
            if codes[at] == _LINE_FEED:
                row += 1
                before_row[row] = word
            at += 1
            continue
        starts[word] = at
        alone, has_digit = fact & ALONE, False
        more = MARK if alone else CONTINUES
        place, gathered, filled = 0, _0, _0
        while True:
            has_digit |= fact & DIGIT != 0
            if fact & SEVERAL:
                for code in several[fact & FOLDED]:
                    if code:
                        place, gathered, filled = _append(code, buffer, place, gathered, filled)
            else:
                place, gathered, filled = _append(fact & FOLDED, buffer, place, gathered, filled)
            at += 1
            if at == size:
                break
            fact = facts[codes[at]]
            if not fact & more and (alone or not _joins(codes, facts, fact, at)):
                break
        ends[word], digits[word] = at, has_digit
        folded[word] = _hash(buffer, place, gathered, filled)
        word += 1
    before_row[rows] = word
    return starts[:word].copy(), ends[:word].copy(), digits[:word].copy(), folded[:word].copy(), before_row


@kernel
def _count(codes, facts):
    words = at = 0
    while at < len(codes):
        fact = facts[codes[at]]
        at += 1
        if fact & (BEGINS | ALONE):
            words += 1
            alone = fact & ALONE
            more = MARK if alone else CONTINUES
            while at < len(codes):
                fact = facts[codes[at]]
                if not fact & more and (alone or not _joins(codes, facts, fact, at)):
                    break
                at += 1
    return words


@inner
def _joins(codes, facts, fact, at):
    """Whether there is an apostrophe at ``at`` and more of the word behind it."""
    return fact & APOSTROPHE and at + 1 < len(codes) and facts[codes[at + 1]] & CONTINUES != 0


@inner
def _append(code, buffer, place, gathered, filled):
    """Appends a code point's UTF-8 to the bytes of a word: whole words of eight in ``buffer``, ``place`` of them, of which
    those that don't fit are only counted; ``filled`` bits of the next in ``gathered``, the first byte lowest."""
    code = np.int64(code)
    if code < 0x80:
        plain, bits = code, _8
    elif code < 0x800:
        plain, bits = 0xC0 | code >> 6 | _tail(code) << 8, _16
    elif code < 0x10000:
        plain, bits = 0xE0 | code >> 12 | _tail(code >> 6) << 8 | _tail(code) << 16, _24
    else:
        plain = 0xF0 | code >> 18 | _tail(code >> 12) << 8 | _tail(code >> 6) << 16 | _tail(code) << 24
        bits = _32
    packed = np.uint64(plain)
    gathered |= packed << filled
    filled += bits
    if filled >= _64:
        if place < _BUFFERED:
            buffer[place] = gathered
        place += 1
        filled -= _64
        gathered = packed >> (bits - filled) if filled else _0
    return place, gathered, filled


@inner
def _tail(bits):
    """A byte of UTF-8 behind the first one: the six lowest of ``bits``."""
    return 0x80 | bits & 63


@inner
def _hash(buffer, place, gathered, filled):
    """Of the bytes that :func:`_append` has gathered; 0 where they are too many."""
    size = 8 * place + np.int64(filled >> np.uint64(3))
    if size > LONGEST:
        return _0
    buffer[place], buffer[place + 1] = gathered, _0
    return xxh3(buffer, size)
