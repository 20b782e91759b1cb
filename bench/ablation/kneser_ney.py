"""An n-gram language model: interpolated, modified Kneser-Ney (Chen & Goodman 1999, sections 3 and 4.1).

Seedless, and trained on a million tokens in seconds, which makes it a judge of corpora that costs next to nothing. The
highest order counts what was seen; each lower one counts in how many different contexts; three discounts an order
are computed from the counts of counts. Below the unigrams lies the uniform distribution.

All of it is arrays: an n-gram is the number of its first n - 1 tokens in the table of that order, times the size of the
vocabulary, plus its last token; a table is the sorted array of those numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ORDER = 5


@dataclass(frozen=True)
class _Order:
    """All n-grams of one length. ``counts`` (grams,); of the contexts, which are the n-grams one shorter: ``totals``,
    the sum of counts behind each, and ``spare``, the discounted mass that goes to the next lower order."""

    grams: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    spare: np.ndarray
    discounts: np.ndarray


class KneserNey:
    """Trained on ``documents``, sequences of token ids below ``vocabulary``; each begins with nothing before it.

    Raises ``ValueError`` where there is no token at all.
    """

    def __init__(self, documents: Sequence[Sequence[int] | np.ndarray], vocabulary: int, order: int = ORDER):
        self.vocabulary, self.order = vocabulary, order
        tokens, predicted = self._joined(documents)
        if not predicted.any():
            raise ValueError("a language model needs at least one token to learn from")
        # at[n][i] is the number of the n-gram that ends at i; of length 0 there is one
        at = [np.zeros(len(tokens), np.int64)]
        tables: list[np.ndarray] = []
        firsts: list[np.ndarray] = []
        for _ in range(order):
            grams, first, found = np.unique(self._keys(at[-1], tokens), return_index=True, return_inverse=True)
            tables.append(grams)
            firsts.append(first)
            at.append(found.reshape(-1))
        self._orders: list[_Order] = []
        for length in range(1, order + 1):
            if length == order:
                counts = np.bincount(at[length][predicted], minlength=len(tables[-1]))
            else:
                # One for each different token before: each (n+1)-gram stands for one, wherever it was seen first.
                seen = firsts[length]
                seen = seen[predicted[seen]]
                counts = np.bincount(at[length][seen], minlength=len(tables[length - 1]))
            contexts = len(tables[length - 2]) if length > 1 else 1
            self._orders.append(_discounted(tables[length - 1], counts, vocabulary, contexts))

    def _joined(self, documents: Sequence[Sequence[int] | np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """All tokens in one array, before each document ``order - 1`` marks of its beginning; and which are predicted."""
        begin = np.full(self.order - 1, self.vocabulary, np.int64)
        parts = [np.asarray(part, np.int64) for document in documents for part in (begin, document)]
        tokens = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        return tokens, tokens < self.vocabulary

    def _keys(self, shorter: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """The numbers of n-grams, by those one shorter that end a token earlier. -1 where the shorter is unknown."""
        before = np.concatenate([[0], shorter[:-1]]) if len(shorter) else shorter
        return np.where(before < 0, -1, before * (self.vocabulary + 1) + tokens)

    def bits(self, documents: Sequence[Sequence[int] | np.ndarray]) -> np.ndarray:
        """(documents,) float64: the bits that each costs, the sum of -log2 p over its tokens."""
        tokens, predicted = self._joined(documents)
        if not len(tokens):
            return np.zeros(len(documents))
        probability = np.full(len(tokens), 1 / self.vocabulary)
        ends = np.zeros(len(tokens), np.int64)
        for held in self._orders:
            context = np.concatenate([[0], ends[:-1]])
            keys = self._keys(ends, tokens)
            place = np.searchsorted(held.grams, keys).clip(max=len(held.grams) - 1)
            ends = np.where(held.grams[place] == keys, place, -1)
            count = np.where(ends >= 0, held.counts[ends], 0)
            total = np.where(context >= 0, held.totals[context], 0)
            own = np.maximum(count - held.discounts[np.minimum(count, 3)], 0)
            # A context that was never followed by anything says nothing; the shorter one decides.
            probability = np.where(
                total > 0, (own + held.spare[context] * probability) / np.maximum(total, 1), probability
            )
        lengths = [len(document) + self.order - 1 for document in documents]
        costs = -np.log2(np.where(predicted, probability, 1.0))
        return np.add.reduceat(costs, np.cumsum([0, *lengths[:-1]]))

    def generate(self, count: int, length: int, seed: int) -> np.ndarray:
        """(count, length) int64: texts drawn from the model, each from its beginning.

        The model is a mixture: behind a context a token is one that was seen there, with what its discounted count has of the
        total, or one of the next shorter context.
        """
        rng = np.random.default_rng(seed)
        found = np.full((count, self.order - 1 + length), self.vocabulary, np.int64)
        for text in found:
            for at in range(self.order - 1, len(text)):
                text[at] = self._draw(text[at - self.order + 1 : at], rng)
        return found[:, self.order - 1 :]

    def _draw(self, before: np.ndarray, rng: np.random.Generator) -> int:
        """A token behind ``before``, (order - 1,)."""
        for length in range(self.order, 0, -1):
            context = 0
            for held, token in zip(self._orders, before[len(before) - length + 1 :], strict=False):
                key = context * (self.vocabulary + 1) + int(token)
                place = int(np.searchsorted(held.grams, key))
                context = place if place < len(held.grams) and held.grams[place] == key else -1
                if context < 0:
                    break
            held = self._orders[length - 1]
            if context < 0 or held.totals[context] <= 0:
                continue
            first, stop = np.searchsorted(
                held.grams, [context * (self.vocabulary + 1), (context + 1) * (self.vocabulary + 1)]
            )
            counts = held.counts[first:stop]
            own = np.maximum(counts - held.discounts[np.minimum(counts, 3)], 0)
            upto = np.cumsum(own)
            drawn = rng.random() * held.totals[context]
            if drawn < upto[-1]:
                return int(held.grams[first + np.searchsorted(upto, drawn, side="right")] % (self.vocabulary + 1))
        return int(rng.integers(self.vocabulary))


def _discounted(grams: np.ndarray, counts: np.ndarray, vocabulary: int, contexts: int) -> _Order:
    """The discounts of one order: Y = n1 / (n1 + 2 n2), D_k = k - (k + 1) Y n_(k+1) / n_k, for 1, 2 and more."""
    of_counts = np.bincount(np.minimum(counts, 5), minlength=5)[1:5].astype(float)
    discounts = np.zeros(4)
    if of_counts[0] and of_counts[1]:
        share = of_counts[0] / (of_counts[0] + 2 * of_counts[1])
        for k in (1, 2, 3):
            more = of_counts[k] / of_counts[k - 1] if of_counts[k - 1] else 0.0
            # Ours: at least a tenth, since of a tiny corpus the formula may leave nothing for what was not seen.
            discounts[k] = min(max(k - (k + 1) * share * more, 0.1), float(k))
    else:
        discounts[1:] = 0.5  # ours: so few counts that the formula has no value
    context = grams // (vocabulary + 1)
    totals = np.bincount(context, counts, minlength=contexts)
    spare = np.bincount(context, discounts[np.minimum(counts, 3)], minlength=contexts)
    return _Order(grams, counts, totals, spare, discounts)
