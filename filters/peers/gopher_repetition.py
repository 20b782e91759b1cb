"""Gopher's repetition rules as others read them.

Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", arXiv 2112.11446,
appendix A.1 and table A1, which gives thresholds and leaves the arithmetic open. A reading says what a word is, what a
copy, and what the denominator:

``paper``
    Ours, as near to the paper's words as we can: words of :mod:`text.segment`; every copy of what occurs more than once
    counts, the first one too; a word in several n-grams counts once; characters of words in all of numerator and
    denominator. Lines and paragraphs without white space around them, blank ones left out.
``datatrove``
    Words are spaCy's, punctuation included. Second and later copies count, over the characters of the whole text; behind
    a repeated n-gram as many words are passed over. n-grams of 5 and more are compared without spaces between words. The
    most frequent n-gram counts with its spaces, whether or not it repeats; of equally frequent ones the first.
``dclm``
    Words by Unicode's boundaries, no punctuation. Every copy counts, each word once, over the words' characters; the most
    frequent n-gram counts as often as it occurs, overlapping or not; of equally frequent ones the longest. A page of one
    line (paragraph) has no duplicates.
``dolma``, ``dolma_v2``
    Words between white space. Every copy counts; duplicated n-grams are weighed with all their characters, overlapping
    ones again and again, over the characters of all n-grams. The most frequent n-gram counts whether or not it
    repeats. No rules on paragraphs. ``dolma`` takes blank lines for duplicates of each other, ``dolma_v2`` does not.
    Dolma's published recipes reject from .30 on for the characters of duplicate lines, and name the rules on the most
    frequent n-grams so that they never fire; here they do.
``redpajama``
    Words in lower case without punctuation, between white space. n-grams as ``dclm``, but of equally frequent ones the
    first. No rules on lines and paragraphs. RedPajama publishes the ratios and rejects nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from filters.ngrams import Repeats, covered, most_frequent, repeats
from filters.peers.words import normalised_words, spacy_words, unicode_words
from filters.repetition import overridden
from filters.rules import Rule, each_above, first_rule
from filters.verdict import Reject, Scores
from text.document import Document
from text.hashing import hash64s

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

_LINE_FEEDS, _BLANK_LINES = re.compile(r"\n+"), re.compile(r"\n{2,}")


class GopherRepetitionFilter:
    """Rejects documents by table A1 in one of the readings above.

    ``thresholds`` overrides numbers of :data:`TABLE_A1` by name. The rules are tried in the order in which the reading's
    authors try them. Scores are ratios, not rounded; some readings can exceed 1. A document without words is not judged.
    """

    name = "gopher_repetition"

    def __init__(self, reading: str = "paper", thresholds: Mapping[str, float] | None = None) -> None:
        if reading not in _READINGS:
            raise ValueError(f"reading is {reading!r}; there are {', '.join(_READINGS)}.")
        table = {**TABLE_A1, "duplicate_line_characters": 0.30} if reading.startswith("dolma") else TABLE_A1
        limits = overridden(table, thresholds)
        order = _DATATROVE_ORDER if reading == "datatrove" else tuple(TABLE_A1)
        self._rules = each_above({rule: limits[rule] for rule in order})
        self._score = _READINGS[reading]

    def score(self, document: Document) -> Scores | None:
        """Each rule's ratio."""
        return self._score(document) if document.view.word_count else None

    def decide(self, scores: Scores) -> Reject | None:
        """The first rule whose ratio is above its threshold."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """A rule a ratio, in the order of the reading."""
        return self._rules


_DATATROVE_ORDER = (
    "duplicate_paragraph_fraction", "duplicate_paragraph_characters", "duplicate_line_fraction",
    "duplicate_line_characters", *list(TABLE_A1)[4:],
)  # fmt: skip


def _paper(document: Document) -> dict[str, float]:
    view = document.view
    lines = [line.strip() for line in view.lines]
    paragraphs = [part for part in re.split(r"\n\s*\n", "\n".join(row.strip() for row in view.rows)) if part.strip()]
    total = int(view.lengths.sum())
    scores = _all_copies("line", lines, sum(map(len, lines)))
    scores |= _all_copies("paragraph", paragraphs, sum(map(len, paragraphs)))
    for found in _found(view.hashes):
        starts = most_frequent(found, view.lengths) if found.n < 5 else found.starts
        scores[_rule(found.n)] = int(view.lengths[covered(starts, found.n, view.lengths.size)].sum()) / total
    return scores


def _datatrove(document: Document) -> dict[str, float]:
    text = document.text
    scores: dict[str, float] = {}
    for unit, segments in (("paragraph", _BLANK_LINES.split(text.strip())), ("line", _LINE_FEEDS.split(text))):
        copies = [(segment, count - 1) for segment, count in Counter(segments).items() if count > 1]
        scores[f"duplicate_{unit}_fraction"] = sum(count for _, count in copies) / len(segments)
        scores[f"duplicate_{unit}_characters"] = sum(count * len(segment) for segment, count in copies) / len(text)
    words = spacy_words(text)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    for found in repeats(hash64s(list(words)), 4):
        if len(words) >= found.n:
            count, start = _top(found, lengths, longest=False)
            spaces = found.n - 1
            scores[_rule(found.n)] = count * (int(lengths[start : start + found.n].sum()) + spaces) / len(text)
    joined, ends = "".join(words), np.concatenate(([0], np.cumsum(lengths))).tolist()
    for n in range(5, 11):
        scores[_rule(n)] = _passed_over(joined, ends, n) / len(text)
    return scores


def _passed_over(joined: str, ends: list[int], n: int) -> int:
    """Characters of n-grams that were there before, going on behind each that was. Word ``i`` begins at ``ends[i]``."""
    seen: set[str] = set()
    characters = place = 0
    while place + n < len(ends):
        ngram = joined[ends[place] : ends[place + n]]
        if ngram in seen:
            characters += len(ngram)
            place += n
        else:
            seen.add(ngram)
            place += 1
    return characters


def _dclm(document: Document) -> dict[str, float]:
    scores: dict[str, float] = {}
    for unit, end in (("line", "\n"), ("paragraph", "\n\n")):
        segments = [stripped for part in document.text.split(end) if (stripped := part.strip())]
        if len(segments) > 1:
            scores |= _all_copies(unit, segments, sum(map(len, segments)))
    return scores | _copies_over_words(unicode_words(document.text), longest=True)


def _redpajama(document: Document) -> dict[str, float]:
    return _copies_over_words(normalised_words(document.text), longest=False)


def _dolma(document: Document, blank_lines: bool = True) -> dict[str, float]:
    words = document.text.split()
    characters = sum(map(len, words))
    lines = document.view.rows if blank_lines else _LINE_FEEDS.split(document.text)
    scores = _all_copies("line", lines, characters)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    ends = np.concatenate(([0], np.cumsum(lengths)))
    for found in _found(hash64s(words)):
        if len(words) < found.n:
            continue
        of_each = ends[found.n :] - ends[: -found.n]
        if found.n < 5:
            count, start = _top(found, lengths, longest=False)
            scores[_rule(found.n)] = count * int(of_each[start]) / characters
        else:
            scores[_rule(found.n)] = int(of_each[found.starts].sum()) / max(int(of_each.sum()), 1)
    return scores


def _copies_over_words(words: list[str], longest: bool) -> dict[str, float]:
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    total = max(int(lengths.sum()), 1)
    scores = {}
    for found in _found(hash64s(words)):
        if found.n >= 5:
            scores[_rule(found.n)] = int(lengths[covered(found.starts, found.n, lengths.size)].sum()) / total
        elif found.counts.size:
            count, start = _top(found, lengths, longest)
            scores[_rule(found.n)] = count * int(lengths[start : start + found.n].sum()) / total
    return scores


def _top(found: Repeats, lengths: np.ndarray, longest: bool) -> tuple[int, int]:
    """How often the most frequent n-gram occurs, and where first. Where none repeats, it is the text's first."""
    if not found.counts.size:
        return 1, 0
    if longest:
        starts = most_frequent(found, lengths)
        return starts.size, int(starts[0])
    firsts, groups = found.starts[found.first], found.group[found.first]
    best = np.lexsort((firsts, -found.counts[groups]))[0]
    return int(found.counts[groups[best]]), int(firsts[best])


def _found(hashes: np.ndarray) -> list[Repeats]:
    return list(repeats(hashes, 10))


def _all_copies(unit: str, segments: Sequence[str], characters: int) -> dict[str, float]:
    """Copies of what occurs more than once: their share by number, and their characters over so many."""
    copies = [(segment, count) for segment, count in Counter(segments).items() if count > 1]
    return {
        f"duplicate_{unit}_fraction": sum(count for _, count in copies) / max(len(segments), 1),
        f"duplicate_{unit}_characters": sum(count * len(segment) for segment, count in copies) / max(characters, 1),
    }


def _rule(n: int) -> str:
    return f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"


_READINGS: dict[str, Callable[[Document], dict[str, float]]] = {
    "paper": _paper,
    "datatrove": _datatrove,
    "dclm": _dclm,
    "dolma": _dolma,
    "dolma_v2": lambda document: _dolma(document, blank_lines=False),
    "redpajama": _redpajama,
}
