"""Continued pre-training of real weights in three commands: import, pretrain on shards, export; loaded back."""

from __future__ import annotations

import re
import shlex

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from tests.trainer.test_cli import english, parse  # noqa: F401  (a fixture)
from tokens.tokenizer import load
from tokens.tokenizer_json import tokenizer_json
from trainer.checkpoint.convert import load_model
from trainer.config.loader import load_config


@pytest.fixture
def llama(tmp_path) -> LlamaForCausalLM:
    """A tiny Llama of transformers' own making, in ``tmp_path/llama``, with its tokenizer beside it."""
    torch.manual_seed(0)
    scaling = {
        "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 32.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
    }  # fmt: skip
    model = LlamaForCausalLM(
        LlamaConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=72,
            vocab_size=load().vocab_size, tie_word_embeddings=True, max_position_embeddings=256,
            rope_parameters=scaling, bos_token_id=load().bos_id, eos_token_id=load().eos_id,
        )
    )  # fmt: skip
    model.save_pretrained(tmp_path / "llama")
    (tmp_path / "llama" / "tokenizer.json").write_bytes(tokenizer_json(load()))
    return model


def test_three_commands(llama, english, tmp_path, capsys):  # noqa: F811
    def run(*args: object) -> str:
        parsed = parse(*map(str, args))
        assert parsed.run(parsed) == 0
        return capsys.readouterr().out

    said = run("import", tmp_path / "llama", tmp_path / "run", "--tokenizer", "gristmill-8k")
    (command,) = re.findall(r"gristmill train (pretrain .*)", said)
    config = load_config(str(tmp_path / "run" / "model.yaml"))
    assert (config.model.ffn_dim, config.model.tied_embeddings, config.stages[0].sequence_length) == (72, True, 256)
    assert config.model.rope_scaling.factor == 32

    # The printed command, on the shards of a run and for a few steps.
    sets = ["stages.0.tokens=8192", "stages.0.batch_tokens=1024", "stages.0.learning_rate.warmup_tokens=1024",
            "optimizer.peak_lr=0.003", "run.device=cpu"]  # fmt: skip
    words = [english if word == "DIR" else word for word in shlex.split(command)]
    out = run(*words, *(f"--set={setting}" for setting in sets))
    losses = [float(loss) for loss in re.search(r"held out (\d+\.\d+) -> (\d+\.\d+)", out).groups()]
    assert losses[1] < losses[0] - 0.5

    run("export", tmp_path / "run", tmp_path / "hf")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    ids = torch.tensor([AutoTokenizer.from_pretrained(tmp_path / "hf")("The mill has 3 wheels").input_ids])
    assert ids[0, 0] == load().bos_id
    with torch.no_grad():
        ours = load_model(tmp_path / "run").model.logits(ids, torch.arange(ids.shape[1])[None])
        torch.testing.assert_close(theirs(ids).logits, ours, atol=1e-5, rtol=0)
    assert not torch.equal(theirs.lm_head.weight, llama.lm_head.weight)
