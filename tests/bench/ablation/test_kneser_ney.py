"""The 5-gram judge: a distribution, the formulas of its source, and what it must find easier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.ablation.kneser_ney import KneserNey

VOCABULARY = 5
documents = st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=12), min_size=1, max_size=12)


def _next(model: KneserNey, context: list[int]) -> np.ndarray:
    """The probability of each token behind a context that begins a document."""
    before = model.bits([context])[0] if context else 0.0
    costs = model.bits([[*context, token] for token in range(VOCABULARY)])
    return 2.0 ** (before - costs)


@given(documents, st.lists(st.integers(0, VOCABULARY - 1), max_size=5), st.integers(2, 5))
def test_the_next_token_has_probability_one_in_all(texts: list[list[int]], context: list[int], order: int) -> None:
    if not any(texts):
        texts = [[0]]
    assert _next(KneserNey(texts, VOCABULARY, order), context).sum() == pytest.approx(1)


@given(documents, st.randoms())
def test_the_order_of_documents_does_not_matter(texts: list[list[int]], random) -> None:
    if not any(texts):
        texts = [[0]]
    shuffled = random.sample(texts, len(texts))
    judged = [[0, 1, 2, 3], [4, 4]]
    assert KneserNey(texts, VOCABULARY).bits(judged) == pytest.approx(KneserNey(shuffled, VOCABULARY).bits(judged))


def test_a_token_counts_by_the_contexts_that_it_was_seen_in() -> None:
    """The "Francisco" of Kneser & Ney 1995: often seen, always behind the same token; 1 is rarer, behind several."""
    model = KneserNey([[3, 2]] * 20 + [[first, 1] for first in range(4, 12)], 12, order=2)
    one, two = model.bits([[1, 1], [1, 2]])  # nothing was ever seen behind 1
    assert one < two


def test_discounts_are_those_of_the_formula() -> None:
    """Bigrams of one document a b a b a c: the highest order by hand, n1 = 2 (begin-a, a-c), n2 = 2 (a-b, b-a)."""
    model = KneserNey([[0, 1, 0, 1, 0, 2]], 3, order=2)
    share = 2 / (2 + 2 * 2)
    d1, d2 = 1 - 2 * share * 2 / 2, 2.0  # no count of 3
    # Unigrams by their contexts: a behind begin and b, b behind a, c behind a: counts 2, 1, 1, so n1 = 2 and n2 = 1.
    below = 2 / (2 + 2 * 1)
    u1, u2 = 1 - 2 * below * 1 / 2, 2.0
    unigrams = np.array([2 - u2, 1 - u1, 1 - u1]) / 4 + (u2 + 2 * u1) / 4 / 3
    behind_a = np.array([0, 2 - d2, 1 - d1]) / 3 + (d2 + d1) / 3 * unigrams
    costs = model.bits([[0, token] for token in range(3)]) - model.bits([[0]])
    assert 2.0**-costs == pytest.approx(behind_a)


def test_text_like_the_training_text_costs_less() -> None:
    rng = np.random.default_rng(0)
    seen = [np.cumsum(rng.integers(0, 2, 40)) % VOCABULARY for _ in range(200)]
    model = KneserNey(seen, VOCABULARY)
    alike, other = np.cumsum(rng.integers(0, 2, 40)) % VOCABULARY, rng.integers(0, VOCABULARY, 40)
    costs = model.bits([alike, other])
    assert costs[0] < 0.6 * costs[1]


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ValueError, match="at least one token"):
        KneserNey([[], []], VOCABULARY)


def test_texts_are_drawn_with_the_probabilities_that_bits_say() -> None:
    model = KneserNey([[0, 1, 2, 0, 1, 3], [0, 2, 2, 1], [1, 0, 1, 2]], VOCABULARY, order=3)
    count = 20_000
    drawn = model.generate(count, 2, seed=3)
    assert drawn.shape == (count, 2) and (model.generate(count, 2, seed=3) == drawn).all()
    pairs = [[first, second] for first in range(VOCABULARY) for second in range(VOCABULARY)]
    expected = 2.0 ** -model.bits(pairs)
    found = np.bincount(drawn[:, 0] * VOCABULARY + drawn[:, 1], minlength=len(pairs)) / count
    assert expected.sum() == pytest.approx(1)
    assert np.abs(found - expected).max() < 5 * np.sqrt(0.25 / count)
