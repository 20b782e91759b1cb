"""Where one byte occurs: the next place, eight bytes a step, so that nobody reads what lies between; and how often. And
whether four bytes occur in a row, which says of most pages that a longer name doesn't."""

from __future__ import annotations

import numpy as np

from text.jit.options import inner, kernel

_STRETCH = 128  # bytes whose number a byte can count
_LOW_BITS, _HIGH_BITS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


@inner
def find(data, words, size, at, byte):
    """Offset of the next ``byte`` from ``at`` on in the first ``size`` bytes of ``data``, ``size`` if there is none.
    ``words`` is ``data`` as ``uint64``, as far as it fills those."""
    while at & 7:
        if at >= size or data[at] == byte:
            return min(at, size)
        at += 1
    wanted, word = np.uint64(byte) * _LOW_BITS, at >> 3
    while word < len(words):
        other = words[word] ^ wanted  # has a zero byte where the byte stands (Mycroft's test)
        if (other - _LOW_BITS) & ~other & _HIGH_BITS:
            break
        word += 1
    at = word << 3
    while at < size and data[at] != byte:
        at += 1
    return min(at, size)


@kernel
def count_byte(data, byte):
    """How often ``byte`` stands in ``data`` (``uint8[n]``). Compares whole vectors, and counts in bytes as far as these
    reach: some twenty times as fast as ``bytes.count``, which stops at each."""
    total, wanted = 0, np.uint8(byte)
    whole = len(data) // _STRETCH * _STRETCH
    for start in range(0, whole, _STRETCH):
        few = np.uint8(0)
        for at in range(start, start + _STRETCH):
            few = np.uint8(few + np.uint8(data[at] == wanted))
        total += int(few)
    for at in range(whole, len(data)):
        total += int(data[at] == wanted)
    return total


def may_hold(data, name):
    """Whether the first four bytes of ``name`` (``bytes``) stand in ``data`` (``uint8[n]``). Never stops, so that it compares
    whole vectors: some ten times as fast as ``in``, where nothing is found."""
    return _has_four(data, *name[:4])


@kernel
def _has_four(data, first, second, third, fourth):
    first, second, third, fourth = np.uint8(first), np.uint8(second), np.uint8(third), np.uint8(fourth)
    found = np.uint8(0)
    for at in range(len(data) - 3):
        same = (data[at] == first) & (data[at + 1] == second) & (data[at + 2] == third) & (data[at + 3] == fourth)
        found = np.uint8(found | np.uint8(same))  # as bytes: numba's sums are eight times as wide
    return found != 0


def holds(data: bytes, name: bytes, rare: int = 0) -> bool:
    """``name in data``, some ten times as fast where the four bytes that begin at place ``rare`` of ``name``, which should be
    its rarest, aren't there."""
    return _has_four(np.frombuffer(data, np.uint8), *name[rare : rare + 4]) and name in data


def which_hold(data: np.ndarray, words: np.ndarray) -> int:
    """Bits of the ``words`` (``uint8[k, 4]``) that stand in ``data`` (``uint8[n]``): :func:`may_hold` for several at once."""
    return _which_hold(data, words)


@kernel
def _which_hold(data, words):
    bits = 0
    for word in range(len(words)):
        if _has_four(data, words[word, 0], words[word, 1], words[word, 2], words[word, 3]):
            bits |= 1 << word
    return bits


def which_may_be(data: np.ndarray, words: np.ndarray) -> int:
    """Bits of the ``words`` (``uint8[k, 4]``, in lower case) that stand in ``data`` (``uint8[n]``) in either case; one that is
    set may also mean bytes that differ from a word in their sixth bit."""
    return _which_may_be(data, words)


@kernel
def _which_may_be(data, words):
    bits = 0
    for word in range(len(words)):
        first, second, third, fourth = words[word, 0], words[word, 1], words[word, 2], words[word, 3]
        found, fold = np.uint8(0), np.uint8(32)
        for at in range(len(data) - 3):
            same = (
                (np.uint8(data[at] | fold) == first)
                & (np.uint8(data[at + 1] | fold) == second)
                & (np.uint8(data[at + 2] | fold) == third)
                & (np.uint8(data[at + 3] | fold) == fourth)
            )
            found = np.uint8(found | np.uint8(same))
        if found:
            bits |= 1 << word
    return bits
