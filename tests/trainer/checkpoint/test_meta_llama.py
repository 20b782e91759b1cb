"""Meta's weights: pairs lie side by side in a head, several files share a weight."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from trainer.checkpoint.convert import import_model, load_model
from trainer.checkpoint.meta_llama import permute
from trainer.config.model_config import ModelConfig
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.model.rope import frequencies, rotary_table, rotate

NAMES = {
    "embed_tokens": ("tok_embeddings", 0), "norm": ("norm", None), "lm_head": ("output", 0),
    "input_layernorm": ("attention_norm", None), "post_attention_layernorm": ("ffn_norm", None),
    "self_attn.q_proj": ("attention.wq", 0), "self_attn.k_proj": ("attention.wk", 0),
    "self_attn.v_proj": ("attention.wv", 0), "self_attn.o_proj": ("attention.wo", 1),
    "mlp.gate_proj": ("feed_forward.w1", 0), "mlp.down_proj": ("feed_forward.w2", 1),
    "mlp.up_proj": ("feed_forward.w3", 0),
}  # fmt: skip


def write_meta(model: Llama, directory: Path, files: int, **params: object) -> None:
    config = model.config
    directory.mkdir()
    parts = [{} for _ in range(files)]
    for name, parameter in model.named_parameters():
        _, _, rest = name.removesuffix(".weight").rpartition("layers.")
        number, _, kind = rest.partition(".") if rest[:1].isdigit() else ("", "", rest)
        theirs, axis = NAMES[kind]
        whole = parameter.detach().to(torch.bfloat16)
        if theirs in ("attention.wq", "attention.wk"):
            # Hugging Face's permutation, backwards.
            heads = len(whole) // config.head_dim
            whole = whole.view(heads, 2, config.head_dim // 2, config.dim).transpose(1, 2).reshape(whole.shape)
        key = f"layers.{number}.{theirs}.weight" if number else f"{theirs}.weight"
        for part, piece in zip(parts, [whole] * files if axis is None else whole.chunk(files, axis), strict=True):
            part[key] = piece.clone()
    for number, part in enumerate(parts):
        torch.save(part | {"rope.freqs": torch.zeros(3)}, directory / f"consolidated.{number:02}.pth")
    shape = {
        "dim": config.dim, "n_layers": config.num_layers, "n_heads": config.num_heads,
        "n_kv_heads": config.num_kv_heads, "vocab_size": config.vocab_size, "multiple_of": config.ffn_multiple_of,
        "ffn_dim_multiplier": config.ffn_multiplier, "norm_eps": config.norm_eps, "rope_theta": config.rope_theta,
    }  # fmt: skip
    (directory / "params.json").write_text(json.dumps(shape | params))


@pytest.fixture
def model() -> Llama:
    model = Llama(
        ModelConfig(
            dim=32, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8, ffn_multiplier=1.3
        )
    )
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.bfloat16())
    return model


@pytest.mark.parametrize("files", [1, 2])
def test_import_is_exact_to_the_bit(model, tmp_path, files):
    write_meta(model, tmp_path / "meta", files, use_scaled_rope=True)
    config = import_model(tmp_path / "meta", tmp_path / "run")
    assert config.rope_scaling.factor == 8
    assert (config.ffn_dim, config.rope_theta) == (model.config.ffn_dim, model.config.rope_theta)
    again = load_model(tmp_path / "run").model
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_permuted_rows_turn_as_meta_turns_them():
    """Scores of Meta's rotation, a multiplication of complex numbers made of neighbours, on Meta's weights."""
    generator = torch.Generator().manual_seed(1)
    heads, head_dim, dim, length = 3, 8, 16, 9
    wq, wk = (torch.randn(heads * head_dim, dim, generator=generator) for _ in range(2))
    x = torch.randn(1, length, dim, generator=generator)
    turns = frequencies(head_dim, 500_000.0, None, torch.device("cpu"))

    def meta(weight):
        pairs = torch.view_as_complex((x @ weight.T).view(1, length, heads, -1, 2))
        angles = torch.outer(torch.arange(length).float(), turns)
        turned = pairs * torch.polar(torch.ones_like(angles), angles)[None, :, None]
        return torch.view_as_real(turned).flatten(3).transpose(1, 2)

    def ours(weight):
        projected = (x @ permute(weight, head_dim).T).unflatten(-1, (heads, head_dim)).transpose(1, 2)
        return rotate(projected, rotary_table(torch.arange(length)[None], turns))

    scores = [q @ k.transpose(-1, -2) for q, k in ((meta(wq), meta(wk)), (ours(wq), ours(wk)))]
    assert_close(scores[0], scores[1], atol=1e-4, rtol=0)


class Payload:
    ran = False

    def __reduce__(self):
        return setattr, (Payload, "ran", True)


def test_code_in_a_pth_does_not_run(model, tmp_path):
    write_meta(model, tmp_path / "meta", 1)
    torch.save({"norm.weight": Payload()}, tmp_path / "meta" / "consolidated.00.pth")
    with pytest.raises(TrainerError, match="consolidated.00.pth cannot be read"):
        import_model(tmp_path / "meta", tmp_path / "run")
    assert not Payload.ran


def test_damage_gets_a_sentence(model, tmp_path):
    write_meta(model, tmp_path / "meta", 1)
    (tmp_path / "meta" / "consolidated.00.pth").unlink()
    with pytest.raises(TrainerError, match="There is no consolidated"):
        import_model(tmp_path / "meta", tmp_path / "run")
    (tmp_path / "meta" / "params.json").write_text("{")
    with pytest.raises(TrainerError, match="params.json cannot be read"):
        import_model(tmp_path / "meta", tmp_path / "run")
