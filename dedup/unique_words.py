"""What a removal costs: the words of a document that stand nowhere in the one that stays.

Two documents may share 85 % of their words, because a template wrote both, and differ in the 15 % that each was written
for. Their similarity is above any usual threshold; their own words are lost with the one that goes. Counting them says
what near-duplicate removal costs, and lets a recipe refuse a removal that would cost too much.

Words are the case-folded ones that shingles are made of. Where a script has no spaces, they are all runs of as many
characters as a word has on average (:data:`dedup.shingles.UNSPACED_WORD`), counted by the length of one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dedup.shingles import Shingling, item_hashes, word_length
from text.hashing import ngram_hashes
from text.view import TextView

# Fewer words of its own than these never keep a document: a date, a counter, a changed name. Measured in docs/dedup.md.
MIN_UNIQUE_WORDS = 10


class Vocabulary(NamedTuple):
    """A document's distinct words: the low halves of their hashes, sorted (``uint32``), and how often each stands
    there (``uint32``). Of two different words one in four thousand million has the other's hash. ``length`` is that of
    a word in the runs that are counted: 1 but in scripts without spaces."""

    hashes: np.ndarray
    counts: np.ndarray
    length: int = 1

    @property
    def words(self) -> int:
        return int(self.counts.sum()) // self.length


def vocabulary(view: TextView, language: str, rule: Shingling) -> Vocabulary:
    """Of a document's words, as :func:`dedup.shingles.shingle_hashes` takes them."""
    length = word_length(language)
    hashes = item_hashes(view, language, rule)
    if length > 1 and len(hashes):
        hashes = ngram_hashes(hashes, min(length, len(hashes)))
    distinct, counts = np.unique(hashes.astype(np.uint32), return_counts=True)
    return Vocabulary(distinct, counts.astype(np.uint32), length)


def unique_words(document: Vocabulary, survivor: Vocabulary) -> int:
    """How many of ``document``'s words, repetitions included, ``survivor`` doesn't have."""
    places = np.searchsorted(survivor.hashes, document.hashes)
    places[places == len(survivor.hashes)] = 0
    known = survivor.hashes[places] == document.hashes if len(survivor.hashes) else np.zeros(len(places), bool)
    return int(document.counts[~known].sum()) // document.length


def too_many(unique: int, words: int, max_share: float) -> bool:
    """Whether a document of so many words keeps its place for those that stand nowhere else."""
    return unique >= MIN_UNIQUE_WORDS and unique > max_share * words
