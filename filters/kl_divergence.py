"""KL divergence from the corpus: documents full of words that the corpus does not know.

Llama 3 uses "a token-distribution Kullback-Leibler divergence to filter out documents containing excessive numbers of
outlier tokens compared to the training corpus distribution" (arXiv 2407.21783, §3.1.1) and says no more. This is our
reading:

* Tokens are the words of :mod:`text.segment`, case-folded, hashed into 65,536 buckets; prose only, so that the code,
  formulas and tables of a page don't count as outliers.
* Q is the corpus of the document's own language, smoothed after Witten and Bell (1991): the chance of a word not seen
  before is taken from how often that happened, seen / (total + seen) where ``seen`` buckets of 65,536 have a count;
  this mass is spread evenly, so Q(bucket) = (count + seen / 65536) / (total + seen). The document's own words are
  taken out of the counts first: in a small corpus a page of outliers would else vouch for itself.
* ``KL(P || Q)`` in nats is taken over windows of exactly ``window`` words in a row and averaged over the document's
  windows; a rest at the end that fills no window is left out.

Why windows: over a whole document the number measures length. KL = cross-entropy - entropy(P), and the entropy of n
words is at most log n, so a short document of ordinary words lies above a long one. With n fixed, this bias is the
same for all. And it is known: words drawn at random from Q itself have an expected KL over n words, large where a language
has many forms (Finnish) and small where words are characters (Chinese). Subtracting it leaves the **excess**, which is
comparable between languages and near 0 for a text that is typical of its corpus. The score is this excess.

Where the default limit comes from: of 2,638 long enough pages of a mixed crawl of 1.9 million English and 1.1 million
other words, half lie within ±0.35 and 99 % below 2.2 nats; a sonnet has 1.0, a recipe 0.7, an abstract in chemistry
1.9. Over 2.5 were lists of parts, branch addresses and card names, listings of hashes, filler Latin and untagged code;
generated logs scored 3.5, base64 and hexadecimal dumps 5 and more, serial numbers 6. In between, from 2.0 to 2.5, lie
shop listings and staff directories.

Lists of parts and names stand in short lines. A medical note (2.7 to 3.1), a dense recipe or a page of abbreviations is as
far from the corpus and runs on: of 27 pages of that crawl above 2.5, all of them lists, two had ``long_line`` words a
line or nearly so. Text in long lines has a limit of its own, below that of generated logs and dumps.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from filters._checks import require_at_least
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
    the mean. Not judged: documents with fewer than ``window`` words of prose, and
    languages with fewer than ``min_documents`` documents or without statistics, where each document would be
    compared with little but itself.
    """

    name = "kl_divergence"

    def __init__(
        self,
        statistics: Mapping[str, TokenCounts],
        max_excess: float = 2.5,
        max_excess_long_lines: float = 3.3,
        long_line: float = 20,
        window: int = 100,
        min_documents: int = 100,
    ) -> None:
        require_at_least("max_excess", max_excess, 0)
        require_at_least("max_excess_long_lines", max_excess_long_lines, 0)
        require_at_least("long_line", long_line, 1)
        require_at_least("window", window, 10)
        require_at_least("min_documents", min_documents, 1)
        self._window = window
        above = Condition("excess", ">", max_excess, "max_excess")
        far_above = Condition("excess", ">", max_excess_long_lines, "max_excess_long_lines")
        self._rules = [
            Rule("outlier_tokens", (above, far_above)),
            Rule("outlier_tokens", (above, Condition("words_per_line", "<", long_line, "long_line"))),
        ]
        self._corpora = {
            language: _Corpus(table.counts, window)
            for language, table in sorted(statistics.items())
            if table.documents >= min_documents and table.counts.any()
        }

    def score(self, document: Document) -> Scores | None:
        """``kl`` (mean over windows, nats), ``excess`` over the language's expectation, and ``words_per_line``."""
        corpus = self._corpora.get(document.language)
        if corpus is None:
            return None
        prose = document.prose
        if len(prose.words) < self._window:
            return None
        kl = corpus.divergence(buckets(prose.folded_hashes))
        words_per_line = round(len(prose.words) / len(prose.lines), 4)
        return {"kl": round(kl, 4), "excess": round(kl - corpus.expected, 4), "words_per_line": words_per_line}

    def decide(self, scores: Scores) -> Reject | None:
        """``outlier_tokens`` when the excess is above the limit of such lines."""
        return first_rule(self._rules, {"words_per_line": 0.0, **scores})  # lines of unknown length are short

    def rules(self) -> list[Rule]:
        """One rule for excesses above both limits, whatever the lines, and one for those of short lines."""
        return self._rules


class _Corpus:
    """Q of one language, and the expected KL of a window drawn from it."""

    def __init__(self, counts: np.ndarray, window: int) -> None:
        self._counts, self._total, self._seen = counts, int(counts.sum()), int(np.count_nonzero(counts))
        q = (counts + self._seen / BUCKETS) / (self._total + self._seen)
        self._window = window
        # k log k for every count k that a window can hold, for entropies.
        k = np.arange(window + 1)
        self._k_log_k = _micronats(k * np.log(np.maximum(k, 1)))
        self.expected = _expected_divergence(q, window)

    def divergence(self, ids: np.ndarray) -> float:
        """Mean KL in nats over the windows of a document, given the buckets of its words."""
        n = self._window
        windows = ids.size // n
        surprise = self._surprise_without(ids)[: windows * n]
        ids = ids[: windows * n]
        # One key a (window, bucket), so that one sort counts all windows.
        keys = np.repeat(np.arange(windows, dtype=np.int64), n) * BUCKETS + ids
        _, counts = np.unique(keys, return_counts=True)
        # n KL = sum of c log(c/n) - sum of c log q, over the buckets of each window.
        total = int(self._k_log_k[counts].sum()) + int(surprise.sum())
        return total / (windows * n) / _UNITS_PER_NAT - float(np.log(n))

    def _surprise_without(self, ids: np.ndarray) -> np.ndarray:
        """``-log q`` in micronats of each word of a document, Q being the corpus without it."""
        counted = ids[:: counting_step(ids.size)]
        own = np.bincount(counted, minlength=BUCKETS)[ids]
        # Statistics of another corpus may lack the document; a count never falls below none.
        rest = np.maximum(self._counts[ids] - own, 0)
        q = (rest + self._seen / BUCKETS) / (max(self._total - counted.size, 0) + self._seen)
        return _micronats(-np.log(q))


def _expected_divergence(q: np.ndarray, n: int) -> float:
    """Expected ``KL(P || Q)`` in nats where P are n words drawn from Q: cross-entropy less expected entropy.

    Counts of a bucket are binomial, ``E[c log c]`` is summed exactly over c. Equal probabilities are handled once.
    """
    values, multiplicity = np.unique(q, return_counts=True)
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
