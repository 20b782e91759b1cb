"""Our model against transformers' LlamaForCausalLM, there and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from trainer.checkpoint import huggingface, store
from trainer.checkpoint.convert import export_model, import_model, load_model
from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.errors import TrainerError
from trainer.model.generate import generate_ids
from trainer.model.llama import Llama

SCALING = RopeScaling(factor=8, original_length=16)  # so short that all three cases of the rule occur in a tiny head
SHAPES = {
    "grouped": {"num_kv_heads": 2},
    "scaled by 8": {"num_kv_heads": 2, "rope_scaling": SCALING},
    "scaled by 32, tied": {
        "num_kv_heads": 1, "rope_scaling": RopeScaling(factor=32, original_length=64), "tied_embeddings": True,
    },
    "a kv head each": {"num_kv_heads": 4, "rope_theta": 10_000.0, "norm_eps": 1e-4},
}  # fmt: skip


def shape(name: str) -> ModelConfig:
    return ModelConfig(dim=64, num_layers=3, num_heads=4, vocab_size=90, ffn_multiple_of=8, **SHAPES[name])


def trained(config: ModelConfig, run: Path, dtype: torch.dtype = torch.float32) -> Llama:
    """A model with weights large enough that every part matters, as a run would have left it in ``run``."""
    model = Llama(config)
    generator = torch.Generator().manual_seed(len(str(config)))
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
            parameter.copy_(parameter.to(dtype))
    facts = {"identity": {"model": json.loads(json.dumps(config, default=vars))}, "length": 128}
    store.save(run, 0, facts, {"model": {n: p.detach() for n, p in model.named_parameters()}}, keep=1)
    return model


def some_tokens(length: int = 100) -> torch.Tensor:
    return torch.randint(90, (2, length), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", SHAPES)
def test_transformers_loads_an_export_and_has_its_logits(name, tmp_path):
    model = trained(shape(name), tmp_path / "run")
    export_model(tmp_path / "run", tmp_path / "hf")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    tokens = some_tokens()
    with torch.no_grad():
        ours = model.logits(tokens, torch.arange(100).expand(2, -1))
        assert_close(theirs(tokens).logits, ours, atol=1e-5, rtol=0)
    assert theirs.config.max_position_embeddings == 128
    prompt = some_tokens()[:1, :5]
    written = theirs.generate(prompt, max_new_tokens=12, do_sample=False, pad_token_id=0, eos_token_id=None)
    assert written[0, 5:].tolist() == list(generate_ids(model, prompt[0].tolist(), 12, frozenset()))


@pytest.mark.parametrize("name", SHAPES)
def test_their_model_imports_with_its_logits_and_exports_to_the_bit(name, tmp_path):
    config = shape(name)
    scaling = config.rope_scaling
    torch.manual_seed(0)
    theirs = LlamaForCausalLM(
        LlamaConfig(
            hidden_size=64, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=config.num_kv_heads,
            intermediate_size=100, vocab_size=90, tie_word_embeddings=config.tied_embeddings, initializer_range=0.1,
            rms_norm_eps=config.norm_eps, max_position_embeddings=128, bos_token_id=1, eos_token_id=2,
            rope_parameters={"rope_theta": config.rope_theta} | (
                {
                    "rope_type": "llama3", "factor": scaling.factor, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                    "original_max_position_embeddings": scaling.original_length,
                } if scaling else {"rope_type": "default"}
            ),
        )
    )  # fmt: skip
    theirs.save_pretrained(tmp_path / "hf")
    imported = import_model(tmp_path / "hf", tmp_path / "run")
    assert (imported.ffn_dim, imported.rope_theta, imported.rope_scaling) == (100, config.rope_theta, scaling)
    model = load_model(tmp_path / "run").model
    tokens = some_tokens()
    with torch.no_grad():
        assert_close(model.logits(tokens, torch.arange(100).expand(2, -1)), theirs(tokens).logits, atol=1e-5, rtol=0)
    export_model(tmp_path / "run", tmp_path / "back")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "back").state_dict()
    assert again.keys() == theirs.state_dict().keys()
    assert all(torch.equal(again[key], tensor) for key, tensor in theirs.state_dict().items())


def test_bf16_weights_survive_export_and_import_to_the_bit_in_several_files(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface, "SHARD_BYTES", 20_000)
    model = trained(shape("scaled by 32, tied"), tmp_path / "run", torch.bfloat16)
    export_model(tmp_path / "run", tmp_path / "hf", "bf16")
    index = json.loads((tmp_path / "hf" / huggingface.INDEX).read_text())
    assert len(set(index["weight_map"].values())) > 2
    assert "lm_head.weight" not in index["weight_map"]  # tied
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "hf").dtype == torch.bfloat16
    import_model(tmp_path / "hf", tmp_path / "again")
    again = load_model(tmp_path / "again").model
    assert again.config.rope_scaling == model.config.rope_scaling
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_config_is_written_for_old_and_new_readers(tmp_path):
    trained(shape("scaled by 8"), tmp_path / "run")
    export_model(tmp_path / "run", tmp_path / "hf")
    written = json.loads((tmp_path / "hf" / "config.json").read_text())
    assert written["rope_theta"] == 500_000.0
    assert written["rope_scaling"] == {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    }  # fmt: skip


def test_what_a_config_does_not_say_is_hugging_face_s_default(tmp_path):
    trained(shape("scaled by 8"), tmp_path / "run")
    export_model(tmp_path / "run", tmp_path / "hf")
    path = tmp_path / "hf" / "config.json"
    left_out = (
        "rope_theta",
        "rope_scaling",
        "rope_parameters",
        "rms_norm_eps",
        "num_key_value_heads",
        "tie_word_embeddings",
    )
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k not in left_out}))
    found = huggingface.read_config(tmp_path / "hf")
    assert (found.rope_theta, found.rope_scaling, found.norm_eps) == (10_000.0, None, 1e-6)
    assert found.num_kv_heads == found.num_heads and not found.tied_embeddings


def test_what_is_no_model_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainerError, match="holds neither a config.json .* nor a params.json"):
        import_model(tmp_path / "empty", tmp_path / "run")
    trained(shape("grouped"), tmp_path / "run")
    with pytest.raises(TrainerError, match="holds a run already"):
        import_model(tmp_path / "empty", tmp_path / "run")
    export_model(tmp_path / "run", tmp_path / "hf")
    with pytest.raises(TrainerError, match="exists already"):
        export_model(tmp_path / "run", tmp_path / "hf")
    path = tmp_path / "hf" / "config.json"
    content = json.loads(path.read_text())
    for changes, sentence in (
        ({"model_type": "gpt2"}, "has model_type 'gpt2'; a Llama 3 has 'llama'"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "has the RoPE scaling 'yarn'"),
        ({"num_hidden_layers": 4}, r"lacks layers\.3\..* other weights"),
        ({"intermediate_size": 96}, "its shape demands"),
        ({"head_dim": 32}, "has heads of 32"),
        ({"hidden_size": None}, "does not say hidden_size"),
    ):
        path.write_text(json.dumps(content | changes))
        with pytest.raises(TrainerError, match=sentence):
            import_model(tmp_path / "hf", tmp_path / "other")
    (tmp_path / "hf" / "model.safetensors").write_bytes(b"cut off")
    path.write_text(json.dumps(content))
    with pytest.raises(TrainerError, match="cannot be read .* Copy the model again"):
        import_model(tmp_path / "hf", tmp_path / "other")
    assert not (tmp_path / "other").exists()
    with pytest.raises(TrainerError, match="holds no checkpoint"):
        load_model(tmp_path / "other")
