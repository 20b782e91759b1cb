from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch.testing import assert_close

from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.model.generate import generate_ids
from trainer.model.llama import Llama

CONFIG = ModelConfig(
    dim=32, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8,
    rope_scaling=RopeScaling(factor=8, original_length=16),
)  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Llama:
    model = Llama(CONFIG)
    generator = torch.Generator().manual_seed(0)
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return model


@torch.no_grad()
def test_logits_with_a_cache_equal_those_without(model):
    tokens = torch.randint(50, (3, 30), generator=torch.Generator().manual_seed(1))
    whole = model.logits(tokens, torch.arange(30).expand(3, -1))
    caches = model.make_caches(3, 30)
    assert_close(model.next_logits(tokens[:, :20], caches), whole[:, 19], atol=1e-5, rtol=0)
    for place in range(20, 30):
        assert_close(model.next_logits(tokens[:, place : place + 1], caches), whole[:, place], atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="one by one"):
        model.next_logits(tokens[:, :2], caches)


@torch.no_grad()
def test_greedy_writing_is_the_likeliest_each_time_and_stops(model):
    text = [1, 2, 3]
    for _ in range(10):
        text.append(int(model.logits(torch.tensor([text]), torch.arange(len(text))[None])[0, -1].argmax()))
    assert list(generate_ids(model, [1, 2, 3], 10, frozenset())) == text[3:]
    first = text[3:].index(text[8])
    assert list(generate_ids(model, [1, 2, 3], 10, frozenset({text[8]}))) == text[3 : 3 + first]


def test_drawing_follows_the_seed_and_the_probabilities(model):
    assert list(generate_ids(model, [1], 9, frozenset(), 1.0, 1.0, seed=3)) == list(
        generate_ids(model, [1], 9, frozenset(), 1.0, 1.0, seed=3)
    )
    probabilities = model.logits(torch.tensor([[1]]), torch.zeros(1, 1, dtype=torch.int64))[0, -1].softmax(-1)
    drawn = Counter(next(generate_ids(model, [1], 1, frozenset(), 1.0, 1.0, seed)) for seed in range(300))
    likeliest = int(probabilities.argmax())
    assert drawn[likeliest] / 300 == pytest.approx(probabilities[likeliest].item(), abs=0.1)
    assert len(drawn) > 3
    # Of the likeliest tokens as many as are needed for a tenth of the probability: here, one.
    assert probabilities.max() > 0.1
    assert {next(generate_ids(model, [1], 1, frozenset(), 1.0, 0.1, seed)) for seed in range(50)} == {likeliest}


def test_what_nobody_names_is_the_likeliest_each_time_and_drawing_from_all_of_them_by_seed_0(model):
    assert list(generate_ids(model, [1], 6, frozenset())) == list(
        generate_ids(model, [1], 6, frozenset(), 0.0, 1.0, seed=5)
    )
    drawn = list(generate_ids(model, [1], 40, frozenset(), 3.0))
    assert drawn == list(generate_ids(model, [1], 40, frozenset(), 3.0, 1.0, seed=0))
    assert drawn != list(generate_ids(model, [1], 40, frozenset(), 3.0, 0.9, seed=0))
    assert drawn != list(generate_ids(model, [1], 40, frozenset(), 3.0, 1.0, seed=1))
