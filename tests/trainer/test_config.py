from __future__ import annotations

import pytest

from trainer.config import ConfigError, load_config, parse_config

MODEL = {"dim": 16, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1}
STAGE = {
    "steps": 10, "sequence_length": 8, "batch_tokens": 16, "peak_lr": 1e-3, "final_lr": 0.0, "warmup_steps": 1,
}  # fmt: skip


def test_shipped_configuration_is_valid_and_can_be_overridden():
    config = load_config("debug", ["stage.steps=50", "run.seed=3", "stage.peak_lr=1e-3"])
    assert (config.stage.steps, config.run.seed, config.stage.peak_lr) == (50, 3, 1e-3)
    assert load_config("debug").run.seed == 0


def test_file_is_read_by_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "model: {dim: 16, num_layers: 1, num_heads: 2, num_kv_heads: 1}\n"
        "stage: {steps: 10, sequence_length: 8, batch_tokens: 16, peak_lr: 3e-4, final_lr: 0, warmup_steps: 1}\n"
    )
    assert load_config(str(path)).stage.peak_lr == 3e-4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model": MODEL}, "stage is missing"),
        ({"model": {k: v for k, v in MODEL.items() if k != "dim"}, "stage": STAGE}, "model.dim is missing"),
        ({"model": MODEL | {"dims": 3}, "stage": STAGE}, r"model.dims is no setting; did you mean dim\?"),
        ({"model": MODEL, "stage": STAGE, "xyz": {}}, "xyz is no setting; known are model, stage"),
        ({"model": MODEL | {"dim": 18}, "stage": STAGE}, "model.dim is 18; it must be a multiple of twice num_heads"),
        ({"model": MODEL | {"dim": True}, "stage": STAGE}, "model.dim is True; it must be a whole number"),
        ({"model": MODEL | {"num_heads": 4, "num_kv_heads": 3}, "stage": STAGE}, "num_kv_heads is 3; it must divide"),
        ({"model": MODEL, "stage": STAGE | {"batch_tokens": 20}}, "stage.batch_tokens is 20; it must be a multiple"),
        ({"model": MODEL, "stage": STAGE | {"micro_batch_rows": 3}}, "micro_batch_rows is 3; it must divide the 2"),
        ({"model": MODEL, "stage": STAGE | {"peak_lr": "fast"}}, "stage.peak_lr is 'fast'; it must be a number"),
        ({"model": MODEL, "stage": STAGE | {"peak_lr": "nan"}}, "stage.peak_lr is 'nan'; it must be a number"),
        ({"model": MODEL, "stage": STAGE | {"final_lr": 1.0}}, "stage.final_lr is 1.0; it must lie between"),
        ({"model": MODEL, "stage": STAGE | {"warmup_steps": 10}}, "stage.warmup_steps is 10; it must be less than"),
        ({"model": MODEL, "stage": STAGE, "optimizer": {"beta2": 1}}, "optimizer.beta2 is 1.0; it must lie in"),
        ({"model": MODEL, "stage": STAGE, "run": {"device": "tpu"}}, "run.device is 'tpu'; it must be one of auto"),
        ({"model": MODEL, "stage": STAGE, "run": {"log_every": 0}}, "run.log_every is 0; it must be at least 1"),
        ({"model": MODEL, "stage": [1]}, "stage must be a list of settings"),
        ("text", "must be a list of settings"),
    ],
)
def test_impossible_settings_get_a_sentence_with_their_path(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse_config(settings)


@pytest.mark.parametrize(
    ("content", "overrides", "sentence"),
    [
        (None, [], "There is no configuration .* Name one of debug"),
        ("model: [", [], "is no YAML"),
        ("", [], "must be a list of settings"),
        ("model: 3", ["stage.steps"], "lacks a value"),
        ("model: 3", ["model.dim=3"], "goes through model, which has no settings"),
    ],
)
def test_unreadable_files_get_a_sentence(tmp_path, content, overrides, sentence):
    path = tmp_path / "file.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=sentence):
        load_config(str(path), overrides)
