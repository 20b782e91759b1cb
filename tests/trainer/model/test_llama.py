"""The model against Llama 3 written out a second time, a head, a pair and a document at a time."""

from __future__ import annotations

import math

import pytest
import torch
from torch.testing import assert_close

from trainer.config.model_config import ModelConfig
from trainer.model.llama import Llama

SHAPES = {
    "grouped": ModelConfig(dim=32, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8),
    "one kv head, tied": ModelConfig(
        dim=24, num_layers=3, num_heads=3, num_kv_heads=1, vocab_size=40, ffn_multiple_of=4, tied_embeddings=True
    ),
    "a kv head each": ModelConfig(
        dim=16, num_layers=1, num_heads=2, num_kv_heads=2, vocab_size=30, ffn_multiplier=1.3, rope_theta=10_000.0
    ),
}


def make(config: ModelConfig, seed: int = 0) -> Llama:
    model = Llama(config)
    generator = torch.Generator().manual_seed(seed)
    model.init_weights(seed)
    with torch.no_grad():
        for parameter in model.parameters():  # larger than at the start, so that every part matters
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return model


def reference_logits(weights: dict[str, torch.Tensor], config: ModelConfig, tokens: list[int]) -> torch.Tensor:
    """Logits of one document, in float64."""
    w = {name: tensor.double() for name, tensor in weights.items()}
    half, group = config.dim // config.num_heads // 2, config.num_heads // config.num_kv_heads

    def norm(x, weight):
        return x / math.sqrt(float((x * x).mean()) + config.norm_eps) * weight

    def turn(vector, position):
        turned = vector.clone()
        for i in range(half):
            angle = position * config.rope_theta ** (-2 * i / (2 * half))
            a, b = vector[i], vector[i + half]
            turned[i] = a * math.cos(angle) - b * math.sin(angle)
            turned[i + half] = b * math.cos(angle) + a * math.sin(angle)
        return turned

    stream = [w["embed_tokens.weight"][token] for token in tokens]
    for layer in range(config.num_layers):
        p = f"layers.{layer}."
        normed = [norm(x, w[p + "input_layernorm.weight"]) for x in stream]
        queries, keys, values = (
            [(w[p + f"self_attn.{name}_proj.weight"] @ x).view(-1, 2 * half) for x in normed] for name in "qkv"
        )
        for t in range(len(tokens)):
            mixed = []
            for head in range(config.num_heads):
                q = turn(queries[t][head], t)
                scores = torch.stack([q @ turn(keys[s][head // group], s) for s in range(t + 1)]) / math.sqrt(2 * half)
                mixed.append(sum(a * values[s][head // group] for s, a in enumerate(scores.softmax(0))))
            stream[t] = stream[t] + w[p + "self_attn.o_proj.weight"] @ torch.cat(mixed)
        for t in range(len(tokens)):
            x = norm(stream[t], w[p + "post_attention_layernorm.weight"])
            gate, up = w[p + "mlp.gate_proj.weight"] @ x, w[p + "mlp.up_proj.weight"] @ x
            stream[t] = stream[t] + w[p + "mlp.down_proj.weight"] @ (gate * torch.sigmoid(gate) * up)
    head = w["embed_tokens.weight" if config.tied_embeddings else "lm_head.weight"]
    return torch.stack([head @ norm(x, w["norm.weight"]) for x in stream])


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
def test_logits_are_llamas(config):
    model = make(config)
    tokens = torch.randint(config.vocab_size, (1, 12), generator=torch.Generator().manual_seed(1))
    logits = model.logits(tokens, torch.arange(12)[None])
    expected = reference_logits(model.state_dict(), config, tokens[0].tolist())
    assert_close(logits[0].double(), expected, atol=1e-5, rtol=0)


def packed(*lengths: int) -> torch.Tensor:
    return torch.cat([torch.arange(length) for length in lengths])[None]


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
def test_packed_documents_equal_documents_alone(config):
    model, lengths = make(config), (7, 1, 11, 5)
    tokens = torch.randint(config.vocab_size, (1, sum(lengths)), generator=torch.Generator().manual_seed(2))
    together = model.logits(tokens, packed(*lengths)).split(lengths, dim=1)
    for part, alone in zip(tokens.split(lengths, dim=1), together, strict=True):
        assert_close(model.logits(part, packed(part.shape[1])), alone, atol=1e-5, rtol=0)


def test_no_attention_across_documents_or_backwards():
    model = make(SHAPES["grouped"])
    tokens = torch.randint(50, (1, 20), generator=torch.Generator().manual_seed(3))
    logits = model.logits(tokens, packed(8, 12))
    for place, untouched in ((3, [0, 1, 2, *range(8, 20)]), (15, range(15))):
        changed = tokens.clone()
        changed[0, place] = (changed[0, place] + 1) % 50
        other = model.logits(changed, packed(8, 12))
        assert torch.equal(other[0, list(untouched)], logits[0, list(untouched)])
        assert not torch.allclose(other[0, place], logits[0, place])


@pytest.mark.parametrize(
    ("dim", "multiplier", "multiple_of", "expected"),
    [
        (2048, 1.5, 256, 8192),
        (3072, 1.0, 256, 8192),
        (4096, 1.3, 1024, 14336),
        (8192, 1.3, 4096, 28672),
        (16384, 1.2, 4096, 53248),
    ],
)
def test_ffn_rule_gives_llamas_widths(dim, multiplier, multiple_of, expected):
    config = ModelConfig(
        dim=dim, num_layers=1, num_heads=32, num_kv_heads=8, ffn_multiplier=multiplier, ffn_multiple_of=multiple_of
    )
    assert config.ffn_dim == expected


def test_initial_weights_follow_the_table():
    config = ModelConfig(dim=128, num_layers=3, num_heads=4, num_kv_heads=2, vocab_size=512)
    model = Llama(config)
    model.init_weights(0)
    for depth, layer in enumerate(model.layers):
        for linear, std in ((layer.self_attn.q_proj, 0.02), (layer.mlp.down_proj, 0.02 / math.sqrt(2 * (depth + 1)))):
            assert linear.weight.std().item() == pytest.approx(std, rel=0.05)
            assert linear.weight.abs().max().item() <= 3 * std
    assert model.embed_tokens.weight.std().item() == pytest.approx(1, rel=0.05)
    assert model.lm_head.weight.std().item() == pytest.approx(128**-0.5, rel=0.05)
    assert torch.equal(model.norm.weight, torch.ones(128))
    again = Llama(config)
    again.init_weights(0)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
