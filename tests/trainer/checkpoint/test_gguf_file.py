"""GGUF files, read back by the library that defines them and by transformers."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.utils.chat_template_utils import render_jinja_template

from tests.trainer.test_cli import parse
from tokens.tokenizer import load
from trainer.checkpoint import store
from trainer.checkpoint.chat_template import CHAT_TEMPLATE, PLAIN_CHAT_TEMPLATE
from trainer.checkpoint.convert import load_model
from trainer.checkpoint.gguf_file import export_gguf, to_pairs
from trainer.checkpoint.meta_llama import permute
from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.errors import TrainerError
from trainer.model.llama import Llama

TOKENIZER = load()
SCALING = RopeScaling(factor=8, original_length=64)


def make_run(run: Path, chat: bool = False, **shape: object) -> Llama:
    config = ModelConfig(
        dim=64, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=TOKENIZER.vocab_size + 64, ffn_multiple_of=8,
        **shape,
    )  # fmt: skip
    model = Llama(config)
    model.init_weights(0)
    facts = {
        "identity": {"model": json.loads(json.dumps(config, default=vars))},
        "tokenizer": dataclasses.asdict(TOKENIZER.info),
        "length": 128,
        "chat": chat,
    }
    store.save(run, 0, facts, {"model": {n: p.detach() for n, p in model.named_parameters()}}, keep=1)
    return model


def test_pairs_and_halves_are_each_others_inverse():
    weight = torch.arange(48.0).view(16, 3)
    assert torch.equal(permute(to_pairs(weight, 8), 8), weight)
    assert to_pairs(weight, 8)[:3, 0].tolist() == [0, 12, 3]  # rows 0, 4, 1


@pytest.mark.parametrize("tied", [False, True])
def test_the_library_reads_back_what_was_written(tied, tmp_path):
    gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")
    model = make_run(tmp_path / "run", tied_embeddings=tied, rope_scaling=SCALING)
    export_gguf(tmp_path / "run", tmp_path / "model.gguf")
    file = gguf.GGUFReader(tmp_path / "model.gguf")
    facts = {key: field.contents() for key, field in file.fields.items()}
    assert facts["general.architecture"] == "llama"
    assert facts["llama.attention.head_count_kv"] == 2 and facts["llama.context_length"] == 128
    assert facts["llama.rope.freq_base"] == 500_000.0
    assert (facts["tokenizer.ggml.model"], facts["tokenizer.ggml.pre"]) == ("gpt2", "llama-bpe")
    tokens, types = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.token_type"]
    assert len(tokens) == len(types) == model.config.embedding_rows
    assert tokens[TOKENIZER.bos_id] == "<|begin_of_text|>" and types[TOKENIZER.bos_id] == gguf.TokenType.CONTROL
    assert types[-1] == gguf.TokenType.UNUSED
    found = {tensor.name: tensor for tensor in file.tensors}
    assert ("output.weight" in found) is not tied
    weights = {name: parameter.detach() for name, parameter in model.named_parameters()}
    assert len(found) == len(weights) + 1
    for name, theirs in (
        ("embed_tokens.weight", "token_embd.weight"), ("layers.1.mlp.down_proj.weight", "blk.1.ffn_down.weight"),
        ("layers.0.self_attn.v_proj.weight", "blk.0.attn_v.weight"), ("norm.weight", "output_norm.weight"),
    ):  # fmt: skip
        assert np.array_equal(found[theirs].data.reshape(weights[name].shape), weights[name].numpy())
    q = torch.from_numpy(found["blk.0.attn_q.weight"].data.copy()).view(64, 64)
    assert torch.equal(permute(q, 16), weights["layers.0.self_attn.q_proj.weight"])
    # The factors by which the frequencies are divided, after transformers' own rule.
    config = LlamaConfig(
        hidden_size=64, num_attention_heads=4, max_position_embeddings=512,
        rope_parameters={"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
    )  # fmt: skip
    theirs, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    plain = 500_000.0 ** (-torch.arange(0, 16, 2) / 16)
    assert_close(plain / torch.from_numpy(found["rope_freqs.weight"].data.copy()), theirs)


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_transformers_reads_it_with_our_logits_and_ids(dtype, tmp_path):
    pytest.importorskip("gguf", reason="the package gguf is not installed")
    pytest.importorskip("accelerate", reason="transformers reads GGUF files with accelerate, which is not installed")
    make_run(tmp_path / "run")
    (tmp_path / "out").mkdir()
    args = parse("export", str(tmp_path / "run"), str(tmp_path / "out" / "model.gguf"), "--gguf", "--dtype", dtype)
    assert args.run(args) == 0
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "out", gguf_file="model.gguf", dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out", gguf_file="model.gguf")
    text = "The mill's 12345 wheels, héllo!"
    assert tokenizer(text, add_special_tokens=False).input_ids == TOKENIZER.encode(text).tolist()
    ids = torch.tensor([[TOKENIZER.bos_id, *TOKENIZER.encode(text).tolist()]])
    model = load_model(tmp_path / "run").model
    if dtype == "bf16":
        model = model.bfloat16().float()
        assert (tmp_path / "out" / "model.gguf").stat().st_size < 3_000_000
    with torch.no_grad():
        ours = model.logits(ids, torch.arange(ids.shape[1])[None])
        assert_close(theirs(ids).logits, ours, atol=1e-5, rtol=0)


@pytest.mark.parametrize("chat", [False, True])
def test_a_model_that_answers_says_how_dialogs_are_written_and_where_answers_end(chat, tmp_path):
    gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")
    make_run(tmp_path / "run", chat=chat)
    export_gguf(tmp_path / "run", tmp_path / "model.gguf")
    file = gguf.GGUFReader(tmp_path / "model.gguf")
    prefix = "tokenizer."
    facts = {key.removeprefix(prefix): field.contents() for key, field in file.fields.items() if prefix in key}
    ids = TOKENIZER.special_ids
    if not chat:
        assert facts["ggml.eos_token_id"] == TOKENIZER.eos_id and "chat_template" not in facts
        return
    assert facts["chat_template"] == PLAIN_CHAT_TEMPLATE
    assert facts["ggml.eos_token_id"] == facts["ggml.eot_token_id"] == ids["<|eot_id|>"]
    assert facts["ggml.eom_token_id"] == ids["<|eom_id|>"]
    assert facts["ggml.padding_token_id"] == ids["<|finetune_right_pad_id|>"]


def test_the_plain_template_renders_what_the_marked_one_does():
    turns: list[dict[str, Any]] = [
        {"role": "system", "content": " Be short. "}, {"role": "user", "content": "a\n"},
        {"role": "assistant", "content": "f()", "python_tag": True}, {"role": "tool", "content": "1"},
        {"role": "assistant", "content": "one"},
    ]  # fmt: skip
    assert "generation %}" not in PLAIN_CHAT_TEMPLATE and "generation %}" in CHAT_TEMPLATE
    rendered = [render_jinja_template([turns], chat_template=t)[0] for t in (CHAT_TEMPLATE, PLAIN_CHAT_TEMPLATE)]
    assert rendered[0] == rendered[1] and rendered[0][0].endswith("one<|eot_id|>")


def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "gguf", None)
        with pytest.raises(TrainerError, match=r"needs the package gguf: pip install 'gristmill\[gguf\]'"):
            export_gguf(tmp_path / "run", tmp_path / "model.gguf")
    pytest.importorskip("gguf", reason="the package gguf is not installed")
    make_run(tmp_path / "run")
    (tmp_path / "there.gguf").write_bytes(b"x")
    with pytest.raises(TrainerError, match="there.gguf exists already"):
        export_gguf(tmp_path / "run", tmp_path / "there.gguf")
    with monkeypatch.context() as patch:
        patch.setattr("trainer.checkpoint.gguf_file.SPLIT_PATTERN", "another")
        with pytest.raises(TrainerError, match="does not split text as Llama 3's tokenizer does"):
            export_gguf(tmp_path / "run", tmp_path / "model.gguf")
    assert not (tmp_path / "model.gguf").exists()
