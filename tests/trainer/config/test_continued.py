from __future__ import annotations

import pytest
import yaml

from trainer.config.continued import continued_yaml
from trainer.config.loader import parse_config
from trainer.config.model_config import ModelConfig, RopeScaling

SHAPES = [
    ModelConfig(dim=64, num_layers=3, num_heads=4, num_kv_heads=2, vocab_size=90),
    ModelConfig(
        dim=2048, num_layers=16, num_heads=32, num_kv_heads=8, vocab_size=128_256, ffn_multiplier=1.5,
        tied_embeddings=True, rope_scaling=RopeScaling(factor=32),
    ),
    ModelConfig(
        dim=64, num_layers=1, num_heads=1, num_kv_heads=1, vocab_size=5, ffn_size=100, rope_theta=1e4, norm_eps=1e-6
    ),
]  # fmt: skip


@pytest.mark.parametrize("model", SHAPES)
@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("length", [100, 131_072])
def test_it_is_a_configuration_of_the_same_model(model, gpu, length):
    config = parse_config(yaml.safe_load(continued_yaml(model, length, "Llama-3.2-1B/", gpu)))
    assert config.model.spelled_out() == model.spelled_out()
    assert config.stages[0].sequence_length == min(length, 8192)
    assert (config.run.precision, config.run.attention) == (("bf16", "flex") if gpu else ("fp32", "sdpa"))
