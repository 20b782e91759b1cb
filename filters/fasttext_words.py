"""Which rows of a fastText model a word stands for, and their sum: its own row and those of its n-grams, by fastText's hashes.

Kernels for :mod:`filters.fasttext_kernels`; the arrays of a model are those of :class:`filters.fasttext_file.Tables`.
"""

from __future__ import annotations

import numpy as np

from text.jit.options import inner

LONGEST = 55  # bytes of a word whose sum may be remembered
OFFSET = np.uint32(2166136261)
_PRIME, _SIGN = np.uint32(16777619), np.uint32(0xFFFFFF00)
_NGRAM_FACTOR = np.uint64(116049371)
_0, _1, _2, _3, _4, _5, _6, _7 = map(np.uint64, range(8))
_56, _63 = map(np.uint64, (56, 63))
# Bits of a word of 64 are counted in pairs, in fours, in bytes, and these by a product.
_PAIRS, _FOURS, _BYTES, _ONES = map(
    np.uint64, (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


@inner
def _step(found, wide):
    return np.uint32((found ^ wide) * _PRIME)


@inner
def _wide(byte):
    """fastText's bytes are signed, and widened with their sign."""
    return np.uint32(byte) | _SIGN if byte >= 128 else np.uint32(byte)


@inner
def fnv_hash(data, begin, end):
    """FNV-1a as fastText has it."""
    found = OFFSET
    for at in range(begin, end):
        found = _step(found, _wide(data[at]))
    return found


@inner
def look_up(slots, hashes, letters, letters_end, data, begin, end, found):
    """The number of the word ``data[begin:end]`` in the model's table of words; -1 where it isn't."""
    mask = len(slots) - 1
    slot = np.int64(found) & mask
    while slots[slot] >= 0:
        word = slots[slot]
        start = letters_end[word]
        if hashes[word] == found and letters_end[word + 1] - start == end - begin:
            same = True
            for place in range(end - begin):
                if letters[start + place] != data[begin + place]:
                    same = False
                    break
            if same:
                return np.int64(word)
        slot = (slot + 1) & mask
    return np.int64(-1)


@inner
def add_row(rows, row, dim, total):
    start = row * np.uint64(dim)
    for column in range(dim):
        total[column] += rows[start + np.uint64(column)]


@inner
def add_ngrams(
    data, begin, length, wide, starts, words, bucket, minn, maxn, kept, kept_before, flat, dim, noted, summed, total
):
    """Adds the rows of all n-grams of characters of a word, which stands between < and >, to ``summed``. Buckets are noted
    without a branch: whether the model has kept one can't be foretold, nor waited for."""
    # Bytes as they are hashed, and where characters start.
    wide[0], starts[0], characters = 60, 0, np.int64(1)
    for at in range(length):
        byte = data[begin + at]
        starts[characters] = at + 1
        characters += np.int64(byte & 0xC0 != 0x80)
        wide[at + 1] = _wide(byte)
    wide[length + 1], starts[characters], starts[characters + 1] = 62, length + 1, length + 2
    characters += 1
    buckets, full, place, added, least = np.uint32(bucket), np.uint64(len(noted) - maxn), _0, 0, max(minn, 2)
    if minn <= 1:  # characters alone, the brackets not
        for first in range(1, characters - 1):
            if place > full:
                added += _add(flat, dim, words, kept, kept_before, noted, place, summed)
                place = _0
                if length > LONGEST:
                    _pass_on(summed, total)
            ngram = OFFSET
            for at in range(starts[first], starts[first + 1]):
                ngram = _step(ngram, wide[at])
            place = _note(noted, place, ngram, buckets, kept)
    is_ascii = characters == length + 2
    for first in range(characters - least + 1):
        if place > full:
            added += _add(flat, dim, words, kept, kept_before, noted, place, summed)
            place = _0
            if length > LONGEST:
                _pass_on(summed, total)
        ngram, most = OFFSET, min(maxn, characters - first)
        if is_ascii:
            here = np.uint64(first)
            for _ in range(1, least):
                ngram = _step(ngram, wide[here])
                here += _1
            for _ in range(least, most + 1):
                ngram = _step(ngram, wide[here])
                here += _1
                place = _note(noted, place, ngram, buckets, kept)
        else:
            here = np.uint64(starts[first])
            for size in range(1, most + 1):
                end = np.uint64(starts[first + size])
                while here < end:
                    ngram = _step(ngram, wide[here])
                    here += _1
                if size >= least:
                    place = _note(noted, place, ngram, buckets, kept)
    return added + _add(flat, dim, words, kept, kept_before, noted, place, summed)


@inner
def add_word_ngrams(hashes, count, longest, words, bucket, kept, kept_before, flat, dim, noted, summed, total):
    """Adds the rows of all n-grams of a line's words, which are given by their hashes, to ``summed`` and ``total``."""
    place, full, added = _0, np.uint64(len(noted)), 0
    for first in range(count):
        several = np.uint64(np.int64(hashes[first]))
        for other in range(first + 1, min(count, first + longest)):
            several = several * _NGRAM_FACTOR + np.uint64(np.int64(hashes[other]))
            chosen = several % np.uint64(bucket)
            noted[place] = chosen
            place += _is_kept(kept, chosen)
            if place == full:
                added += _add(flat, dim, words, kept, kept_before, noted, place, summed)
                place = _0
                _pass_on(summed, total)
    return added + _add(flat, dim, words, kept, kept_before, noted, place, summed)


@inner
def _add(flat, dim, words, kept, kept_before, noted, count, summed):
    """Adds the rows of so many noted buckets, one after the other, eight columns at a time in registers; returns how many."""
    for place in range(count):
        noted[place] = words + _rank(kept, kept_before, np.uint64(noted[place]))
    width = np.uint64(dim)
    for at in range(0, dim & ~7, 8):
        a, b, c, d = summed[at], summed[at + 1], summed[at + 2], summed[at + 3]
        e, f, g, h = summed[at + 4], summed[at + 5], summed[at + 6], summed[at + 7]
        for place in range(count):
            cell = np.uint64(noted[place]) * width + np.uint64(at)
            a += flat[cell]
            b += flat[cell + _1]
            c += flat[cell + _2]
            d += flat[cell + _3]
            e += flat[cell + _4]
            f += flat[cell + _5]
            g += flat[cell + _6]
            h += flat[cell + _7]
        summed[at], summed[at + 1], summed[at + 2], summed[at + 3] = a, b, c, d
        summed[at + 4], summed[at + 5], summed[at + 6], summed[at + 7] = e, f, g, h
    for at in range(dim & ~7, dim):
        for place in range(count):
            summed[at] += flat[noted[place] * dim + at]
    return np.int64(count)


@inner
def _pass_on(summed, total):
    """A long sum in float32 would lose digits."""
    for column in range(len(summed)):
        total[column] += summed[column]
        summed[column] = 0


@inner
def _note(noted, place, ngram, buckets, kept):
    bucket = np.uint64(ngram % buckets)
    noted[place] = bucket
    return place + _is_kept(kept, bucket)


@inner
def _is_kept(kept, bucket):
    """1 where the model has kept a bucket's row, else 0."""
    return (kept[bucket >> _6] >> (bucket & _63)) & _1


@inner
def _rank(kept, kept_before, bucket):
    """How many buckets before this one have been kept: its row, behind those of words."""
    lower = kept[bucket >> _6] & ((_1 << (bucket & _63)) - _1)
    lower -= (lower >> _1) & _PAIRS
    lower = (lower & _FOURS) + ((lower >> _2) & _FOURS)
    lower = (lower + (lower >> _4)) & _BYTES
    return np.int64(kept_before[bucket >> _6]) + np.int64((lower * _ONES) >> _56)
