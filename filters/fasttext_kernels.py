"""fastText's predictions from tables, in one compiled pass over the bytes of a text.

The module fasttext reads a text character by character through a stream, makes a string of each n-gram and looks each up
in a hash map. Here an n-gram is a running hash, a bit says whether the model has kept it, and which rows a word stands for
is remembered: most words of a text have come before. The arithmetic is fastText's own (0.9.2: ``Dictionary::getLine``,
``QuantMatrix::addRowToVector``, ``HierarchicalSoftmaxLoss::dfs``, ``SoftmaxLoss::computeOutput``), in float32 and in the
same order, so that probabilities are equal and not merely close.

No kernel lets go of Python's lock, since they write to what is remembered. Hot loops are given arrays, not tuples of
them: taking one out of a tuple counts references. Indices are unsigned where they are many, or each would be asked whether it is negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from filters.fasttext_file import Tables
from text.jit.options import kernel_under_lock

_OFFSET, _PRIME = np.uint32(2166136261), np.uint32(16777619)
_SIGN = np.uint32(0xFFFFFF00)
_NGRAM_FACTOR = np.uint64(116049371)
_END_OF_LINE = b"</s>"
_LABEL = b"__label__"
_LONGEST = 48  # bytes of a word that is remembered
_WORDS, _LETTERS, _ROWS = 1 << 15, 1 << 19, 1 << 20
_SLOTS, _WAITING = 1 << 16, 1 << 12
_1, _2, _3, _4, _5, _6, _7, _8 = map(np.uint64, range(1, 9))


class Memory(NamedTuple):
    """The rows of words that have come before, forgotten all at once when there are too many; no result depends on it.

    ``filled``: int64, how many words there are. ``slots``: int32, an open-addressing table of numbers of words, -1 where it
    is free. By word ``hashes`` (uint32), and where its ``letters`` (uint8) and ``rows`` (int32) end: int32, one more at the
    front. ``waiting``: int32, rows that wait to be added.
    """

    filled: np.ndarray
    slots: np.ndarray
    hashes: np.ndarray
    letters: np.ndarray
    letters_end: np.ndarray
    rows: np.ndarray
    rows_end: np.ndarray
    waiting: np.ndarray


def new_memory() -> Memory:
    """An empty one: 6 MB."""
    return Memory(
        np.zeros(1, np.int64), np.full(_SLOTS, -1, np.int32), np.empty(_WORDS, np.uint32), np.empty(_LETTERS, np.uint8),
        np.zeros(_WORDS + 1, np.int32), np.empty(_ROWS, np.int32), np.zeros(_WORDS + 1, np.int32),
        np.empty(_WAITING, np.int32),
    )  # fmt: skip


def probabilities(tables: Tables, memory: Memory, lines: list[bytes], best_alone: bool) -> np.ndarray:
    """The probabilities of the labels for each line of UTF-8, float32 of shape (lines, labels); -1 for those below
    fastText's least (in a tree of labels) and, with ``best_alone``, for some that can't be the best. A line of which the
    model knows no word and no n-gram has -1 alone."""
    ends = np.cumsum(np.fromiter(map(len, lines), np.int64, len(lines)))
    return _of_lines(*tables, *memory, np.frombuffer(b"".join(lines) or b" ", np.uint8), ends, best_alone)


@kernel_under_lock
def _of_lines(
    numbers, slots, hashes, letters, letters_end, pruned, kept, rows, output, left, right,
    filled, m_slots, m_hashes, m_letters, m_letters_end, m_rows, m_rows_end, waiting,
    data, ends, best_alone,
):  # fmt: skip
    labels, dim = output.shape
    found = np.full((len(ends), labels), np.float32(-1))
    hidden = np.empty(dim, np.float32)
    flat = rows.reshape(-1)
    end_of_line = np.array([60, 47, 115, 62], np.uint8)
    words, bucket, minn, maxn, longest = numbers
    at = 0
    for line in range(len(ends)):
        end = ends[line]
        word_hashes = np.empty((end - at) // 2 + 2 if longest > 1 else 1, np.int32)
        hidden[:] = 0
        added, waits, count, is_last = 0, 0, 0, False
        while not is_last:
            while at < end and _is_space(data[at]):
                at += 1
            begin, word_hash = at, _OFFSET
            while at < end and not _is_space(data[at]):
                word_hash = _step(word_hash, data[at])
                at += 1
            length = at - begin
            is_last = length == 0 or _is(data, begin, at, _END_OF_LINE)
            if is_last:
                # The end of a line is a word of its own, whose n-grams don't count.
                word_hash = _OFFSET
                for byte in end_of_line:
                    word_hash = _step(word_hash, byte)
                number = _look_up(slots, hashes, letters, letters_end, end_of_line, 0, 4, word_hash)
                if number >= 0:
                    waiting[waits] = number
                    waits, added = waits + 1, added + 1
            else:
                if _begins_with_label(data, begin, at) and (
                    _look_up(slots, hashes, letters, letters_end, data, begin, at, word_hash) < 0
                ):
                    continue
                known = np.int64(-1)
                if length <= _LONGEST:
                    known = _look_up(m_slots, m_hashes, m_letters, m_letters_end, data, begin, at, word_hash)
                    if known < 0:
                        word, slot = filled[0], -1 - known
                        most = 1 + (length + 2) * maxn
                        if (
                            word == _WORDS
                            or m_letters_end[word] + length > _LETTERS
                            or m_rows_end[word] + most > _ROWS
                        ):
                            m_slots[:] = -1
                            word, slot = np.int64(0), np.int64(word_hash) & (_SLOTS - 1)
                        m_slots[slot], m_hashes[word] = word, word_hash
                        start = m_letters_end[word]
                        m_letters[start : start + length] = data[begin:at]
                        m_letters_end[word + 1] = start + length
                        first = m_rows_end[word]
                        number = _look_up(slots, hashes, letters, letters_end, data, begin, at, word_hash)
                        m_rows_end[word + 1] = _rows_of_word(
                            data, begin, length, number, words, bucket, minn, maxn, pruned, kept, m_rows, first
                        )
                        filled[0] = word + 1
                        known = word
                    first, last = m_rows_end[known], m_rows_end[known + 1]
                    if waits + (last - first) > _WAITING - 1:
                        _add(flat, dim, waiting, waits, hidden)
                        waits = 0
                    for place in range(first, last):
                        waiting[waits] = m_rows[place]
                        waits += 1
                    added += last - first
                else:
                    _add(flat, dim, waiting, waits, hidden)
                    waits = 0
                    number = _look_up(slots, hashes, letters, letters_end, data, begin, at, word_hash)
                    long_rows = np.empty(1 + (length + 2) * maxn, np.int32)
                    last = _rows_of_word(
                        data, begin, length, number, words, bucket, minn, maxn, pruned, kept, long_rows, 0
                    )
                    _add(flat, dim, long_rows, last, hidden)
                    added += last
            if longest > 1:
                word_hashes[count] = np.int32(word_hash)
                count += 1
            if waits == _WAITING:
                _add(flat, dim, waiting, waits, hidden)
                waits = 0
        for place in range(count):
            several = np.uint64(np.int64(word_hashes[place]))
            for other in range(place + 1, min(count, place + longest)):
                several = several * _NGRAM_FACTOR + np.uint64(np.int64(word_hashes[other]))
                row = _row_of(pruned, kept, several % np.uint64(bucket))
                if row >= 0:
                    waiting[waits] = words + row
                    waits, added = waits + 1, added + 1
                    if waits == _WAITING:
                        _add(flat, dim, waiting, waits, hidden)
                        waits = 0
        _add(flat, dim, waiting, waits, hidden)
        at = end
        if added:
            scale = np.float32(1.0 / added)
            for column in range(dim):
                hidden[column] *= scale
            if len(left):
                _through_tree(output, left, right, hidden, best_alone, found[line])
            else:
                _softmax(output, hidden, found[line])
    return found


@kernel_under_lock
def _step(found, byte):
    """FNV-1a as fastText has it: bytes are signed there, and widened with their sign."""
    wide = np.uint32(byte)
    if byte >= 128:
        wide |= _SIGN
    return np.uint32((found ^ wide) * _PRIME)


@kernel_under_lock
def _is_space(byte):
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@kernel_under_lock
def _is(data, begin, end, word):
    if end - begin != len(word):
        return False
    same = True
    for place in range(len(word)):
        same &= data[begin + place] == word[place]
    return same


@kernel_under_lock
def _begins_with_label(data, begin, end):
    return data[begin] == 95 and end - begin >= len(_LABEL) and _is(data, begin, begin + len(_LABEL), _LABEL)


@kernel_under_lock
def _look_up(slots, hashes, letters, letters_end, data, begin, end, found):
    """The number of the word ``data[begin:end]`` in a table of words; less than none where it isn't: -1 less its free slot."""
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
    return -1 - slot


@kernel_under_lock
def _add(flat, dim, chosen, count, hidden):
    """Adds so many chosen rows to ``hidden``, one after the other, eight columns at a time in registers."""
    width = np.uint64(dim)
    for at in range(0, dim & ~7, 8):
        a, b, c, d = hidden[at], hidden[at + 1], hidden[at + 2], hidden[at + 3]
        e, f, g, h = hidden[at + 4], hidden[at + 5], hidden[at + 6], hidden[at + 7]
        for place in range(count):
            cell = np.uint64(chosen[np.uint64(place)]) * width + np.uint64(at)
            a += flat[cell]
            b += flat[cell + _1]
            c += flat[cell + _2]
            d += flat[cell + _3]
            e += flat[cell + _4]
            f += flat[cell + _5]
            g += flat[cell + _6]
            h += flat[cell + _7]
        hidden[at], hidden[at + 1], hidden[at + 2], hidden[at + 3] = a, b, c, d
        hidden[at + 4], hidden[at + 5], hidden[at + 6], hidden[at + 7] = e, f, g, h
    for at in range(dim & ~7, dim):
        for place in range(count):
            hidden[at] += flat[chosen[place] * dim + at]


@kernel_under_lock
def _rows_of_word(data, begin, length, number, words, bucket, minn, maxn, pruned, kept, noted, place):
    """Notes the rows of a word from ``place`` on, its own (unless ``number`` is below 0) and those of its n-grams of
    characters; returns the place behind them."""
    buckets = np.uint32(bucket)
    if number >= 0:
        noted[place] = number
        place += 1
    if maxn <= 0:
        return np.int64(place)
    # The word stands between < and >, at -1 and at its length.
    for start in range(-1, length + 1):
        if 0 <= start < length and data[begin + start] & 0xC0 == 0x80:
            continue
        ngram, at, characters = _OFFSET, start, 0
        while at <= length and characters < maxn:
            ngram = _step(ngram, _byte(data, begin, length, at))
            at += 1
            while 0 <= at < length and data[begin + at] & 0xC0 == 0x80:
                ngram = _step(ngram, data[begin + at])
                at += 1
            characters += 1
            if characters >= minn and not (characters == 1 and (start < 0 or at > length)):
                row = _row_of(pruned, kept, np.uint64(ngram % buckets))
                if row >= 0:
                    noted[place] = words + row
                    place += 1
    return np.int64(place)


@kernel_under_lock
def _byte(data, begin, length, at):
    if at < 0:
        return np.uint8(60)
    return data[begin + at] if at < length else np.uint8(62)


@kernel_under_lock
def _row_of(pruned, kept, bucket):
    """The row of an n-gram by its bucket, behind those of words; -1 where the model hasn't kept it."""
    if not (kept[bucket >> np.uint64(6)] >> (bucket & np.uint64(63))) & np.uint64(1):
        return np.int64(-1)
    return np.int64(pruned[bucket])


@kernel_under_lock
def _product(output, row, hidden):
    found = np.float32(0)
    for column in range(len(hidden)):
        found += output[row, column] * hidden[column]
    return found


@kernel_under_lock
def _log(value):
    return np.float32(math.log(np.float64(value) + 1e-5))


@kernel_under_lock
def _exp(value):
    return np.float32(math.exp(np.float32(value)))


@kernel_under_lock
def _softmax(output, hidden, found):
    largest, total = np.float32(-np.inf), np.float32(0)
    for label in range(len(found)):
        found[label] = _product(output, label, hidden)
        largest = max(largest, found[label])
    for label in range(len(found)):
        found[label] = _exp(found[label] - largest)
        total += found[label]
    for label in range(len(found)):
        found[label] = _exp(_log(found[label] / total))


@kernel_under_lock
def _through_tree(output, left, right, hidden, best_alone, found):
    labels = len(found)
    best, least = np.float32(-np.inf), _log(np.float32(0))
    nodes, sums = np.empty(2 * labels, np.int32), np.empty(2 * labels, np.float32)
    nodes[0], sums[0], waiting = 2 * labels - 2, np.float32(0), 1
    while waiting:
        waiting -= 1
        node, score = nodes[waiting], sums[waiting]
        if score < least or (best_alone and score < best):
            continue
        if left[node] < 0:
            found[node] = _exp(score)
            best = max(best, score)
            continue
        share = np.float32(1.0 / np.float64(np.float32(1) + _exp(-_product(output, node - labels, hidden))))
        # The left child comes next.
        nodes[waiting], sums[waiting] = right[node], score + _log(share)
        nodes[waiting + 1], sums[waiting + 1] = left[node], score + _log(np.float32(1.0 - np.float64(share)))
        waiting += 2
