"""What stages ask of a setting: models that are what their manifests say, and responses as the settings have it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from trainer.errors import TrainerError
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.round_setting import Model, Setting


def make(**changes: Any) -> Setting:
    drawing = SimpleNamespace(max_tokens=9, temperature=0.5, top_p=0.7, rows=3, tokens_in_flight=77)
    values: dict[str, Any] = {
        "config": SimpleNamespace(sampling=drawing, seed=5), "base": None, "tokenizer": None, "pools": None,
        "annotator": None, "people": None, "dialogs": (), "device": torch.device("cpu"),
    }  # fmt: skip
    return Setting(**values | changes)


def test_a_model_is_looked_at_once_and_must_be_what_it_was(make_base, monkeypatch) -> None:
    run, setting = make_base(), make()
    model = setting.model("round-01/sft", run)
    assert model == ("round-01/sft", run, weights_hash(Base.open(run).checkpoint))
    with pytest.raises(TrainerError, match="holds another model than its stage's manifest says"):
        setting.verify(model._replace(weights="other"))
    setting.verify(model)
    monkeypatch.setattr(Base, "open", lambda *rest: pytest.fail("it was hashed already"))
    setting.verify(model)


def test_responses_are_drawn_as_the_settings_say(monkeypatch, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(Setting, "verify", lambda self, model: asked.append(model))

    def load(run: Any, sampling: Any, options: Any, tokenizer: Any, device: Any, name: str) -> str:
        found = (sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.seed, sampling.purpose)
        asked.append((run, found, tuple(options)[:2], tokenizer, device, name))
        return "generator"

    monkeypatch.setattr("trainer.posttraining.round_setting.OwnModel.load", load)
    monkeypatch.setattr(
        "trainer.posttraining.round_setting.sample_responses", lambda *rest: asked.append(rest) or Path("file")
    )
    model, prompts = Model("sft", tmp_path, "hash"), [object()]
    setting = make(tokenizer="t", device="device")
    assert setting.sample(model, prompts, 4, "dev", tmp_path / "out") == Path("file")  # type: ignore[arg-type]
    assert asked == [
        model,
        (tmp_path, (9, 0.5, 0.7, 5, "dev"), (3, 77), "t", "device", "hash"),
        ("generator", prompts, 4, tmp_path / "out"),
    ]
