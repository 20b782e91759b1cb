"""Documents that mostly repeat themselves: Gopher's ratios, read so that they separate.

Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", arXiv 2112.11446,
appendix A.1 and table A1. Llama 3 uses the duplicated n-gram coverage ratio of that paper against content that
repeats itself, such as logging or error messages (arXiv 2407.21783, §3.1.1).

The paper leaves the arithmetic open; what five public code bases make of it is in
:mod:`filters.peers.gopher_repetition`. With its thresholds each of them rejects many good pages, and those that come
closest to its words most (docs/filters.md has the figures). The reading here was chosen by what it separates: texts
that people marked as a page's content from logs, error dumps, templates and stuffed keywords.

* Only prose is looked at: code, formulas and tables repeat by nature, and their spans are left out.
* A line or a word is what :mod:`text.segment` says; a paragraph is a run of lines between blank lines. Lines are
  compared without the white space around them, words without case.
* **Only later copies count.** What a page says for the first time is content, and a lede or a title that it prints
  twice makes no more of it repetition than that copy.
* **All words with a digit in them are one word**, so that a log's lines are not new by their times and numbers.
* ``duplicate_line_fraction`` and ``duplicate_paragraph_fraction`` are later copies / all, by number.
  ``duplicate_line_characters`` and ``duplicate_paragraph_characters`` are the same by their characters. With fewer
  than ``min_lines`` lines (paragraphs) they are not measured: of so few one copy is a large share.
* n-gram rules divide characters of covered words by characters of all words; white space and punctuation are in
  neither. A word in several overlapping n-grams counts once. ``top_<n>gram`` (n = 2, 3, 4) covers with the later
  copies of the most frequent n-gram (a tie goes to the longest, then the earliest); ``duplicate_<n>gram``
  (n = 5 … 10) with those of all n-grams.
* In scripts written without spaces a "word" of ours is one character; real words have about two of them in Chinese
  and Japanese and about four in Thai and its neighbours. Where most words are such characters, an n-gram is
  therefore 2n or 4n of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from filters._checks import require_at_least, require_fraction
from filters.ngram_kernels import characters_of_later_copies
from filters.rules import Rule, each_above, first_rule
from filters.verdict import Reject, Scores
from text.document import Document
from text.hashing import hash64
from text.view import TextView

THRESHOLDS = {
    "duplicate_line_fraction": 1.0,
    "duplicate_paragraph_fraction": 1.0,
    "duplicate_line_characters": 1.0,
    "duplicate_paragraph_characters": 1.0,
    "top_2gram": 1.0,
    "top_3gram": 1.0,
    "top_4gram": 1.0,
    "duplicate_5gram": 0.5,
    "duplicate_6gram": 1.0,
    "duplicate_7gram": 1.0,
    "duplicate_8gram": 1.0,
    "duplicate_9gram": 1.0,
    "duplicate_10gram": 1.0,
}
"""A document goes when a ratio is **above** its number; 1.0 never is. Ours: with half of a text said before, in runs of
five words, every planted junk page but the shortest goes, and no second rule that was tried finds more of them without
losing more good pages."""

_TOPS, _LONGEST = 4, 10
NUMBER = np.uint64(hash64("a word with a digit"))


class RepetitionFilter:
    """Rejects documents in which lines, paragraphs or n-grams repeat too much; see the module for the arithmetic.

    ``thresholds`` overrides numbers of :data:`THRESHOLDS` by name; a rule set to 1.0 never fires. Documents of fewer
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
        self._min_words, self._min_lines = min_words, min_lines
        self._rules = each_above(overridden(THRESHOLDS, thresholds))

    def score(self, document: Document) -> Scores | None:
        """Each rule's ratio, or ``None`` for a document with too little prose."""
        prose = document.prose
        if prose.word_count < self._min_words:
            return None
        scores: dict[str, float] = {}
        for unit, segments in (("line", [line.strip() for line in prose.lines]), ("paragraph", _paragraphs(prose))):
            if len(segments) >= self._min_lines:
                fraction, characters = _later_copies(segments)
                scores |= {f"duplicate_{unit}_fraction": fraction, f"duplicate_{unit}_characters": characters}
        return scores | _ngram_shares(prose)

    def decide(self, scores: Scores) -> Reject | None:
        """The first rule whose ratio is above its threshold."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """A rule a ratio, in the order of the table."""
        return self._rules


def overridden(table: Mapping[str, float], thresholds: Mapping[str, float] | None) -> dict[str, float]:
    """``table`` with the numbers of ``thresholds``; ``ValueError`` for a rule or a number that makes no sense."""
    for rule, threshold in (thresholds or {}).items():
        if rule not in table:
            raise ValueError(f"thresholds names {rule!r}, which is no rule; the rules are {', '.join(table)}.")
        require_fraction(f"thresholds[{rule!r}]", threshold)
    return {**table, **(thresholds or {})}


def without_numbers(view: TextView) -> np.ndarray:
    """Hashes of the words without case, all words with a digit being one: ``uint64``."""
    return np.where(view.has_digit, NUMBER, view.folded_hashes)


def _paragraphs(view: TextView) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for row in view.rows:
        if line := row.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return ["\n".join(paragraph) for paragraph in paragraphs if paragraph]


def _later_copies(segments: list[str]) -> tuple[float, float]:
    """Later copies among ``segments``: their share by number and by characters."""
    copies = [(segment, count - 1) for segment, count in Counter(segments).items() if count > 1]
    number = sum(count for _, count in copies)
    characters = sum(count * len(segment) for segment, count in copies)
    return round(number / len(segments), 4), round(characters / sum(map(len, segments)), 4)


def _ngram_shares(view: TextView) -> dict[str, float]:
    """The n-gram rules on a document's words."""
    ends = np.concatenate(([0], np.cumsum(view.lengths)))  # characters before each word
    total = int(ends[-1])
    found = characters_of_later_copies(without_numbers(view), ends, view.characters_a_word, _TOPS, _LONGEST).tolist()
    return {
        f"top_{n}gram" if n <= _TOPS else f"duplicate_{n}gram": round(found[n] / total, 4)
        for n in range(2, _LONGEST + 1)
    }
