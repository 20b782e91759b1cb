"""Where words in disguise may stand, compiled: the outer loop of :mod:`filters.disguised_words`."""

from __future__ import annotations

import numpy as np

from text.characters import ALPHANUMERIC, DIGIT
from text.jit.options import inner, kernel

_LEAST, _MOST = 3, 20  # characters of a word in disguise
_DOLLAR = ord("$")
# What a character of such a word may be. _TRAILING: a sign that goes at the end of a word; _DEAD: it is in no listed word
# and stands for no letter; _PERHAPS: a letter by str.isalnum, and perhaps not by str.isalpha.
_LETTER, _DIGIT, _SIGN, _TRAILING, _DEAD, _PERHAPS, _GAP = (1 << bit for bit in range(7))
_IN_RUN = _LETTER | _DIGIT | _SIGN | _TRAILING | _DEAD
_IN_WORD = _LETTER | _DIGIT | _DEAD
_ASCII = np.zeros(0x80, np.uint8)
for _kind, _characters in (
    (_DIGIT, "0123456789"), (_DEAD, "269_"), (_SIGN, "@*"), (_TRAILING, "$!+|"), (_GAP, " ._*-"),
    (_LETTER, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
):  # fmt: skip
    _ASCII[list(_characters.encode())] |= _kind


@kernel
def suspects(codes, facts):
    """Of a text's code points: where words in disguise may begin (``int64``, ascending), and whether any word may have
    letters of Latin and of Greek or Cyrillic."""
    size = len(codes)
    starts = np.empty(size, np.int64)
    found = at = 0
    is_mixed = has_latin = has_other = False
    while at < size:
        kind = _kind_of(codes[at], facts)
        if not kind & _IN_RUN:
            is_mixed |= has_latin and 0x370 <= codes[at] < 0x500
            has_latin = has_other = False
            at += 1
            continue
        # A run of characters that such words are made of. Its place is kept until it is known.
        begin, first, kinds, is_cut, is_inside, is_trailing = at, found, 0, False, False, False
        found += 1
        while at < size:
            kind = _kind_of(codes[at], facts)
            if not kind & _IN_RUN:
                break
            kinds |= kind
            if kind & _TRAILING:
                is_trailing = True
                is_cut |= _LEAST <= at - begin <= _MOST and codes[at] != _DOLLAR
            else:
                is_inside |= is_trailing or kind & (_DIGIT | _SIGN) != 0
            if kind & _IN_WORD:
                has_latin |= codes[at] < 0x80 and kind & _LETTER != 0
                has_other |= 0x370 <= codes[at] < 0x500
                is_mixed |= has_latin and has_other
            else:
                has_latin = has_other = False
            if kind & _LETTER and _is_spaced_out(codes, facts, at):
                starts[found] = at
                found += 1
            at += 1
        # A match takes the characters to its end from those that begin within it: such runs are always looked at.
        if found > first + 1 or _may_be_disguised(at - begin, kinds, is_cut, is_inside):
            starts[first] = begin
        else:
            found -= 1
    return starts[:found].copy(), is_mixed


@inner
def _kind_of(code, facts):
    if code < 0x80:
        return np.int64(_ASCII[code])
    if not facts[code] & ALPHANUMERIC:
        return 0
    if facts[code] & DIGIT:
        return _DIGIT | _DEAD
    return _LETTER if 0xC0 <= code < 0x590 else _LETTER | _PERHAPS


@inner
def _may_be_disguised(length, kinds, is_cut, is_inside):
    """Whether a run of ``kinds`` may be another word than it looks. ``is_cut``: a word may end within it, before a sign;
    ``is_inside``: there are signs before those at its end."""
    if length < _LEAST or not kinds & _LETTER or not kinds & (_DIGIT | _SIGN | _TRAILING):
        return False
    if length > _MOST:
        return is_cut
    return not kinds & _DEAD and (is_inside or kinds & _PERHAPS != 0)


@inner
def _is_spaced_out(codes, facts, at):
    """Whether the letter at ``at`` stands alone, and two more behind equal gaps."""
    if at + 4 >= len(codes) or not _kind_of(codes[at + 1], facts) & _GAP or codes[at + 3] != codes[at + 1]:
        return False
    if not (_is_letter(codes, facts, at + 2) and _is_letter(codes, facts, at + 4)):
        return False
    return not (_is_letter(codes, facts, at - 1) or _is_letter(codes, facts, at + 5))


@inner
def _is_letter(codes, facts, at):
    return 0 <= at < len(codes) and _kind_of(codes[at], facts) & _LETTER != 0
