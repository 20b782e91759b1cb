"""KL divergence from the corpus: documents full of words that the corpus does not know.

Llama 3 uses "a token-distribution Kullback-Leibler divergence to filter out documents containing excessive numbers of
outlier tokens compared to the training corpus distribution" (arXiv 2407.21783, §3.1.1) and says no more. This is our
reading:

* Tokens are the words of :mod:`text.segment`, case-folded, hashed into 65,536 buckets; prose only, so that the code,
  formulas and tables of a page don't count as outliers.
* Q is the corpus of the document's own language and a million words of that language at large
  (:mod:`filters.background`), which matter where the corpus is small, and alone where it has none; smoothed after Witten and Bell (1991): the chance of a word not seen
  before is taken from how often that happened, seen / (total + seen) where ``seen`` buckets of 65,536 have a count;
  this mass is spread evenly, so Q(bucket) = (count + seen / 65536) / (total + seen). The document's own words are
  taken out of the counts first: in a small corpus a page of outliers would else vouch for itself.
* ``KL(P || Q)`` in nats is taken over windows of exactly ``window`` words in a row and averaged over the document's
  windows; a rest at the end that fills no window is left out. A document of fewer words is one window of its own
  length, if it has ``min_words``.

Why windows: over a whole document the number measures length. KL = cross-entropy - entropy(P), and the entropy of n
words is at most log n, so a short document of ordinary words lies above a long one. With n fixed, this bias is the
same for all. And it is known: words drawn at random from Q itself have an expected KL over n words, large where a language
has many forms (Finnish) and small where words are characters (Chinese). Subtracting it leaves the **excess**, which is
comparable between languages and near 0 for a text that is typical of its corpus. The score is this excess.

Where the limits come from (docs/filters.md has the figures): half of the pages of a mixed crawl lie within ±0.35 and 99 %
below 2.2 nats. Over 2.5 are menus, lists of cards, brands and offices, in lines of fewer than four words. A medical note,
a recipe, a score card, a knitting pattern or a game of chess is as far from the corpus, 2.3 to 3.9, in longer lines, and
so are few pages of a crawl; filler Latin, base64, lists of hashes, serial numbers and random letters come to 4.3 and
more. Logs and hexadecimal dumps lie between; the former are found by what they repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from filters._checks import require_at_least
from filters.background import background_counts, background_languages
from filters.count_kernels import own_counts, sum_over_windows
from filters.rules import Condition, Rule, first_rule
from filters.token_counts import BUCKETS, TokenCounts, buckets, counting_step
from filters.verdict import Reject, Scores
from text.document import Document

# Logarithms are rounded to whole micronats and then added as integers: the sum is the same in any order.
_UNITS_PER_NAT = 1_000_000


class KLDivergenceFilter:
    """Rejects documents whose words diverge too far from the corpus of their language.

    ``statistics`` has the corpus' :class:`TokenCounts` by language. A document goes (reason ``outlier_tokens``) when
    its excess is above ``max_excess`` nats, or ``max_excess_long_lines`` where its lines have ``long_line`` words in
    the mean. Not judged: documents with fewer than ``min_words`` words of prose, and languages without a background
    (or all, where ``background`` is false) that have fewer than ``min_documents`` documents: each would be compared
    with little but itself.
    """

    name = "kl_divergence"

    def __init__(
        self,
        statistics: Mapping[str, TokenCounts],
        max_excess: float = 2.5,
        max_excess_long_lines: float = 4.0,
        long_line: float = 4,
        window: int = 100,
        min_words: int = 50,
        min_documents: int = 100,
        background: bool = True,
    ) -> None:
        require_at_least("max_excess", max_excess, 0)
        require_at_least("max_excess_long_lines", max_excess_long_lines, 0)
        require_at_least("long_line", long_line, 1)
        require_at_least("window", window, 10)
        require_at_least("min_words", min_words, 10)
        require_at_least("min_documents", min_documents, 1)
        self._window, self._min_words = window, min(min_words, window)
        above = Condition("excess", ">", max_excess, "max_excess")
        far_above = Condition("excess", ">", max_excess_long_lines, "max_excess_long_lines")
        self._rules = [
            Rule("outlier_tokens", (above, far_above)),
            Rule("outlier_tokens", (above, Condition("words_per_line", "<", long_line, "long_line"))),
        ]
        self._statistics, self._min_documents, self._background = dict(statistics), min_documents, background
        self._corpora: dict[str, _Corpus | None] = {}

    def _corpus(self, language: str) -> _Corpus | None:
        """Q of ``language``, made when a document of it comes first; ``None`` where too little is known."""
        if language not in self._corpora:
            self._corpora[language] = self._make_corpus(language)
        return self._corpora[language]

    def _make_corpus(self, language: str) -> _Corpus | None:
        table = self._statistics.get(language, TokenCounts())
        if self._background and language in background_languages():
            return _Corpus(table.counts, background_counts(language))
        if table.documents < self._min_documents or not table.counts.any():
            return None
        return _Corpus(table.counts, np.zeros(BUCKETS, np.int64))

    def score(self, document: Document) -> Scores | None:
        """``kl`` (mean over windows, nats), ``excess`` over the language's expectation, and ``words_per_line``."""
        prose = document.prose
        if prose.word_count < self._min_words:
            return None
        corpus = self._corpus(document.language)
        if corpus is None:
            return None
        window = min(self._window, prose.word_count)
        kl = corpus.divergence(buckets(prose.folded_hashes), window)
        words_per_line = round(prose.word_count / len(prose.lines), 4)
        return {"kl": round(kl, 4), "excess": round(kl - corpus.expected(window), 4), "words_per_line": words_per_line}

    def decide(self, scores: Scores) -> Reject | None:
        """``outlier_tokens`` when the excess is above the limit of such lines."""
        return first_rule(self._rules, {"words_per_line": 0.0, **scores})  # lines of unknown length are short

    def rules(self) -> list[Rule]:
        """One rule for excesses above both limits, whatever the lines, and one for those of short lines."""
        return self._rules


_SCRATCH = np.zeros(BUCKETS, np.int32)
"""For kernels, which keep Python's lock: no two threads use it at once."""


class _Corpus:
    """Q of one language, and the expected KL of windows drawn from it.

    ``counts`` are the corpus', which hold the documents that are judged; ``background`` holds none of them.
    """

    def __init__(self, counts: np.ndarray, background: np.ndarray) -> None:
        both = counts + background
        self._counts, self._background = counts, background
        self._total, self._background_total = int(counts.sum()), int(background.sum())
        self._seen = int(np.count_nonzero(both))
        q = (both + self._seen / BUCKETS) / (self._total + self._background_total + self._seen)
        self._distinct = np.unique(q, return_counts=True)
        self._expected: dict[int, float] = {}

    def expected(self, window: int) -> float:
        """Expected KL in nats of so many words drawn from Q."""
        if window not in self._expected:
            self._expected[window] = _expected_divergence(*self._distinct, window)
        return self._expected[window]

    def divergence(self, ids: np.ndarray, window: int) -> float:
        """Mean KL in nats over the windows of a document, given the buckets of its words."""
        n = window
        windows = ids.size // n
        surprise = self._surprise_without(ids)[: windows * n]
        ids = ids[: windows * n]
        # n KL = sum of c log(c/n) - sum of c log q, over the buckets of each window.
        total = sum_over_windows(ids, n, _k_log_k(n), _SCRATCH) + int(surprise.sum())
        return total / (windows * n) / _UNITS_PER_NAT - float(np.log(n))

    def _surprise_without(self, ids: np.ndarray) -> np.ndarray:
        """``-log q`` in micronats of each word of a document, Q being the corpus without it."""
        step, own = counting_step(ids.size), np.empty_like(ids)
        own_counts(ids, step, _SCRATCH, own)
        # Statistics of another corpus may lack the document; a count never falls below none.
        rest = np.maximum(self._counts[ids] - own, 0) + self._background[ids]
        total = max(self._total - len(ids[::step]), 0) + self._background_total
        return _micronats(-np.log((rest + self._seen / BUCKETS) / (total + self._seen)))


@lru_cache(maxsize=128)
def _k_log_k(window: int) -> np.ndarray:
    """``k log k`` in micronats for every count k that a window can hold, for entropies."""
    k = np.arange(window + 1)
    return _micronats(k * np.log(np.maximum(k, 1)))


def _expected_divergence(values: np.ndarray, multiplicity: np.ndarray, n: int) -> float:
    """Expected ``KL(P || Q)`` in nats where P are n words drawn from Q: cross-entropy less expected entropy. Q has each of
    ``values`` so often as ``multiplicity`` says.

    Counts of a bucket are binomial, ``E[c log c]`` is summed exactly over c.
    """
    odds = values / (1 - values)
    probability = (1 - values) ** n
    c_log_c = np.zeros_like(values)
    for c in range(1, n + 1):
        probability = probability * odds * ((n - c + 1) / c)
        c_log_c += probability * (c * np.log(c))
    entropy = float(np.log(n)) - float((multiplicity * c_log_c).sum()) / n
    return float(-(multiplicity * values * np.log(values)).sum()) - entropy


def _micronats(nats: np.ndarray) -> np.ndarray:
    return np.rint(nats * _UNITS_PER_NAT).astype(np.int64)
