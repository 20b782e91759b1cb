"""fastText's predictions from tables, in one compiled pass over the bytes of a text.

The module fasttext reads a text character by character through a stream, makes a string of each n-gram, looks each up in a
hash map and adds its row. Here an n-gram is a running hash, a bit says whether the model has kept it, and the sum of a word's
rows (its own and those of its n-grams of characters) is remembered: most words of a text have come before.

The rules are those of fastText 0.9.2 (``Dictionary::getLine``, ``QuantMatrix::addRowToVector``,
``HierarchicalSoftmaxLoss::dfs``, ``SoftmaxLoss::computeOutput``), the order of its sums is not: each word's rows are added up in
float32, whether the word is remembered or new, and these sums are added up in float64. So no result depends on what is
remembered, and the probability of a text's best label is within 1e-5 of what fastText gives, but for words of hundreds of
equal letters and more, whose like rows cost fastText's own sums that many digits.

No kernel lets go of Python's lock, since they write to what is remembered. Hot loops are given arrays, not tuples of
them: taking one out of a tuple counts references. Indices are unsigned where they are many, or each would be asked whether it is negative.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from filters.fasttext_file import Tables
from filters.fasttext_output import multiply, softmax, through_tree
from filters.fasttext_words import LONGEST, OFFSET, add_ngrams, add_row, add_word_ngrams, fnv_hash, look_up
from text.hashing import GOLDEN
from text.jit.options import inner, kernel_under_lock

_END_OF_LINE = b"</s>"
_LABEL = b"__label__"
_REMEMBERED, _MOST_CELLS = 1 << 15, 1 << 20
_NOTED = 1 << 8
_0, _1, _7, _8, _32, _63 = map(np.uint64, (0, 1, 7, 8, 32, 63))


class Memory(NamedTuple):
    """Sums of words that have come before. Each belongs in one place, by its bytes, and takes it from the word that was there.

    ``words``: uint64 (places, 8), in the first seven the bytes of the word and zeros behind them, in the last how many rows it
    has; ``sums``: float32 (places, dim), the sum of these rows.
    """

    words: np.ndarray
    sums: np.ndarray


def new_memory(tables: Tables) -> Memory:
    """An empty one for a model: 32,768 places, fewer where rows are wide, 6 MB at most; none to speak of where words have
    no n-grams of characters, since their own row is found as fast."""
    dim, maxn = tables.rows.shape[1], int(tables.numbers[3])
    places = min(_REMEMBERED, 1 << max(6, (_MOST_CELLS // dim).bit_length() - 1)) if maxn > 0 else 2
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
    hash_of_end = fnv_hash(end_of_line, 0, 4)
    number_of_end = look_up(slots, hashes, letters, letters_end, end_of_line, 0, 4, hash_of_end)
    at = 0
    for line in range(len(ends)):
        end = ends[line]
        for column in range(dim):
            total[column] = 0
        added, count, is_last = np.int64(0), 0, False
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
            length, place = at - begin, (mixed * GOLDEN) >> shift
            is_last = length == 0 or _is(data, begin, at, _END_OF_LINE)
            if is_last:
                word_hash = hash_of_end
                if number_of_end >= 0:
                    add_row(flat, np.uint64(number_of_end), dim, total)
                    added += 1
            elif maxn > 0 and length <= LONGEST and _is_remembered(remembered, place, key, eights):
                added += np.int64(remembered[place * _8 + _7])
                add_row(sums, place, dim, total)
                word_hash = fnv_hash(data, begin, at) if longest > 1 else OFFSET
            else:
                word_hash = fnv_hash(data, begin, at)
                number = look_up(slots, hashes, letters, letters_end, data, begin, at, word_hash)
                if number < 0 and _begins_with_label(data, begin, at):
                    continue
                rows_of_word = 0
                for column in range(dim):
                    summed[column] = 0
                if number >= 0:
                    add_row(flat, np.uint64(number), dim, summed)
                    rows_of_word = 1
                if maxn > 0:
                    rows_of_word += add_ngrams(
                        data, begin, length, wide, starts,
                        words, bucket, minn, maxn, kept, kept_before, flat, dim, noted, summed, total,
                    )  # fmt: skip
                    if length <= LONGEST:
                        _remember(remembered, sums, place, key, eights, rows_of_word, summed)
                added += rows_of_word
                add_row(summed, _0, dim, total)
            if longest > 1:
                word_hashes[count] = np.int32(word_hash)
                count += 1
        if count:
            for column in range(dim):
                summed[column] = 0
            added += add_word_ngrams(
                word_hashes, count, longest, words, bucket, kept, kept_before, flat, dim, noted, summed, total
            )
            add_row(summed, _0, dim, total)
        at = end
        if added:
            for column in range(dim):
                hidden[column] = total[column] / added
            multiply(weights, hidden, products)
            of_labels = found[line] if len(found) else alone
            if len(left):
                best[line] = through_tree(products, left, right, not len(found), nodes, scores, of_labels)
            else:
                best[line] = softmax(products, of_labels)
            if best[line] >= 0:
                best_of[line] = of_labels[best[line]]
    return best, best_of


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
def _mixed(mixed, eight):
    mixed = (mixed ^ eight) * GOLDEN
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
