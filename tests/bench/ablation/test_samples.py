"""As many tokens of each corpus."""

from __future__ import annotations

import numpy as np
import pytest

from bench.ablation.corpora import Text
from bench.ablation.samples import Encoded, draw, tokens_of, union

CORPUS = [Encoded(f"{number:02d}", np.full(number, number, np.int32)) for number in range(1, 30)]


def test_a_sample_has_as_many_tokens_as_asked_for_and_whole_documents() -> None:
    sample = draw(CORPUS, 100, seed=0)
    assert tokens_of(sample) == 100
    assert all(len(document.tokens) == int(document.id) for document in sample[:-1])
    assert len({document.id for document in sample}) == len(sample)


def test_a_sample_follows_from_its_seed_and_the_ids_alone() -> None:
    names = [document.id for document in draw(CORPUS, 100, seed=1)]
    assert names == [document.id for document in draw(CORPUS[::-1], 100, seed=1)]
    assert names != [document.id for document in draw(CORPUS, 100, seed=2)]


def test_a_corpus_too_small_is_read_again() -> None:
    whole = tokens_of(CORPUS)
    sample = draw(CORPUS, 2 * whole + 5, seed=0)
    assert tokens_of(sample) == 2 * whole + 5
    assert len({document.id for document in sample}) == len(sample)  # a shard takes no id twice
    with pytest.raises(ValueError, match="without a token"):
        draw([], 5, seed=0)


def test_the_union_has_each_text_once_in_one_order() -> None:
    a, b = Text("1", "u", "one"), Text("2", "u", "two")
    assert sorted(union([[a, b], [b]])) == ["one", "two"]
    assert union([[a, b], [b]]) == union([[b], [b, a]])
