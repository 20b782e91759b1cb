"""Where runs of digits and separators stand that may be personal data, compiled: the outer loop of
:mod:`filters.pii_candidates`."""

from __future__ import annotations

import numpy as np

from text.characters import DIGIT
from text.jit.options import inner, kernel

PHONE, CARD, IBAN, SSN, IP = (1 << bit for bit in range(5))
"""Of a run: the kinds of values that may stand in it and beside it."""
_SHORTEST = 7
_IN_RUN = np.zeros(0x80, np.bool_)
_IN_RUN[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ().-/+ ")] = True
_A, _Z, _HYPHEN, _DOT, _COLON = map(ord, "AZ-.:")


@kernel
def runs(codes, facts, least_digits, before, after):
    """The runs of a text, given by its code points, in which a value of some kind may stand: their starts, ends and kinds
    (``int64`` each). A telephone number has ``least_digits`` at least; patterns look ``before`` characters back from a
    run's start and ``after`` ahead from its end. All kinds may stand in a run that is so close to another one that
    patterns see a part of both. And whether an IP address of version 6 may stand anywhere."""
    size = len(codes)
    most = size // _SHORTEST + 1
    starts, ends, kinds = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    found = at = 0
    has_ipv6 = False
    while at < size:
        if not facts[codes[at]] & DIGIT:
            has_ipv6 |= codes[at] == _COLON and _is_in_ipv6(codes, at)
            at += 1
            continue
        begin = at
        while at < size and _is_in_run(codes[at], facts):
            at += 1
        if at - begin >= _SHORTEST:
            starts[found], ends[found] = begin, at
            found += 1
    left = 0
    for run in range(found):
        begin, end = starts[run], ends[run]
        is_close = (run > 0 and begin - ends[run - 1] < before + after) or (
            run + 1 < found and starts[run + 1] - end < before + after
        )
        possible = (
            -1 if is_close else _kinds(codes, facts, max(0, begin - before), min(size, end + after), least_digits)
        )
        if possible:
            # Behind none that is still to be read.
            starts[left], ends[left], kinds[left] = begin, end, possible
            left += 1
    return starts[:left].copy(), ends[:left].copy(), kinds[:left].copy(), has_ipv6


@inner
def _is_in_ipv6(codes, at):
    """Whether the colon at ``at`` stands behind the first four hexadecimal digits of an address, and before others."""
    if at < 4 or not (codes[at - 4] == ord("2") or codes[at - 4] == ord("3")):
        return False
    for place in range(at - 3, at):
        if not _is_hexadecimal(codes[place]):
            return False
    after = at + 1
    while after < len(codes) and after <= at + 4 and _is_hexadecimal(codes[after]):
        after += 1
    return after < len(codes) and codes[after] == _COLON


@inner
def _is_hexadecimal(code):
    return ord("0") <= code <= ord("9") or ord("A") <= code <= ord("F") or ord("a") <= code <= ord("f")


@inner
def _is_in_run(code, facts):
    if code < 0x80:
        return _IN_RUN[code]
    return code == 0xA0 or code == 0x2009 or 0x2010 <= code <= 0x2015 or code == 0x202F or facts[code] & DIGIT != 0


@inner
def _kinds(codes, facts, start, stop, least_digits):
    """The kinds of values that may stand between two places, by the characters that they need at least."""
    digits = capitals = hyphens = dots = 0
    for place in range(start, stop):
        code = codes[place]
        digits += facts[code] & DIGIT != 0
        capitals += _A <= code <= _Z
        hyphens += code == _HYPHEN
        dots += code == _DOT
    found = 0
    if digits >= least_digits:
        found |= PHONE
    if digits >= 8:
        found |= CARD
    if digits >= 2 and capitals >= 2:
        found |= IBAN
    if digits >= 9 and hyphens >= 2:
        found |= SSN
    if digits >= 4 and dots >= 3:
        found |= IP
    return found
