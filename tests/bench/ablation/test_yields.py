"""How many tokens, and so pages, the same score takes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.ablation.samples import Encoded, tokens_of
from bench.ablation.yields import per_thousand_pages, tokens_for

DOCUMENTS = [Encoded(f"{number:x}", np.zeros(16, np.int32)) for number in range(64)]  # 1,024 tokens


def _scored(documents) -> float:
    """A tenth less for each doubling."""
    return 4 - 0.1 * math.log2(tokens_of(documents))


@pytest.mark.parametrize("tokens", [700, 512, 300, 20])
def test_the_tokens_for_a_score_are_found_between_halvings(tokens: int) -> None:
    assert tokens_for(4 - 0.1 * math.log2(tokens), _scored(DOCUMENTS), DOCUMENTS, _scored) == pytest.approx(
        tokens, rel=0.01
    )


def test_a_corpus_that_never_gets_there_says_so() -> None:
    assert tokens_for(2.9, _scored(DOCUMENTS), DOCUMENTS, _scored) is None


def test_all_of_it_is_needed_where_all_of_it_has_just_that_score() -> None:
    assert tokens_for(_scored(DOCUMENTS), _scored(DOCUMENTS), DOCUMENTS, _scored) == pytest.approx(1024)


def test_tokens_by_thousand_pages() -> None:
    assert per_thousand_pages(500, 250) == 2000
    assert math.isnan(per_thousand_pages(None, 250))
