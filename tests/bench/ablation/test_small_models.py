"""Small models as judges: each is trained once, and asked once of the same texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.ablation import small_models
from bench.ablation.samples import Encoded
from bench.ablation.small_models import SmallModel
from tokens.tokenizer import load


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch) -> None:
    trained, asked = [], []

    def train(command, **_) -> None:
        trained.append(command)
        model = Path(command[command.index("--output") + 1])
        model.mkdir()
        (model / "summary.json").write_text("{}")

    def say(model, judged, tokenizer) -> np.ndarray:
        asked.append(judged)
        return np.array([len(tokens) * 1.5 for tokens in judged])

    def write(model, count, length, seed, tokenizer) -> np.ndarray:
        asked.append(seed)
        return np.full((count, length), seed)

    monkeypatch.setattr(small_models.subprocess, "run", train)
    monkeypatch.setattr(small_models, "_bits", say)
    monkeypatch.setattr(small_models, "_texts", write)
    sample = [Encoded("0" * 32, np.arange(30, dtype=np.int32))] * 2  # two captures of one address
    first, second = np.arange(4, dtype=np.int32), np.arange(6, dtype=np.int32)

    for _ in range(2):  # as by two runs of the command
        model = SmallModel(sample, load("gristmill-8k"), tmp_path, "debug", 7, ["stages.0.tokens=4096"])
        assert model.bits([first, second]).tolist() == [6.0, 9.0]
        assert model.generate(2, 3, 5).tolist() == [[5, 5, 5], [5, 5, 5]]
    assert len(trained) == 1 and len(asked) == 2
    assert {"run.seed=7", "stages.0.tokens=4096"} <= set(trained[0])

    assert model.bits([second, first]).tolist() == [9.0, 6.0]  # other texts, in this order
    assert len(asked) == 3
