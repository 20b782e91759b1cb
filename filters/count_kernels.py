"""Counting words in buckets, compiled: the inner loops of :mod:`filters.token_counts` and :mod:`filters.kl_divergence`.

A document has some hundred words and there are 65,536 buckets: nothing here looks at them all. ``scratch`` is ``int32``, a zero
for each bucket, and is left so.
"""

from __future__ import annotations

from text.jit.options import kernel_under_lock


@kernel_under_lock
def add_counts(counts, buckets, step):
    """Adds to ``counts`` (``int64``) every ``step``-th of the ``buckets`` of words (``int64``)."""
    for place in range(0, len(buckets), step):
        counts[buckets[place]] += 1


@kernel_under_lock
def own_counts(buckets, step, scratch, own):
    """Writes to ``own`` (``int64``), for each of ``buckets``, how many of every ``step``-th of them are the same."""
    for place in range(0, len(buckets), step):
        scratch[buckets[place]] += 1
    for place in range(len(buckets)):
        own[place] = scratch[buckets[place]]
    for place in range(0, len(buckets), step):
        scratch[buckets[place]] = 0


@kernel_under_lock
def sum_over_windows(buckets, window, values, scratch):
    """The sum of ``values`` (``int64``) of how often each bucket comes in each whole window of so many words."""
    total = 0
    for begin in range(0, len(buckets) - window + 1, window):
        for place in range(begin, begin + window):
            scratch[buckets[place]] += 1
        for place in range(begin, begin + window):
            total += values[scratch[buckets[place]]]  # none for those that were added before
            scratch[buckets[place]] = 0
    return total
