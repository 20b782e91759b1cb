"""Runs over several stages: what changes at their borders, and what a resumed run makes of it."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import torch
from rich.console import Console

from tests.trainer.runs import same_state, stopped_in_step
from trainer.checkpoint import store
from trainer.checkpoint.convert import export_model, import_model, load_model
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.optim.weight_averaging import Average
from trainer.training.loop import TrainingLoop
from trainer.training.pretraining import pretrain

GATE = {"short_loss_rise": 100.0, "needle_accuracy": 0.0}
STAGES = [
    {"name": "short", "tokens": 3 * 128, "rope_scaling": False},
    {"name": "ramp", "tokens": 2 * 256, "batch_tokens": 256, "rope_scaling": False},
    {"name": "long", "tokens": 2 * 256, "sequence_length": 64, "batch_tokens": 256, "gate": GATE,
     "learning_rate": {"shape": "constant", "start": 0.1}},
    {"name": "anneal", "tokens": 4 * 256, "sequence_length": 64, "batch_tokens": 256, "average_every": 2,
     "learning_rate": {"shape": "linear", "start": 0.1, "end": 0.0}},
]  # fmt: skip
SETTINGS = {"stages": STAGES, "model": {"rope_scaling": {"factor": 4, "original_length": 32}}}


def test_a_run_walks_through_all_its_stages(shards, make_config, tmp_path, monkeypatch):
    seen = []
    original = TrainingLoop.train_step

    def train_step(self):
        original(self)
        seen.append((self.stage_number, self.state.model.rope_scaling is not None))

    monkeypatch.setattr(TrainingLoop, "train_step", train_step)
    console = Console(file=io.StringIO(), width=200)
    summary = pretrain(make_config(**SETTINGS), [shards], tmp_path / "run", console)
    assert summary.finished and summary.steps == 11
    assert seen == [(0, False)] * 3 + [(1, False)] * 2 + [(2, True)] * 2 + [(3, True)] * 4
    lines = [line for line in read_metrics(tmp_path / "run") if "loss" in line]
    assert [line["stage"] for line in lines] == ["short"] * 3 + ["ramp"] * 2 + ["long"] * 2 + ["anneal"] * 4
    assert [line["tokens"] for line in lines][:6] == [128, 256, 384, 640, 896, 1152]
    rates = [line["learning_rate"] for line in lines]
    assert rates[-6:] == pytest.approx([1e-3, 1e-3, 1e-3, 7.5e-4, 5e-4, 2.5e-4])
    assert "The stage long has met its gate." in console.file.getvalue()
    gates = [line for line in read_metrics(tmp_path / "run") if "gate" in line]
    assert [(line["gate"], line["step"]) for line in gates] == [("long", 7)]
    assert load_model(tmp_path / "run").length == 64


@pytest.mark.parametrize("stop_at", range(1, 11))
def test_stopping_anywhere_changes_nothing(shards, make_config, tmp_path, stop_at):
    config = make_config(**SETTINGS, run={"checkpoint_every": 100})
    pretrain(config, [shards], tmp_path / "whole")
    with stopped_in_step(stop_at):
        assert not pretrain(config, [shards], tmp_path / "parts").finished
    assert pretrain(config, [shards], tmp_path / "parts").finished
    assert same_state(tmp_path / "whole", tmp_path / "parts")
    gates = [store.latest(tmp_path / name).facts["gates"] for name in ("whole", "parts")]
    assert gates[0] == gates[1] and gates[0]["short_loss"] > 0  # measured before the scaling begins


def test_annealing_ends_in_the_mean_of_its_weights(shards, make_config, tmp_path, monkeypatch):
    added = []
    original = Average.add

    def add(self, model):
        added.append([parameter.detach().clone() for parameter in model.parameters()])
        original(self, model)

    monkeypatch.setattr(Average, "add", add)
    pretrain(make_config(**SETTINGS), [shards], tmp_path / "run")
    assert len(added) == 2
    model = load_model(tmp_path / "run").model
    for parameter, *seen in zip(model.parameters(), *added, strict=True):
        torch.testing.assert_close(parameter.detach(), torch.stack(seen).mean(0))
    assert not torch.equal(added[0][0], added[1][0])


def test_a_missed_gate_stops_the_run_until_the_stage_is_longer(shards, make_config, tmp_path, monkeypatch):
    losses = iter([2.0, 2.5, 2.5, 2.05])
    monkeypatch.setattr("trainer.evaluation.stage_gates.Gates._short_loss", lambda self, model: next(losses))

    def config(tokens: int):
        stages = [
            STAGES[0],
            STAGES[1],
            STAGES[2] | {"gate": GATE | {"short_loss_rise": 0.1}, "tokens": tokens},
            STAGES[3],
        ]
        return make_config(**SETTINGS | {"stages": stages})

    for _ in range(2):  # trying again without a change is no way round
        with pytest.raises(
            TrainerError, match="stage long has not met its gate: the held-out loss at 32 tokens is 2.5"
        ):
            pretrain(config(512), [shards], tmp_path / "run")
    summary = pretrain(config(1024), [shards], tmp_path / "run")
    assert summary.finished and summary.steps == 13


def test_a_gate_that_cannot_be_judged_is_refused_before_the_first_step(shards, make_config, tmp_path, write_shard):
    needles = STAGES[2] | {"gate": GATE | {"needle_accuracy": 0.5}}
    with pytest.raises(TrainerError, match="tokens are those of tiny .* Name its file"):
        pretrain(make_config(**SETTINGS | {"stages": [STAGES[0], needles]}), [shards], tmp_path / "run")
    write_shard(tmp_path / "none" / "a.parquet", [[1, 2, 3] * 50])
    with pytest.raises(TrainerError, match="has a gate, but no document is held out"):
        pretrain(make_config(**SETTINGS), [str(tmp_path / "none")], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_imported_model_is_where_training_begins(shards, make_config, tmp_path):
    pretrain(make_config(), [shards], tmp_path / "first")
    export_model(tmp_path / "first", tmp_path / "hf")
    import_model(tmp_path / "hf", tmp_path / "second")
    with pytest.raises(TrainerError, match="another model"):
        pretrain(make_config(model={"dim": 32}), [shards], tmp_path / "second")
    first = read_metrics(tmp_path / "first")
    summary = pretrain(make_config(), [shards], tmp_path / "second")
    last = [line["held_out_loss"] for line in first if "held_out_loss" in line][-1]
    assert summary.held_out_loss_start == pytest.approx(last, rel=1e-6)
    assert summary.finished and summary.steps == 6


# The two transitions of llama3-8b.yaml at small size. Without a fresh beginning the guard skips in both.


def repeating(rng: np.random.Generator) -> list[int]:
    """Five tokens over and over: what comes next stands five places before, which RoPE must tell."""
    return np.tile(rng.integers(0, 60, 5), 13)[:62].tolist()


def unlearnable(rng: np.random.Generator) -> list[int]:
    """Random tokens: once the model knows that, its gradients are noise, which a quarter of the batch doubles."""
    return rng.integers(0, 60, 60).tolist()


SCALING_BEGINS = {
    "model": {"dim": 32, "num_heads": 2, "rope_theta": 100.0, "rope_scaling": {"factor": 8, "original_length": 8}},
    "stages": [
        {"tokens": 230 * 1024, "sequence_length": 64, "batch_tokens": 1024, "rope_scaling": False,
         "learning_rate": {"shape": "linear", "end": 0.1, "warmup_tokens": 10 * 1024}},
        {"tokens": 10 * 1024, "sequence_length": 64, "batch_tokens": 1024,
         "learning_rate": {"shape": "constant", "start": 0.1}},
    ],
}  # fmt: skip
QUARTER_OF_THE_BATCH = {
    "model": {"num_layers": 1, "num_heads": 2, "num_kv_heads": 1},
    "stages": [
        {"tokens": 180 * 1024, "batch_tokens": 1024,
         "learning_rate": {"shape": "linear", "end": 0.02, "warmup_tokens": 1024}},
        {"tokens": 10 * 256, "batch_tokens": 256, "learning_rate": {"shape": "linear", "start": 0.02, "end": 0.0}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "document", "rise"),
    [(SCALING_BEGINS, repeating, 5.0), (QUARTER_OF_THE_BATCH, unlearnable, 1.5)],
    ids=["RoPE scaling begins", "annealing at a quarter of the batch"],
)
def test_no_update_is_skipped_where_a_stage_changes_the_gradients_level(
    make_config, write_shard, tmp_path, settings, document, rise
):
    rng = np.random.default_rng(1)
    write_shard(tmp_path / "shards" / "a.parquet", [document(rng) for _ in range(800)])
    config = make_config(**settings, run={"evaluate_every": 1000, "checkpoint_every": 1000})
    assert pretrain(config, [str(tmp_path / "shards")], tmp_path / "run").finished
    lines = [line for line in read_metrics(tmp_path / "run") if "loss" in line]
    assert lines[-1]["skipped"] == 0
    before, after = (
        np.array([line["grad_norm"] for line in lines if line["stage"] == name]) for name in ("all", "stage-1")
    )
    assert after.mean() > rise * before[-128:].mean()
    # A guard that remembered the stage before would have skipped.
    assert after[0] > before[-128:].mean() + 6 * before[-128:].std(ddof=1)


def test_a_missed_gate_of_the_last_stage_is_not_forgotten(shards, make_config, tmp_path, monkeypatch):
    losses = iter([2.0, 2.5, 2.5, 2.0, 2.0])
    monkeypatch.setattr("trainer.evaluation.stage_gates.Gates._short_loss", lambda self, model: next(losses))
    stages = [STAGES[0], STAGES[2] | {"gate": GATE | {"short_loss_rise": 0.1}}]
    config = make_config(**SETTINGS | {"stages": stages})
    for _ in range(2):
        with pytest.raises(TrainerError, match="stage long has not met its gate"):
            pretrain(config, [shards], tmp_path / "run")
        assert json.loads((tmp_path / "run" / "summary.json").read_text())["finished"] is False
    for _ in range(2):
        assert pretrain(config, [shards], tmp_path / "run").finished
    assert [line["gate"] for line in read_metrics(tmp_path / "run") if "gate" in line] == ["long"]


def test_ends_of_stages_and_every_so_many_steps_stay(shards, make_config, tmp_path):
    stages = [{"tokens": 5 * 128}, {"tokens": 8 * 128}]
    run = {"checkpoint_every": 1, "keep_checkpoints": 1, "keep_every": 4}
    pretrain(make_config(stages=stages, run=run), [shards], tmp_path / "run")
    assert [int(path.name[-2:]) for path in store.steps(tmp_path / "run")] == [4, 5, 8, 12, 13]
    with pytest.raises(TrainerError, match="keep_every is 3; it must be a multiple of checkpoint_every"):
        make_config(run={"checkpoint_every": 2, "keep_every": 3})
