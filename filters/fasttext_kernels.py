"""fastText's predictions from tables, in one compiled pass over the bytes of a text.

The module fasttext reads a text character by character through a stream, makes a string of each n-gram, looks each up in a
hash map and adds its row. Here an n-gram is a running hash, a bit says whether the model has kept it, and the sum of a word's
rows (its own and those of its n-grams of characters) is remembered: most words of a text have come before.

The rules are those of fastText 0.9.2 (``Dictionary::getLine``, ``QuantMatrix::addRowToVector``,
``HierarchicalSoftmaxLoss::dfs``, ``SoftmaxLoss::computeOutput``), the order of its sums is not: each word's rows are added up in
float32, whether the word is remembered or new, and these sums are added up in float64. What comes
out is thereby independent of what is remembered, and within some 1e-6 of what fastText's float32 gives.

No kernel lets go of Python's lock, since they write to what is remembered. Hot loops are given arrays, not tuples of
them: taking one out of a tuple counts references. Indices are unsigned where they are many, or each would be asked whether it is negative.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from filters.fasttext_file import Tables
from text.jit.options import inner, kernel_under_lock

_OFFSET, _PRIME = np.uint32(2166136261), np.uint32(16777619)
_SIGN = np.uint32(0xFFFFFF00)
_NGRAM_FACTOR = np.uint64(116049371)
_END_OF_LINE = b"</s>"
_LABEL = b"__label__"
_LONGEST = 55  # bytes of a word that is remembered
_REMEMBERED, _MOST_CELLS = 1 << 15, 1 << 20
_NOTED = 1 << 8
_ABOVE_NOTHING = 1e-5  # fastText adds it to each probability before it takes a logarithm
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio (Knuth's multiplicative hashing)
_0, _1, _2, _3, _4, _5, _6, _7, _8 = map(np.uint64, range(9))
_32, _56, _63 = map(np.uint64, (32, 56, 63))
# Bits of a word of 64 are counted in pairs, in fours, in bytes, and these by a product.
_PAIRS, _FOURS, _BYTES, _ONES = map(
    np.uint64, (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


class Memory(NamedTuple):
    """Sums of words that have come before, each in the one place that its bytes give it, where the last one to come takes it;
    no result depends on it.

    ``words``: uint64 (places, 8), in the first seven the bytes of the word, zeros behind it, in the last how many rows it has; ``sums``:
    float32 (places, dim), their sum.
    """

    words: np.ndarray
    sums: np.ndarray


def new_memory(tables: Tables) -> Memory:
    """An empty one for a model: 32,768 places, fewer where rows are wide, 6 MB at most; one place where words have no n-grams
    of characters, since their own row is found as fast."""
    dim, maxn = tables.rows.shape[1], int(tables.numbers[3])
    places = min(_REMEMBERED, 1 << max(6, (_MOST_CELLS // dim).bit_length() - 1)) if maxn > 0 else 1
    return Memory(np.zeros((places, 8), np.uint64), np.empty((places, dim), np.float32))


def probabilities(tables: Tables, memory: Memory, lines: list[bytes]) -> np.ndarray:
    """The probabilities of the labels for each line of UTF-8, float32 of shape (lines, labels); -1 for those below
    fastText's least (in a tree of labels). A line of which the model knows no word and no n-gram has -1 alone."""
    found = np.full((len(lines), tables.output.shape[1]), -1, np.float32)
    _of_lines(*tables, *memory, *_joined(lines), found)
    return found


def best_labels(tables: Tables, memory: Memory, lines: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """For each line of UTF-8 the number of its most probable label (int64) and its probability (float32): those of
    :func:`probabilities`, in less time. Both are -1 for a line of which the model knows no word and no n-gram."""
    return _of_lines(*tables, *memory, *_joined(lines), np.empty((0, tables.output.shape[1]), np.float32))


def _joined(lines: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    ends = np.fromiter(accumulate(map(len, lines)), np.int64, len(lines))
    return np.frombuffer(b"".join(lines) or b" ", np.uint8), ends


@kernel_under_lock
def _of_lines(
    numbers, slots, hashes, letters, letters_end, kept, kept_before, rows, output, left, right,
    m_words, m_sums, data, ends, found,
):  # fmt: skip
    """The best label of each line and its probability; fills ``found`` with those of all labels unless it has no rows."""
    dim, labels = output.shape
    flat, weights = rows.reshape(-1), output.reshape(-1)
    remembered, sums = m_words.reshape(-1), m_sums.reshape(-1)
    words, bucket, minn, maxn, longest = numbers
    best, best_of = np.full(len(ends), -1, np.int64), np.full(len(ends), np.float32(-1))
    total, summed, hidden = np.empty(dim), np.empty(dim, np.float32), np.empty(dim, np.float32)
    noted, key = np.empty(max(_NOTED, 2 * maxn), np.int32), np.zeros(8, np.uint64)
    wide, starts = np.empty(len(data) + 2, np.uint32), np.empty(len(data) + 3, np.int32)
    word_hashes = np.empty(len(data) // 2 + 2, np.int32)
    nodes, scores = np.empty(2 * labels, np.int32), np.empty(2 * labels)
    products, alone = np.empty(labels, np.float32), np.empty(labels, np.float32)
    shift = np.uint64(64)
    places = len(m_words)
    while places > 1:
        places >>= 1
        shift -= _1
    # The end of a line is a word of its own, whose n-grams don't count.
    end_of_line = np.array([60, 47, 115, 62], np.uint8)
    hash_of_end = _hash(end_of_line, 0, 4)
    number_of_end = _look_up(slots, hashes, letters, letters_end, end_of_line, 0, 4, hash_of_end)
    at = 0
    for line in range(len(ends)):
        end = ends[line]
        for column in range(dim):
            total[column] = 0
        added, count, is_last = 0, 0, False
        while not is_last:
            while at < end and _is_space(data[at]):
                at += 1
            # Eight bytes at a time. A word holds no zero, so that one is its end.
            begin, eight, bits, eights, mixed = at, _0, _0, 0, _0
            while at < end:
                byte = data[at]
                if _is_space(byte):
                    break
                at += 1
                eight |= np.uint64(byte) << bits
                bits = (bits + _8) & _63
                if not bits:
                    key[eights & 7] = eight
                    mixed = _mixed(mixed, eight)
                    eight = _0
                    eights += 1
            key[eights & 7] = eight
            mixed = _mixed(mixed, eight)
            length = at - begin
            is_last = length == 0 or _is(data, begin, at, _END_OF_LINE)
            if is_last:
                word_hash = hash_of_end
                if number_of_end >= 0:
                    _add_row(flat, np.uint64(number_of_end), dim, total)
                    added += 1
            elif maxn > 0 and length <= _LONGEST and _is_remembered(remembered, mixed >> shift, key, eights):
                place = mixed >> shift
                added += np.int64(remembered[place * _8 + _7])
                _add_row(sums, place, dim, total)
                word_hash = _hash(data, begin, at) if longest > 1 else _OFFSET
            else:
                word_hash = _hash(data, begin, at)
                number = _look_up(slots, hashes, letters, letters_end, data, begin, at, word_hash)
                if number < 0 and _begins_with_label(data, begin, at):
                    continue
                rows_of_word = 0
                for column in range(dim):
                    summed[column] = 0
                if number >= 0:
                    _add_row(flat, np.uint64(number), dim, summed)
                    rows_of_word = 1
                if maxn > 0:
                    rows_of_word += _add_ngrams(
                        data, begin, length, wide, starts,
                        words, bucket, minn, maxn, kept, kept_before, flat, dim, noted, summed,
                    )  # fmt: skip
                    if length <= _LONGEST:
                        _remember(remembered, sums, mixed >> shift, key, eights, rows_of_word, summed)
                added += rows_of_word
                _add_row(summed, _0, dim, total)
            if longest > 1:
                word_hashes[count] = np.int32(word_hash)
                count += 1
        if count:
            for column in range(dim):
                summed[column] = 0
            added += _add_word_ngrams(
                word_hashes, count, longest, words, bucket, kept, kept_before, flat, dim, noted, summed
            )
            _add_row(summed, _0, dim, total)
        at = end
        if added:
            for column in range(dim):
                hidden[column] = total[column] / added
            _multiply(weights, hidden, products)
            of_labels = found[line] if len(found) else alone
            if len(left):
                best[line] = _through_tree(products, left, right, not len(found), nodes, scores, of_labels)
            else:
                best[line] = _softmax(products, of_labels)
            if best[line] >= 0:
                best_of[line] = of_labels[best[line]]
    return best, best_of


@inner
def _step(found, wide):
    return np.uint32((found ^ wide) * _PRIME)


@inner
def _wide(byte):
    """fastText's bytes are signed, and widened with their sign."""
    return np.uint32(byte) | _SIGN if byte >= 128 else np.uint32(byte)


@inner
def _hash(data, begin, end):
    """FNV-1a as fastText has it."""
    found = _OFFSET
    for at in range(begin, end):
        found = _step(found, _wide(data[at]))
    return found


@inner
def _mixed(mixed, eight):
    mixed = (mixed ^ eight) * _SPREAD
    return mixed ^ (mixed >> _32)


@inner
def _is_space(byte):
    return byte <= 32 and (byte == 32 or 9 <= byte <= 13 or byte == 0)


@inner
def _is(data, begin, end, word):
    if end - begin != len(word):
        return False
    same = True
    for place in range(len(word)):
        same &= data[begin + place] == word[place]
    return same


@inner
def _begins_with_label(data, begin, end):
    return data[begin] == 95 and end - begin >= len(_LABEL) and _is(data, begin, begin + len(_LABEL), _LABEL)


@inner
def _look_up(slots, hashes, letters, letters_end, data, begin, end, found):
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
def _is_remembered(words, place, key, eights):
    start = place * _8
    same = words[start] == key[0]
    for number in range(1, eights + 1):
        same &= words[start + np.uint64(number)] == key[number]
    return same


@inner
def _remember(words, sums, place, key, eights, rows, summed):
    start = place * _8
    for number in range(7):
        words[start + np.uint64(number)] = key[number] if number <= eights else _0
    words[start + _7] = rows
    start = place * np.uint64(len(summed))
    for column in range(len(summed)):
        sums[start + np.uint64(column)] = summed[column]


@inner
def _add_row(rows, row, dim, total):
    start = row * np.uint64(dim)
    for column in range(dim):
        total[column] += rows[start + np.uint64(column)]


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
def _add_ngrams(
    data, begin, length, wide, starts, words, bucket, minn, maxn, kept, kept_before, flat, dim, noted, summed
):
    """Adds the rows of all n-grams of characters of a word, which stands between < and >. Buckets are noted without a
    branch: whether the model has kept one can't be foretold, nor waited for."""
    # Bytes as they are hashed, and where characters start.
    wide[0], starts[0], characters = 60, 0, 1
    for at in range(length):
        byte = data[begin + at]
        starts[characters] = at + 1
        characters += np.int64(byte & 0xC0 != 0x80)
        wide[at + 1] = _wide(byte)
    wide[length + 1], starts[characters], starts[characters + 1] = 62, length + 1, length + 2
    characters += 1
    buckets, full, place, added, least = np.uint32(bucket), np.uint64(len(noted) - maxn), _0, 0, max(minn, 2)
    if minn == 1:  # a character alone, the brackets not
        for first in range(1, characters - 1):
            if place > full:
                added += _add(flat, dim, words, kept, kept_before, noted, place, summed)
                place = _0
            ngram = _OFFSET
            for at in range(starts[first], starts[first + 1]):
                ngram = _step(ngram, wide[at])
            place = _note(noted, place, ngram, buckets, kept)
    is_ascii = characters == length + 2
    for first in range(characters - least + 1):
        if place > full:
            added += _add(flat, dim, words, kept, kept_before, noted, place, summed)
            place = _0
        ngram, most = _OFFSET, min(maxn, characters - first)
        if is_ascii:
            at = np.uint64(first)
            for _ in range(1, least):
                ngram = _step(ngram, wide[at])
                at += _1
            for _ in range(least, most + 1):
                ngram = _step(ngram, wide[at])
                at += _1
                place = _note(noted, place, ngram, buckets, kept)
        else:
            at = np.uint64(starts[first])
            for size in range(1, most + 1):
                end = np.uint64(starts[first + size])
                while at < end:
                    ngram = _step(ngram, wide[at])
                    at += _1
                if size >= least:
                    place = _note(noted, place, ngram, buckets, kept)
    return added + _add(flat, dim, words, kept, kept_before, noted, place, summed)


@inner
def _note(noted, place, ngram, buckets, kept):
    bucket = np.uint64(ngram % buckets)
    noted[place] = bucket
    return place + _is_kept(kept, bucket)


@inner
def _add_word_ngrams(hashes, count, longest, words, bucket, kept, kept_before, flat, dim, noted, summed):
    """Adds the rows of all n-grams of a line's words, which are given by their hashes."""
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
    return added + _add(flat, dim, words, kept, kept_before, noted, place, summed)


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


@inner
def _multiply(weights, hidden, products):
    """All products of a text's vector at once: eight labels or more an instruction."""
    labels = len(products)
    for label in range(labels):
        products[label] = 0
    for column in range(len(hidden)):
        start, value = np.uint64(column) * np.uint64(labels), hidden[column]
        for label in range(labels):
            products[label] += weights[start + np.uint64(label)] * value


@inner
def _exp(value):
    return np.float32(math.exp(np.float32(value)))


@inner
def _softmax(products, found):
    largest, total, best = np.float32(-np.inf), np.float32(0), 0
    for label in range(len(found)):
        largest = max(largest, products[label])
    for label in range(len(found)):
        found[label] = _exp(products[label] - largest)
        total += found[label]
    for label in range(len(found)):
        found[label] = np.float32(found[label] / total + _ABOVE_NOTHING)
        if found[label] > found[best]:
            best = label
    return best


@inner
def _through_tree(products, left, right, best_alone, nodes, scores, found):
    """Products of probabilities where fastText has sums of their logarithms. The likelier child comes next, so that with
    ``best_alone`` most of the others can be left out."""
    labels = len(found)
    best, largest = np.int64(-1), np.float32(-1)
    nodes[0], scores[0], waiting = 2 * labels - 2, 1.0, 1
    while waiting:
        waiting -= 1
        node, score = np.int64(nodes[waiting]), scores[waiting]
        if score < _ABOVE_NOTHING or (best_alone and np.float32(score) < largest):
            continue
        if left[node] < 0:
            found[node] = score
            if found[node] > largest or (found[node] == largest and node < best):
                best, largest = node, found[node]
            continue
        share = 1.0 / (1.0 + np.float64(_exp(-products[node - labels])))
        first = np.int64(share <= 0.5)
        nodes[waiting + first], scores[waiting + first] = right[node], score * (share + _ABOVE_NOTHING)
        first = 1 - first
        nodes[waiting + first], scores[waiting + first] = left[node], score * (1.0 - share + _ABOVE_NOTHING)
        waiting += 2
    return best
