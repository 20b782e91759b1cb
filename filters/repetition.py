"""Gopher's repetition rules: documents that mostly repeat themselves.

Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", arXiv 2112.11446,
appendix A.1 and table A1. Llama 3 uses the duplicated n-gram coverage ratio of that paper against content that
repeats itself, such as logging or error messages (arXiv 2407.21783, §3.1.1).

The paper leaves the arithmetic open, and public code bases differ by that alone. The reading here stays as close to
its words as we can:

* Only prose is looked at: code, formulas and tables repeat by nature, and their spans are left out.
* A line or a word is what :mod:`text.segment` says; a paragraph is a run of lines between blank lines. Lines are
  compared without the white space around them, words in their own case.
* A duplicate is any copy of something that occurs more than once, **the first copy included**.
* ``duplicate_line_fraction`` and ``duplicate_paragraph_fraction`` are duplicates / all, by number.
  ``duplicate_line_characters`` and ``duplicate_paragraph_characters`` are the same by their characters. With fewer
  than ``min_lines`` lines (paragraphs) they are not measured: a title that stands again as a heading makes a third of
  the lines of a page of six.
* n-gram rules divide characters of covered words by characters of all words; white space and punctuation are in
  neither. A word in several overlapping n-grams counts once. ``top_<n>gram`` (n = 2, 3, 4) covers with the most
  frequent n-gram, if it occurs at least twice (a tie goes to the longest, then the earliest);
  ``duplicate_<n>gram`` (n = 5 … 10) with all n-grams that occur at least twice.
* In scripts written without spaces a "word" of ours is one character; real words have about two of them in Chinese
  and Japanese and about four in Thai and its neighbours. Where most words are such characters, an n-gram is
  therefore 2n or 4n of them: with n alone, 21 of 26 real Thai pages went.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from filters._checks import require_at_least, require_fraction
from filters.verdict import Reject, Scores
from text.document import Document, without_spans
from text.hashing import GOLDEN, hash64s
from text.segment import UNSPACED, lines, words

TABLE_A1 = {
    "duplicate_line_fraction": 0.30,
    "duplicate_paragraph_fraction": 0.30,
    "duplicate_line_characters": 0.20,
    "duplicate_paragraph_characters": 0.20,
    "top_2gram": 0.20,
    "top_3gram": 0.18,
    "top_4gram": 0.16,
    "duplicate_5gram": 0.15,
    "duplicate_6gram": 0.14,
    "duplicate_7gram": 0.13,
    "duplicate_8gram": 0.12,
    "duplicate_9gram": 0.11,
    "duplicate_10gram": 0.10,
}
"""Rae et al. 2021, table A1: a document goes when a ratio is **above** its number."""

_UNSPACED_WORD = re.compile(rf"[{UNSPACED}]")
_SOUTH_EAST_ASIAN_WORD = re.compile(r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer


class RepetitionFilter:
    """Rejects documents in which lines, paragraphs or n-grams repeat too much; see the module for the arithmetic.

    ``thresholds`` overrides numbers of :data:`TABLE_A1` by name; a rule set to 1.0 never fires. Documents of fewer
    than ``min_words`` words of prose are not judged: the shares of so few words are noise (50 is the shortest
    document that Gopher's quality rules admit, Rae et al. 2021, A.1). Scores are fractions with 4 decimals; the rules
    are tried in the order of the table. ``min_lines`` is ours.
    """

    name = "repetition"

    def __init__(
        self, min_words: int = 50, min_lines: int = 10, thresholds: Mapping[str, float] | None = None
    ) -> None:
        require_at_least("min_words", min_words, 1)
        require_at_least("min_lines", min_lines, 2)
        for rule, threshold in (thresholds or {}).items():
            if rule not in TABLE_A1:
                raise ValueError(f"thresholds names {rule!r}, which is no rule; the rules are {', '.join(TABLE_A1)}.")
            require_fraction(f"thresholds[{rule!r}]", threshold)
        self._min_words, self._min_lines = min_words, min_lines
        self._thresholds = {**TABLE_A1, **(thresholds or {})}

    def score(self, document: Document) -> Scores | None:
        """Each rule's ratio, or ``None`` for a document with too little prose."""
        prose = without_spans(document.text, document.spans, ("code", "math", "table"))
        tokens = words(prose)
        if len(tokens) < self._min_words:
            return None
        scores: dict[str, float] = {}
        for unit, segments in (("line", [line.strip() for line in lines(prose)]), ("paragraph", _paragraphs(prose))):
            if len(segments) >= self._min_lines:
                fraction, characters = _duplicate_shares(segments)
                scores |= {f"duplicate_{unit}_fraction": fraction, f"duplicate_{unit}_characters": characters}
        return scores | _ngram_shares(tokens)

    def decide(self, scores: Scores) -> Reject | None:
        """The first rule of table A1 whose ratio is above its threshold."""
        for rule, threshold in self._thresholds.items():
            if scores.get(rule, 0.0) > threshold:
                return Reject(rule, scores[rule])
        return None


def _paragraphs(text: str) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            paragraphs[-1].append(line.strip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return ["\n".join(paragraph) for paragraph in paragraphs if paragraph]


def _duplicate_shares(segments: list[str]) -> tuple[float, float]:
    """Duplicates among ``segments``: their share by number and by characters."""
    duplicates = [(segment, count) for segment, count in Counter(segments).items() if count > 1]
    number = sum(count for _, count in duplicates)
    characters = sum(count * len(segment) for segment, count in duplicates)
    return round(number / len(segments), 4), round(characters / sum(map(len, segments)), 4)


def _ngram_shares(tokens: list[str]) -> dict[str, float]:
    """The n-gram rules of table A1 on a document's words."""
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    total = int(lengths.sum())
    scale = _characters_a_word(tokens)
    shares = {}
    repeats = True
    for size, ngrams in _rolling_hashes(hash64s(tokens), 10 * scale):
        if size % scale or size < 2 * scale:
            continue
        n = size // scale
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        shares[name] = 0.0
        if not repeats:
            continue
        _, first, inverse, counts = np.unique(ngrams, return_index=True, return_inverse=True, return_counts=True)
        # Where no n-gram occurs twice, no longer one does: most documents are done long before n = 10.
        repeats = bool(counts.size) and int(counts.max()) > 1
        if repeats:
            counted = inverse == _most_frequent(counts, first, lengths, size) if n < 5 else counts[inverse] > 1
            shares[name] = round(_covered(np.flatnonzero(counted), size, lengths) / total, 4)
    return shares


def _characters_a_word(tokens: list[str]) -> int:
    """How many of our words make one real word: more than one only where most are characters of an unspaced script."""
    unspaced = [token for token in tokens if _UNSPACED_WORD.match(token)]
    if 2 * len(unspaced) <= len(tokens):
        return 1
    south_east_asian = sum(1 for token in unspaced if _SOUTH_EAST_ASIAN_WORD.match(token))
    return 4 if 2 * south_east_asian > len(unspaced) else 2


def _rolling_hashes(hashes: np.ndarray, largest: int) -> Iterator[tuple[int, np.ndarray]]:
    """For n = 1 … ``largest``: ``(n, uint64 hash of each n-gram)``, each from the one before in one vector step."""
    ngrams = hashes
    for n in range(1, largest + 1):
        yield n, ngrams
        tail = hashes[n:]
        ngrams = ngrams[: tail.size] * GOLDEN + tail  # wraps modulo 2^64, as it should


def _most_frequent(counts: np.ndarray, first: np.ndarray, lengths: np.ndarray, size: int) -> int:
    """Index of the n-gram with the highest count; a tie goes to the longest in characters, then the earliest."""
    tied = np.flatnonzero(counts == counts.max())
    ends = np.concatenate(([0], np.cumsum(lengths)))
    characters = ends[first[tied] + size] - ends[first[tied]]
    return int(tied[np.lexsort((first[tied], -characters))[0]])


def _covered(starts: np.ndarray, size: int, lengths: np.ndarray) -> int:
    """Characters of the words that n-grams of ``size`` words beginning at ``starts`` cover, each word once."""
    steps = np.zeros(lengths.size + 1, np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, starts + size, -1)
    return int(lengths[np.cumsum(steps[:-1]) > 0].sum())
