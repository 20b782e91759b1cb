"""Small models as judges: each is trained once, and asked once of the same texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.ablation import small_models
from bench.ablation.samples import Encoded
from tokens.tokenizer import load


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch) -> None:
    trained, asked = [], []

    def train(command, **_) -> None:
        trained.append(command)
        model = Path(command[command.index("--output") + 1])
        model.mkdir()
        (model / "summary.json").write_text("{}")

    def ask(model, judged, tokenizer) -> np.ndarray:
        asked.append(model)
        return np.array([len(tokens) * 1.5 for tokens in judged])

    monkeypatch.setattr(small_models.subprocess, "run", train)
    monkeypatch.setattr(small_models, "_bits", ask)
    tokenizer = load("gristmill-8k")
    sample = [Encoded("0" * 32, np.arange(30, dtype=np.int32))]
    first, second = np.arange(4, dtype=np.int32), np.arange(6, dtype=np.int32)

    def bits(judged: list[np.ndarray]) -> list[float]:
        return small_models.bits_of_small_model(
            sample, judged, tokenizer, tmp_path, "debug", 7, ["stages.0.tokens=4096"]
        ).tolist()

    assert bits([first, second]) == bits([first, second]) == [6.0, 9.0]
    assert len(trained) == len(asked) == 1
    assert {"run.seed=7", "stages.0.tokens=4096"} <= set(trained[0])

    assert bits([second, first]) == [9.0, 6.0]  # other texts, in this order
    assert (len(trained), len(asked)) == (1, 2)
