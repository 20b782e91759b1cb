from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from tokens.shards import SCHEMA, encode_shard
from tokens.tokenizer import TokenizerInfo
from trainer.config.loader import parse_config
from trainer.config.schema import Config

torch.set_num_threads(1)

VOCAB, BOS, EOS = 64, 62, 63
TOKENIZER = TokenizerInfo("tiny", "ab" * 32, VOCAB, BOS, EOS)


@pytest.fixture
def write_shard() -> Callable[..., None]:
    """``write_shard(path, documents)``: a shard of the given token lists, framed; keyword values fill the columns."""

    def write(path: Path, documents: list[list[int]], tokenizer: TokenizerInfo = TOKENIZER, **values: object) -> None:
        defaults = {"url": "", "language": "en", "class": "general", "source": "", "split": "train", "weight": 1.0}
        ids = [hashlib.md5(bytes(tokens) + bytes([n % 256])).hexdigest() for n, tokens in enumerate(documents)]
        rows = [
            defaults | {"id": id, "tokens": [BOS, *tokens, EOS]} | values
            for id, tokens in zip(ids, documents, strict=True)
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_shard(pa.Table.from_pylist(rows, schema=SCHEMA), tokenizer))

    return write


@pytest.fixture
def shards(tmp_path, write_shard) -> str:
    """A directory of 60 training and 6 held-out documents that count upwards: a language simple enough to learn."""
    rng = np.random.default_rng(7)

    def document() -> list[int]:
        start, length = rng.integers(0, 60), rng.integers(5, 40)
        return [int(token) for token in (start + np.arange(length)) % 60]

    write_shard(tmp_path / "shards" / "a.parquet", [document() for _ in range(30)])
    write_shard(tmp_path / "shards" / "b.parquet", [document() for _ in range(30)])
    write_shard(tmp_path / "shards" / "c.parquet", [document() for _ in range(6)], split="held_out")
    return str(tmp_path / "shards")


@pytest.fixture
def make_config() -> Callable[..., Config]:
    """``make_config(stage={…}, run={…}, …)``: a tiny configuration with some settings changed; ``stage`` changes its
    only stage, ``stages`` gives it others, each of which goes on from the one before."""

    def make(**sections: dict) -> Config:
        settings = {
            "model": {"dim": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2, "ffn_multiple_of": 8},
            "stages": [{
                "name": "all", "tokens": 6 * 128, "sequence_length": 32, "batch_tokens": 128,
                "learning_rate": {"shape": "cosine", "end": 0.1, "warmup_tokens": 2 * 128},
            }],
            "optimizer": {"peak_lr": 1e-2},
            "run": {"device": "cpu", "log_every": 1, "evaluate_every": 3, "checkpoint_every": 2},
        }  # fmt: skip
        common = settings["stages"][0]
        settings["stages"] = [
            common | ({"learning_rate": None, "name": f"stage-{number}"} if number else {}) | changes
            for number, changes in enumerate(sections.pop("stages", [sections.pop("stage", {})]))
        ]
        for name, changes in sections.items():
            settings[name] = settings.get(name, {}) | changes
        return parse_config(settings)

    return make


@pytest.fixture
def three(tmp_path, write_shard) -> list[str]:
    """Directories a, b and c, whose documents consist of the tokens 1, 2 and 3."""
    for token, name in enumerate("abc", 1):
        write_shard(tmp_path / name / "x.parquet", [[token] * n for n in range(20, 40)])
    return [f"{name}={tmp_path / name}" for name in "abc"]
