from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tokens.tokenizer import Tokenizer, load
from trainer.checkpoint import run_tokenizer, store
from trainer.config.loader import parse
from trainer.config.model_config import ModelConfig
from trainer.model.llama import Llama
from trainer.posttraining.chat import ChatFormat

MODEL = ModelConfig(dim=16, num_layers=2, num_heads=4, num_kv_heads=2, ffn_multiple_of=8, vocab_size=512)


@pytest.fixture(scope="session")
def byte_tokenizer(tmp_path_factory) -> Tokenizer:
    """Llama 3's special tokens behind 256 bytes: every id is known by hand."""
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    path.write_text("".join(f"{base64.b64encode(bytes([i])).decode()} {i}\n" for i in range(256)))
    return load(str(path))


@pytest.fixture(scope="session")
def chat(byte_tokenizer: Tokenizer) -> ChatFormat:
    return ChatFormat(byte_tokenizer)


def make_run(
    run: Path, tokenizer: Tokenizer, model: ModelConfig = MODEL, seed: int = 0, has_unseen: bool = False
) -> Path:
    """A run of no steps with random weights; with special tokens that look unseen where it ``has_unseen``."""
    weights = Llama(model)
    weights.init_weights(seed)
    if has_unseen:
        with torch.no_grad():
            weights.head_weight[sorted(tokenizer.special_ids.values())] = 1.0
    identity = {"model": dataclasses.asdict(model.spelled_out()), "tokenizer": tokenizer.sha256}
    facts = {"imported": True, "identity": identity, "length": 256}
    store.save(run, 0, facts, {"model": {n: p.detach() for n, p in weights.named_parameters()}}, keep=1)
    run_tokenizer.keep(run, tokenizer, tokenizer.info)
    return run


@pytest.fixture
def make_base(tmp_path: Path, byte_tokenizer: Tokenizer) -> Callable[..., Path]:
    """``make_base("name", model, seed, has_unseen)``: a run of no steps with random weights and the tokenizer of bytes."""
    return lambda name="base", *rest, **options: make_run(tmp_path / name, byte_tokenizer, *rest, **options)


@pytest.fixture
def make_settings() -> Callable[..., object]:
    """``make_settings(SftConfig, steps=3, …)``: tiny settings with some changed."""

    def make(cls: type, **changes: object) -> object:
        settings = {
            "sequence_length": 96, "batch_rows": 4, "optimizer": {"peak_lr": 1e-2},
            "run": {"device": "cpu", "log_every": 1, "evaluate_every": 3, "checkpoint_every": 2},
        }  # fmt: skip
        for name, value in changes.items():
            settings[name] = settings.get(name, {}) | value if isinstance(value, dict) else value
        return parse(cls, settings)

    return make


def write_rows(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(path)


@pytest.fixture
def dialogs(tmp_path: Path) -> str:
    """40 dialogs: a word, and the word said twice."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(40):
        word = "".join(rng.choice(list("abc"), size=rng.integers(1, 6))) + str(number)
        turns = [{"role": "user", "content": word}, {"role": "assistant", "content": word * 2}]
        rows.append({"messages": turns})
    return write_rows(tmp_path / "dialogs.jsonl", rows)


@pytest.fixture
def preferences(tmp_path: Path) -> str:
    """40 preferences for an answer with an x, every fourth with three responses."""
    rng = np.random.default_rng(4)
    rows = []
    for number in range(40):
        good, bad = ("".join(rng.choice(list(letters), size=rng.integers(1, 8))) for letters in ("abx", "ab"))
        row = {"messages": [{"role": "user", "content": f"say {number}"}], "chosen": f"x{good}", "rejected": f"a{bad}"}
        rows.append(row | ({"edited": f"xx{good}"} if number % 4 == 0 else {}))
    return write_rows(tmp_path / "preferences.jsonl", rows)
