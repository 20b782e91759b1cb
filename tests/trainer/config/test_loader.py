from __future__ import annotations

import dataclasses

import pytest
import torch

from trainer.config.loader import load_config, parse_config
from trainer.config.stages import total_tokens
from trainer.config.validation import ConfigError
from trainer.model.llama import Llama
from trainer.optim.lr_schedule import learning_rate

MODEL = {"dim": 16, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1}
RATE = {"shape": "cosine", "end": 0.1}
STAGE = {"name": "all", "tokens": 160, "sequence_length": 8, "batch_tokens": 16, "learning_rate": RATE}
PEAK = {"peak_lr": 1e-3}


def whole(**sections: object) -> dict:
    return {"model": MODEL, "stages": [STAGE], "optimizer": PEAK} | sections


def staged(**changes: object) -> dict:
    return whole(stages=[STAGE | changes])


def test_shipped_configuration_is_valid_and_can_be_overridden():
    config = load_config("debug", ["stages.0.tokens=51200", "run.seed=3", "optimizer.peak_lr=1e-3"])
    assert (config.stages[0].steps, config.run.seed, config.optimizer.peak_lr) == (50, 3, 1e-3)
    assert load_config("debug").run.seed == 0


def test_file_is_read_by_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "model: {dim: 16, num_layers: 1, num_heads: 2, num_kv_heads: 1}\n"
        "optimizer: {peak_lr: 3e-4}\n"
        "stages: [{name: a, tokens: 50, sequence_length: 8, batch_tokens: 16, learning_rate: {shape: constant}}]\n"
    )
    config = load_config(str(path))
    assert config.optimizer.peak_lr == 3e-4
    assert (config.stages[0].steps, config.stages[0].whole_tokens) == (4, 64)


def test_base_is_taken_over_but_for_what_the_file_says(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("base: debug\nmodel: {num_layers: 2}\n")
    mine, base = load_config(str(path)), load_config("debug")
    assert mine.model.num_layers == 2
    assert mine.model.dim == base.model.dim and mine.stages == base.stages
    (tmp_path / "below").mkdir()
    own = tmp_path / "below" / "own.yaml"
    own.write_text("base: ../mine.yaml\nrun: {seed: 3}\n")
    assert load_config(str(own)).model == mine.model and load_config(str(own)).run.seed == 3


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        ("nothing", "There is no configuration 'nothing', the base in .*mine.yaml. Name one of debug"),
        ("mine.yaml", "base is 'mine.yaml' in mine.yaml; a file cannot be its own base"),
        ("[debug]", "base is .*; it must be the name of a configuration or of a YAML file"),
    ],
)
def test_a_base_that_cannot_be_is_refused(base, sentence, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"base: {base}\n")
    with pytest.raises(ConfigError, match=sentence):
        load_config(str(path))


# Parameter counts: llama-models' sku_list shapes, multiplied out in the issue threads and model cards.
PARAMETERS = {
    "1b": 1_235_814_400, "3b": 3_212_749_824, "8b": 8_030_261_248, "70b": 70_553_706_496, "405b": 405_853_388_800,
}  # fmt: skip


def test_ten_million_is_about_that_many():
    config = load_config("ten-million")
    with torch.device("meta"):
        count = Llama(dataclasses.replace(config.model, vocab_size=8192)).num_parameters()
    assert 9e6 < count < 11e6


@pytest.mark.parametrize("size", PARAMETERS)
def test_presets_have_the_published_size_and_schedule(size):
    config = load_config(f"llama3-{size}")
    with torch.device("meta"):
        assert Llama(config.model).num_parameters() == PARAMETERS[size]
    assert config.model.rope_scaling.factor == (32 if size in ("1b", "3b") else 8)
    stages = config.stages
    assert sum(stage.tokens for stage in stages) == pytest.approx(15.6e12, rel=1e-5)
    assert [stage.batch_tokens >> 20 for stage in stages[:3]] == [4, 8, 16]
    assert [stage.sequence_length for stage in stages] == [
        4096, 8192, 8192, 8192, 16384, 32768, 65536, 98304, 131072, 131072,
    ]  # fmt: skip
    assert sum(stage.tokens for stage in stages if stage.gate) == pytest.approx(800e9, rel=1e-3)
    # The rate is at its peak after 8,000 steps and a hundredth of it before annealing, which takes it to zero.
    warm_up = stages[0].whole_tokens + 7939 * stages[1].batch_tokens
    assert learning_rate(warm_up - stages[1].batch_tokens, stages) == pytest.approx(1.0)
    assert learning_rate(warm_up - 2 * stages[1].batch_tokens, stages) < 1
    end = total_tokens(stages)
    assert learning_rate(end - stages[-1].whole_tokens - 1, stages) == pytest.approx(0.01)
    assert learning_rate(end, stages) == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model": MODEL, "optimizer": PEAK}, "stages is missing"),
        (whole(model={k: v for k, v in MODEL.items() if k != "dim"}), "model.dim is missing"),
        (whole(model=MODEL | {"dims": 3}), r"model has no key 'dims'; did you mean dim\?"),
        (whole(xyz={}), "the configuration has no key 'xyz'; it knows model, stages"),
        (whole(model=MODEL | {"dim": 18}), "model.dim is 18; it must be a multiple of twice num_heads"),
        (whole(model=MODEL | {"dim": True}), "model.dim must be a whole number, not True"),
        (whole(model=MODEL | {"num_heads": 4, "num_kv_heads": 3}), "num_kv_heads is 3; it must divide"),
        (whole(model=MODEL | {"rope_scaling": {"factor": 0.5}}), "model.rope_scaling.factor is 0.5; it must be at"),
        (whole(stages=[]), "stages is empty"),
        (whole(stages=STAGE), "stages must be a list, not"),
        (whole(stages=[STAGE, STAGE]), "stages.0.name is all, as is another's"),
        (staged(learning_rate=None), "stages.0.learning_rate is missing; the first"),
        (staged(learning_rate={"shape": "cosine"}), "stages.0.learning_rate.end is missing; a cosine needs it"),
        (
            staged(learning_rate={"shape": "line"}),
            "stages.0.learning_rate.shape must be one of cosine, linear, constant, not 'line'",
        ),
        (staged(learning_rate=RATE | {"start": 0.05}), "learning_rate.end is 0.1; it must lie between 0 and start"),
        (staged(batch_tokens=20), "stages.0.batch_tokens is 20; it must be a multiple"),
        (staged(micro_batch_rows=3), "micro_batch_rows is 3; it must divide the 2"),
        (staged(mixture={"a": 0.5, "b": 0.4}), "stages.0.mixture sums to 0.9"),
        (staged(mixture={"a": "much"}), "stages.0.mixture.a must be a number, not 'much'"),
        (staged(average_every=11), "average_every is 11; it must lie between 1 and the stage's 10"),
        (staged(gate={"short_loss_rise": 0.1, "needle_accuracy": 2}), "gate.needle_accuracy must lie between"),
        (whole(optimizer={"peak_lr": "fast"}), "optimizer.peak_lr must be a number, not 'fast'"),
        (whole(optimizer={"peak_lr": "nan"}), "optimizer.peak_lr must be a number, not 'nan'"),
        (whole(optimizer=PEAK | {"beta2": 1}), "optimizer.beta2 is 1.0; it must lie in"),
        (whole(run={"device": "tpu"}), "run.device must be one of auto, cpu, cuda, not 'tpu'"),
        (whole(run={"log_every": 0}), "run.log_every is 0; it must be at least 1"),
        (whole(optimizer=[1]), "optimizer must be a mapping of keys to values"),
        ("text", "the configuration must be a mapping of keys to values"),
    ],
)
def test_impossible_settings_get_a_sentence_with_their_path(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse_config(settings)


@pytest.mark.parametrize(
    ("content", "overrides", "sentence"),
    [
        (None, [], "There is no configuration .* Name one of debug"),
        ("model: [", [], "is not valid YAML"),
        ("", [], "the configuration must be a mapping of keys to values, not null"),
        ("model: 3", ["run.seed"], "is not of the form key.key=value"),
        ("model: 3", ["model.dim=3"], "goes through model, which has no keys below it"),
        ("stages: [{name: a}]", ["stages.1.name=b"], "asks for entry 1 of a list; stages has 0 to 0"),
    ],
)
def test_unreadable_files_get_a_sentence(tmp_path, content, overrides, sentence):
    path = tmp_path / "file.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=sentence):
        load_config(str(path), overrides)
