"""Which n-grams come more than once, compiled: the inner loops of :mod:`filters.ngrams` and :mod:`filters.repetition`.

Everything is whole numbers, so that nothing depends on an order of summation.
"""

from __future__ import annotations

import numpy as np

from text.hashing import GOLDEN
from text.jit.options import kernel


@kernel
def repeated(ngrams):
    """Of n-grams by their hashes (``uint64``): the places of those that come more than once, ascending (``int64``);
    whether each is the first of its kind (``bool``); the number of its kind, from 0 on in the order of first places
    (``int64``); and how often each kind comes (``int64``)."""
    groups = np.empty(len(ngrams), np.int32)
    counts = _grouped(ngrams, len(ngrams), groups)
    return _more_than_once(groups, counts, len(ngrams))


@kernel
def _grouped(ngrams, count, groups):
    """Writes which kind each of the first ``count`` n-grams is of; returns how often each kind comes."""
    size = 16
    while size < 2 * count:
        size *= 2
    mask = np.uint64(size - 1)
    slots = np.full(size, -1, np.int32)
    kinds = np.empty(count, np.uint64)
    counts = np.zeros(count, np.int32)
    found = 0
    for place in range(count):
        ngram = ngrams[place]
        # The lowest bits of a product tell little.
        slot = (ngram ^ (ngram >> np.uint64(29)) ^ (ngram >> np.uint64(47))) & mask
        while slots[slot] >= 0 and kinds[slots[slot]] != ngram:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot] = found
            kinds[found] = ngram
            found += 1
        groups[place] = slots[slot]
        counts[slots[slot]] += 1
    return counts[:found]


@kernel
def _more_than_once(groups, counts, count):
    several = 0
    for kind in range(len(counts)):
        if counts[kind] > 1:
            several += counts[kind]
    places, first, group = np.empty(several, np.int64), np.empty(several, np.bool_), np.empty(several, np.int64)
    numbers = np.full(len(counts), -1, np.int32)
    left, kinds = 0, 0
    for place in range(count):
        kind = groups[place]
        if counts[kind] > 1:
            places[left], first[left] = place, numbers[kind] < 0
            if numbers[kind] < 0:
                numbers[kind] = kinds
                kinds += 1
            group[left] = numbers[kind]
            left += 1
    how_often = np.empty(kinds, np.int64)
    for kind in range(len(counts)):
        if numbers[kind] >= 0:
            how_often[numbers[kind]] = counts[kind]
    return places, first, group, how_often


@kernel
def characters_of_later_copies(hashes, ends, scale, tops, longest):
    """For n = 2 … ``longest``, in the unit of ``scale`` words, how many characters of words lie in later copies of n-grams:
    for n up to ``tops`` of the most frequent one (a tie goes to the longest, then the earliest), else of all. ``hashes``
    of the words (``uint64``); ``ends``: the characters before each word, and all (``int64``). ``int64``, by n."""
    found = np.zeros(longest + 1, np.int64)
    words = len(hashes)
    count = max(0, words - 1)
    places, ngrams, groups = np.arange(count), np.empty(count, np.uint64), np.empty(count, np.int32)
    for place in range(count):
        ngrams[place] = hashes[place] * GOLDEN + hashes[place + 1]
    for n in range(2, longest * scale + 1):
        counts = _grouped(ngrams, count, groups)
        if len(counts) == count:
            break  # nothing comes twice, and so nothing longer does
        if n % scale == 0 and n // scale >= 2:
            chosen = _most_frequent(places, groups, counts, count, ends, n) if n // scale <= tops else -1
            found[n // scale] = _covered(places, groups, counts, count, ends, n, chosen)
        # A longer n-gram repeats only where this one does, here and one word on.
        left = 0
        for place in range(count - 1):
            here = places[place]
            if counts[groups[place]] > 1 and counts[groups[place + 1]] > 1 and places[place + 1] == here + 1:
                ngrams[left] = ngrams[place] * GOLDEN + hashes[here + n]
                places[left] = here
                left += 1
        count = left
    return found


@kernel
def _most_frequent(places, groups, counts, count, ends, n):
    most, longest, best = counts.max(), -1, -1
    seen = np.zeros(len(counts), np.bool_)
    for place in range(count):
        kind = groups[place]
        if counts[kind] == most and not seen[kind]:
            seen[kind] = True
            characters = ends[places[place] + n] - ends[places[place]]
            if characters > longest:
                longest, best = characters, kind
    return best


@kernel
def _covered(places, groups, counts, count, ends, n, chosen):
    """The characters in later copies of the ``chosen`` kind, of all for -1; where two overlap they count once."""
    seen = np.zeros(len(counts), np.bool_)
    total, until = 0, 0
    for place in range(count):
        kind = groups[place]
        if not seen[kind]:
            seen[kind] = True
        elif chosen < 0 or kind == chosen:
            start = places[place]
            total += ends[start + n] - ends[max(start, until)]
            until = start + n
    return total


@kernel
def characters_by_row(hashes, n, copies, lettered, least, characters, ends):
    """By row, the ``characters`` of those words (``int64``) that lie in an n-gram that stood before, comes ``copies`` times or
    more and holds ``least`` words with letters alone. ``hashes`` of the words (``uint64``); ``lettered``: how many of the
    words before each have letters alone, and of all; ``ends``: the words up to the end of each row. ``int64``."""
    words = len(hashes)
    inside = np.zeros(words, np.bool_)
    count = words - n + 1
    if count > 1:
        ngrams, groups = np.empty(count, np.uint64), np.empty(count, np.int32)
        ngram, highest = np.uint64(0), np.uint64(1)
        for place in range(n):
            ngram = ngram * GOLDEN + hashes[place]
        for _ in range(n - 1):
            highest *= GOLDEN
        ngrams[0] = ngram
        for place in range(1, count):
            ngram = (ngram - hashes[place - 1] * highest) * GOLDEN + hashes[place + n - 1]
            ngrams[place] = ngram
        counts = _grouped(ngrams, count, groups)
        seen = np.zeros(len(counts), np.bool_)
        until = 0
        for place in range(count):
            kind = groups[place]
            if not seen[kind]:
                seen[kind] = True
            elif counts[kind] >= copies and lettered[place + n] - lettered[place] >= least:
                for word in range(max(place, until), place + n):
                    inside[word] = True
                until = place + n
    found = np.zeros(len(ends), np.int64)
    begin = 0
    for row in range(len(ends)):
        for word in range(begin, ends[row]):
            if inside[word]:
                found[row] += characters[word]
        begin = ends[row]
    return found


@kernel
def rows_said_before(hashes, numberless, has_digit, lengths, before_row, n, copies, least, log_words, min_coverage):
    """Of each row of a text 0 where it has no words, 1 where ``min_coverage`` of its words' characters lie in n-grams that
    stood before, and -1 otherwise (``int64``). A row of ``log_words`` or more is 1 also where that holds of its words
    without a digit and n-grams of ``numberless`` that come ``copies`` times and hold ``least`` such words. ``hashes``,
    ``numberless`` (``uint64``), ``has_digit`` (``bool``) and ``lengths`` (``int64``) of the words; ``before_row``: the words
    before each row, and of all."""
    words, ends = len(hashes), before_row[1:]
    lettered, characters = np.zeros(words + 1, np.int64), np.zeros(words, np.int64)
    part = characters_by_row(hashes, n, 2, lettered, 0, lengths, ends)
    for word in range(words):
        lettered[word + 1] = lettered[word] + (not has_digit[word])
        characters[word] = 0 if has_digit[word] else lengths[word]
    of_log = part
    if lettered[words] < words:
        of_log = characters_by_row(numberless, n, copies, lettered, least, characters, ends)
    states = np.zeros(len(ends), np.int64)
    for row in range(len(ends)):
        begin, end = before_row[row], ends[row]
        if end == begin:
            continue
        whole = whole_of_log = 0
        for word in range(begin, end):
            whole += lengths[word]
            whole_of_log += characters[word]
        share = part[row] / whole
        if lettered[words] < words and end - begin >= log_words and whole_of_log:
            share = max(share, of_log[row] / whole_of_log)
        states[row] = 1 if share >= min_coverage else -1
    return states
