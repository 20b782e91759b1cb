"""XXH3, 64 bits, of short byte strings, compiled: what :func:`text.hashing.hash64` gives, with the seed 0.

After the specification of XXH3 (xxHash, doc/xxhash_spec.md), up to 128 bytes; longer ones are for :mod:`text.hashing`.
"""

from __future__ import annotations

import numpy as np

from text.jit.options import inner

LONGEST = 128
"""Bytes."""

_PRIME64_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME64_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME64_3 = np.uint64(0x165667B19E3779F9)
_PRIME_MX1 = np.uint64(0x165667919E3779F9)
_PRIME_MX2 = np.uint64(0x9FB21C651E98DF25)
# The first 128 bytes of the specification's default secret.
_SECRET = np.frombuffer(
    bytes.fromhex(
        "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
        "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
        "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
        "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    ),
    "<u8",
)
_FLIP_TO_3 = np.uint64(int(_SECRET[0] & 0xFFFFFFFF) ^ int(_SECRET[0] >> 32))
_FLIP_TO_8 = _SECRET[1] ^ _SECRET[2]
_FLIP_LOW, _FLIP_HIGH = _SECRET[3] ^ _SECRET[4], _SECRET[5] ^ _SECRET[6]
_LOW_32 = np.uint64(0xFFFFFFFF)
_8, _16, _24, _28, _32, _33, _35, _37, _40, _49, _64, _29 = map(
    np.uint64, (8, 16, 24, 28, 32, 33, 35, 37, 40, 49, 64, 29)
)


@inner
def xxh3(words, size):
    """The hash of the first ``size`` bytes, from 1 to 128, of ``words``: ``uint64``, little-endian, 0 behind the last
    byte up to the end of the word behind it."""
    length = np.uint64(size)
    if size <= 3:
        first, middle, last = _byte(words, 0), _byte(words, size >> 1), _byte(words, size - 1)
        combined = (first << _16) | (middle << _24) | last | (length << _8)
        return _xxh64_avalanche(combined ^ _FLIP_TO_3)
    if size <= 8:
        first, last = words[0] & _LOW_32, _bytes8(words, size - 4) & _LOW_32
        mixed = (last + (first << _32)) ^ _FLIP_TO_8
        mixed ^= _rotated(mixed, _49) ^ _rotated(mixed, _24)
        mixed *= _PRIME_MX2
        mixed ^= (mixed >> _35) + length
        mixed *= _PRIME_MX2
        return mixed ^ (mixed >> _28)
    if size <= 16:
        low, high = words[0] ^ _FLIP_LOW, _bytes8(words, size - 8) ^ _FLIP_HIGH
        return _avalanche(length + _swapped(low) + high + _folded_product(low, high))
    total = length * _PRIME64_1
    for pair in range((size - 1) >> 5, -1, -1):
        total += _mixed_16(words, 16 * pair, 4 * pair) + _mixed_16(words, size - 16 * (pair + 1), 4 * pair + 2)
    return _avalanche(total)


@inner
def _mixed_16(words, at, secret):
    """16 bytes from ``at`` on with 16 bytes of the secret, from its word ``secret`` on."""
    return _folded_product(_bytes8(words, at) ^ _SECRET[secret], _bytes8(words, at + 8) ^ _SECRET[secret + 1])


@inner
def _byte(words, at):
    return (words[at >> 3] >> np.uint64((at & 7) << 3)) & np.uint64(0xFF)


@inner
def _bytes8(words, at):
    """Eight bytes from the byte ``at`` on."""
    shift = np.uint64((at & 7) << 3)
    if shift == 0:
        return words[at >> 3]
    return (words[at >> 3] >> shift) | (words[(at >> 3) + 1] << (_64 - shift))


@inner
def _folded_product(one, other):
    """The two halves of the product of 128 bits, one XORed into the other."""
    low, high = one & _LOW_32, one >> _32
    other_low, other_high = other & _LOW_32, other >> _32
    across = low * other_high
    middle = ((low * other_low) >> _32) + (across & _LOW_32) + high * other_low
    return (one * other) ^ ((across >> _32) + (middle >> _32) + high * other_high)


@inner
def _rotated(value, bits):
    return (value << bits) | (value >> (_64 - bits))


@inner
def _swapped(value):
    """The bytes in reverse order."""
    value = ((value & np.uint64(0x00FF00FF00FF00FF)) << _8) | ((value >> _8) & np.uint64(0x00FF00FF00FF00FF))
    value = ((value & np.uint64(0x0000FFFF0000FFFF)) << _16) | ((value >> _16) & np.uint64(0x0000FFFF0000FFFF))
    return (value << _32) | (value >> _32)


@inner
def _avalanche(value):
    value = (value ^ (value >> _37)) * _PRIME_MX1
    return value ^ (value >> _32)


@inner
def _xxh64_avalanche(value):
    value = (value ^ (value >> _33)) * _PRIME64_2
    value = (value ^ (value >> _29)) * _PRIME64_3
    return value ^ (value >> _32)
