"""What a document is compared by: the set of its shingles, runs of consecutive words or characters.

Runs of five words say what a page says: Lee et al. 2021 (arXiv 2107.06499, section 4.2) and FineWeb use the same. They
fail in two places, and nothing is exempt there:

* Where a script has no spaces, a word of :mod:`text.segment` is one character, and five of them are in every page. A
  shingle is then as long as five words are on average: 10 characters in Chinese and Japanese, 20 in Thai, Lao, Khmer
  and Burmese; and the words of a document are its characters by the length of a word.
* A short document changes too much with one word: of 20 words one changed leaves a similarity of 0.5. Documents below
  ``short_words`` are compared by runs of characters, of which a changed word costs few: as many as two words have, in
  scripts without spaces too.

A short document and a longer one are compared by words: a page doesn't become another by growing from 63 words to 65.
So short documents that may be alike enough to a longer one have shingles of both kinds, and two documents are compared
by the first of :data:`KINDS` that both have. One of 46 words has 42 runs of five, 0.7 of the 60 that 64 words have;
none that is shorter can be as similar to one of 64 words or more, unless that one repeats itself.

Words are case-folded and otherwise taken as they are. datatrove maps all numbers to one symbol, which makes price
lists equal; here a recipe has to ask for that.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from text.characters import code_points
from text.hashing import hash64, hash64s, ngram_hashes
from text.view import TextView

KINDS = ("characters", "words")
# Characters of an average word, by language as fastText writes it; and of one with the space behind it elsewhere.
UNSPACED_WORD = {
    **dict.fromkeys(("zh", "ja", "yue", "wuu"), 2),
    **dict.fromkeys(("th", "lo", "km", "my"), 4),
}  # fmt: skip
_SPACED_WORD = 6
_NUMBER = re.compile(r"\d+")
# Of shingles of characters, so that they never meet those of words.
_CHARACTERS = np.uint64(hash64("shingles of characters"))


@dataclass(frozen=True)
class Shingling:
    """``words`` make a shingle; below ``short_words`` of them ``characters`` do, and from ``both_from`` up both.

    ``fold_numbers``: 12 equals 7.
    """

    words: int = 5
    short_words: int = 64
    characters: int = 12
    fold_numbers: bool = False
    both_from: int = 46


def shortest_beside_longer(short_words: int, shingle_words: int, min_similarity: float) -> int:
    """:attr:`Shingling.both_from`: the words of the shortest document that ``min_similarity`` to one of
    ``short_words`` words is within reach of."""
    return int(min_similarity * (short_words - shingle_words + 1)) + shingle_words - 1


def common_kind(one: Container[str], other: Container[str]) -> str | None:
    """The kind of shingles that two documents, of which the kinds they have are given, are compared by."""
    return next((kind for kind in KINDS if kind in one and kind in other), None)


def shingles(view: TextView, language: str, rule: Shingling) -> dict[str, np.ndarray]:
    """The sets of a document's shingles: sorted ``uint64``. As :func:`shingle_hashes` otherwise."""
    return {kind: np.unique(found) for kind, found in shingle_hashes(view, language, rule).items()}


def shingle_hashes(view: TextView, language: str, rule: Shingling) -> dict[str, np.ndarray]:
    """By kind, the shingle hashes of a document's case-folded words in order, repetitions included: ``uint64``.

    A document shorter than a shingle has one, all of it. One without words has none.
    """
    if language in UNSPACED_WORD:
        return _unspaced(_unspaced_codes(view, rule), UNSPACED_WORD[language], rule)
    found = {}
    if view.word_count < rule.short_words:
        found["characters"] = _runs(_hashed(code_points(" ".join(_folded(view, rule)))), rule.characters)
    if view.word_count >= min(rule.short_words, rule.both_from):
        found["words"] = _runs(_word_hashes(view, rule), rule.words)
    return found


def word_length(language: str) -> int:
    """How many characters a word has where a script has no spaces; 1, a word itself, elsewhere."""
    return UNSPACED_WORD.get(language, 1)


def item_hashes(view: TextView, language: str, rule: Shingling) -> np.ndarray:
    """Hashes of a document's case-folded words in order, of its characters where it has no spaces: ``uint64``."""
    return _hashed(_unspaced_codes(view, rule)) if language in UNSPACED_WORD else _word_hashes(view, rule)


def _folded(view: TextView, rule: Shingling) -> list[str]:
    return [_NUMBER.sub("0", word) for word in view.folded] if rule.fold_numbers else view.folded


def _word_hashes(view: TextView, rule: Shingling) -> np.ndarray:
    return hash64s(_folded(view, rule)) if rule.fold_numbers else view.folded_hashes


def _unspaced_codes(view: TextView, rule: Shingling) -> np.ndarray:
    return code_points("".join(_folded(view, rule))) if rule.fold_numbers else view.folded_codes


def _unspaced(codes: np.ndarray, word: int, rule: Shingling) -> dict[str, np.ndarray]:
    """As :func:`shingle_hashes`, where a word has so many characters and no end."""
    found, hashes = {}, _hashed(codes)
    if len(codes) < rule.short_words * word:
        found["characters"] = _runs(hashes, max(1, rule.characters * word // _SPACED_WORD))
    if len(codes) >= min(rule.short_words, rule.both_from) * word:
        found["words"] = _runs(hashes, rule.words * word)
    return found


def _hashed(codes: np.ndarray) -> np.ndarray:
    """Of characters, by their code points."""
    return codes.astype(np.uint64) ^ _CHARACTERS


def _runs(items: np.ndarray, length: int) -> np.ndarray:
    return ngram_hashes(items, min(length, max(1, len(items))))
