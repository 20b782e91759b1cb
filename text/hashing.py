"""One way of hashing: xxh3, with a fixed seed a purpose.

Python's own ``hash`` differs from process to process and MD5 costs ten times as much; everything that decides or
orders in gristmill uses the functions below, so that two runs, two machines and two engines agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import xxhash

# 2^64 divided by the golden ratio, made odd: multiplying by it spreads neighbouring integers over all 64 bits and is a
# bijection (Knuth, The Art of Computer Programming, volume 3, section 6.4: Fibonacci hashing).
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# FNV-1a, 64 bits (Fowler, Noll, Vo): each byte is XORed in, then the value is multiplied by the prime.
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def hash64(data: str | bytes, seed: int = 0) -> int:
    """64-bit xxh3 of ``data`` (a string as UTF-8), as an unsigned integer."""
    return xxhash.xxh3_64_intdigest(_bytes(data), seed)


def hash64s(items: Sequence[str], seed: int = 0) -> np.ndarray:
    """:func:`hash64` of each string, as a ``uint64`` array of the same length."""
    digest = xxhash.xxh3_64_intdigest
    try:
        return np.array([digest(item.encode(), seed) for item in items], np.uint64)
    except UnicodeEncodeError:  # a lone surrogate somewhere
        return np.array([digest(_bytes(item), seed) for item in items], np.uint64)


def hash128_hex(data: str | bytes) -> str:
    """128-bit xxh3 of ``data`` as 32 hexadecimal digits: the identity of contents."""
    return xxhash.xxh3_128_hexdigest(_bytes(data))


def ngram_hashes(item_hashes: np.ndarray, n: int) -> np.ndarray:
    """Hashes of all runs of ``n`` consecutive items.

    ``item_hashes`` is a ``uint64`` array of shape (items,); the result is ``uint64`` of shape (max(0, items - n +
    1),). Order counts: a polynomial in an odd constant, finished by the mixer of splitmix64 so that all bits are
    usable.
    """
    windows = max(0, len(item_hashes) - n + 1)
    combined = np.zeros(windows, np.uint64)
    for offset in range(n):
        combined = combined * GOLDEN + item_hashes[offset : offset + windows]
    return splitmix64(combined)


def splitmix64(values: np.ndarray) -> np.ndarray:
    """The finishing step of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): a
    bijection of ``uint64`` after which each bit of the result depends on all bits of the value. A new array."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def range_of_hash(hashes: np.ndarray, ranges: int) -> np.ndarray:
    """Which of ``ranges`` equal stretches of the 64-bit numbers each hash lies in: ``int64``, from 0 on."""
    # The upper half is scaled: the product of it and a number of ranges still fits 64 bits.
    return ((hashes >> np.uint64(32)) * np.uint64(ranges) >> np.uint64(32)).astype(np.int64)


def document_id(url: str, date: str, payload: bytes) -> str:
    """The id of a record: 128-bit BLAKE2b of URL, date and payload as 32 hexadecimal digits.

    Cryptographic, because ids order the shards and split off the held-out set, and a crawled page must not be able
    to choose its place there. Lengths go in first, so that no two triples meet in one byte string.
    """
    digest = hashlib.blake2b(digest_size=16)
    for field in (_bytes(url), _bytes(date), payload):
        digest.update(len(field).to_bytes(8, "little"))
        digest.update(field)
    return digest.hexdigest()


def _bytes(data: str | bytes) -> bytes:
    # Text from broken pages may hold lone surrogates, which plain UTF-8 refuses.
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
