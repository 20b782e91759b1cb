"""The seam between the loop and a task: objectives that know no text train, evaluate, resume and are refused."""

from __future__ import annotations

import io
import json
import os
import signal
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import nn

from tests.trainer.runs import figures, same_state, stopped_in_step
from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import Ranks, connect
from trainer.errors import TrainerError
from trainer.metrics.run_log import Summary, read_metrics
from trainer.training.loop import TrainingLoop
from trainer.training.objective import Objective, StepInput
from trainer.training.session import train

RANKS = connect(RunConfig(device="cpu"))


class Line(Objective):
    """Fits y = 3 x - 1 by batches of plain dictionaries: all that an objective must define, in ten lines."""

    def __init__(self, settings):
        self.settings, self.identity = settings, {"task": "line"}

    def build(self):
        self.model = nn.Linear(1, 1)
        return self.model

    def next_step(self, stage):
        x = torch.linspace(-1, 1, stage.batch_rows)[:, None]
        return StepInput({"x": x, "y": 3 * x - 1}, divisor=len(x))

    def loss(self, batch):
        return {"loss": (self.model(batch["x"]) - batch["y"]).square().sum()}


class Preferences(Objective):
    """Scores the better of two vectors higher, as a reward model does: batches of its own, drawn by a counter that a
    checkpoint keeps, several metrics, an evaluation, and a sentence about itself."""

    metrics = ("accuracy", "margin")

    def __init__(self, settings, task="preferences"):
        self.settings, self.identity = settings, {"task": task}
        self.drawn, self.recorded = 0, False
        self.stages_entered = []
        self.closed = False

    def build(self):
        self.model = nn.Linear(4, 1, bias=False)
        return self.model

    def init_weights(self):
        nn.init.zeros_(self.model.weight)

    def begin(self, tokens, facts):
        self.drawn, self.recorded = facts.get("drawn", 0), facts.get("recorded", False)

    def introduction(self):
        return [f"{self.settings.stages[0].batch_rows} pairs a step."]

    def enter_stage(self, number, report):
        self.stages_entered.append(number)
        report.say(f"Before stage {number}.")
        if number == 1 and not self.recorded:  # a session that goes on within the stage enters it again
            self.recorded = True
            report.record({"first_weight": self.model.weight[0, 0].item()})

    def pairs(self, seed, rows):
        pairs = torch.randn(rows, 2, 4, generator=torch.Generator().manual_seed(seed))
        order = pairs[:, :, 0].argsort(1, descending=True)  # the first entry is what makes one better
        return {"pairs": pairs.gather(1, order[..., None].expand_as(pairs)), "weight": torch.full((rows,), 1.0)}

    def evaluate(self, stage):
        sums = self.loss(self.pairs(1 << 20, 100))
        return {"held_out_accuracy": sums["accuracy"].item() / 100}

    def next_step(self, stage):
        self.drawn += 1
        return StepInput(self.pairs(self.drawn, stage.batch_rows), divisor=stage.batch_rows)

    def loss(self, batch):
        better, worse = self.model(batch["pairs"])[..., 0].unbind(1)
        margin = better - worse
        return {
            "loss": (-nn.functional.logsigmoid(margin) * batch["weight"]).sum(),
            "accuracy": (margin > 0).float().sum(),
            "margin": margin.sum(),
        }

    def facts(self):
        return {"drawn": self.drawn, "recorded": self.recorded}

    def close(self):
        self.closed = True


def run(objective: Objective, folder: Path, console: Console | None = None) -> Summary:
    torch.manual_seed(0)  # for a model whose constructor draws its weights
    return train(objective, folder, RANKS, console)


def test_ten_lines_train_on_plain_dictionaries(make_config, tmp_path):
    config = make_config(stage={"tokens": 400 * 128, "micro_batch_rows": 1}, optimizer={"peak_lr": 0.1})
    line = Line(config)
    summary = run(line, tmp_path / "run")
    assert summary.finished and summary.steps == 400 and summary.parameters == 2
    assert summary.loss_end < 1e-3 < summary.loss_start
    assert line.model.weight.item() == pytest.approx(3, abs=0.1) and line.model.bias.item() == pytest.approx(
        -1, abs=0.1
    )
    assert summary.held_out_loss_end is None
    assert not any("held_out_loss" in entry for entry in read_metrics(tmp_path / "run"))


STAGES = [{"tokens": 20 * 256, "batch_tokens": 256, "micro_batch_rows": 4}, {"tokens": 10 * 512, "batch_tokens": 512}]


def test_an_objective_has_metrics_and_an_evaluation_of_its_own(make_config, tmp_path):
    config = make_config(stages=STAGES, optimizer={"peak_lr": 0.1}, run={"evaluate_every": 15})
    objective, console = Preferences(config), Console(file=io.StringIO(), width=200)
    assert run(objective, tmp_path / "run", console).finished
    lines = read_metrics(tmp_path / "run")
    training = [line for line in lines if "loss" in line]
    assert (
        training[0]["loss"] == pytest.approx(0.6931, abs=1e-4) and training[0]["accuracy"] == 0.0
    )  # all scores are 0
    assert training[-1]["accuracy"] > 0.8 and training[-1]["margin"] > training[1]["margin"]
    accuracies = [line["held_out_accuracy"] for line in lines if "held_out_accuracy" in line]
    assert accuracies[0] == 0.0 and accuracies[-1] > 0.9
    assert [line["step"] for line in lines if "held_out_accuracy" in line] == [0, 15, 20, 30]
    assert [(line["step"], set(line)) for line in lines if "first_weight" in line] == [
        (20, {"step", "tokens", "first_weight"})
    ]
    assert objective.stages_entered == [0, 1, 2] and objective.closed
    told = console.file.getvalue()
    assert "8 pairs a step." in told and "Before stage 2." in told
    assert f"held_out_accuracy {accuracies[-1]:.3f}" in told


@pytest.mark.parametrize("stop_at", [1, 7, 20, 23])
def test_an_objective_resumes_from_what_it_kept(make_config, tmp_path, stop_at):
    config = make_config(stages=STAGES, run={"log_every": 4})
    run(Preferences(config), tmp_path / "whole")
    stopped = Preferences(config)
    with stopped_in_step(stop_at):
        assert not run(stopped, tmp_path / "parts").finished
    assert stopped.closed
    facts = json.loads(next((tmp_path / "parts" / "checkpoints").glob(f"*{stop_at:02d}/facts.json")).read_text())
    assert facts["drawn"] == stop_at
    resumed = Preferences(config)
    assert run(resumed, tmp_path / "parts").finished
    assert resumed.drawn == 30
    assert same_state(tmp_path / "whole", tmp_path / "parts")
    assert any("margin" in line for line in figures(tmp_path / "parts"))


def test_a_run_of_another_task_is_refused(make_config, tmp_path):
    config = make_config()
    run(Preferences(config), tmp_path / "run")
    with pytest.raises(TrainerError, match="started with another task"):
        run(Preferences(config, task="helpfulness"), tmp_path / "run")


def test_waiting_for_batches_is_measured(make_config, tmp_path):
    import time

    class Slow(Line):
        def next_step(self, stage):
            time.sleep(0.05)
            return super().next_step(stage)

    run(Slow(make_config(run={"log_every": 3})), tmp_path / "run")
    stalls = {line["step"]: line["data_stall"] for line in read_metrics(tmp_path / "run") if "loss" in line}
    assert 0.05 <= stalls[1] < 0.5 and 0.1 <= stalls[3] < 1.0


@pytest.mark.parametrize("in_background", [False, True])
def test_a_signal_asks_for_a_checkpoint_and_training_goes_on(make_config, tmp_path, in_background):
    class Asked(Line):
        def next_step(self, stage):
            self.steps = getattr(self, "steps", 0) + 1
            if self.steps == 3:
                os.kill(os.getpid(), signal.SIGUSR1)
            return super().next_step(stage)

    settings = {"checkpoint_every": 100, "async_checkpoints": in_background, "keep_checkpoints": 9}
    console = Console(file=io.StringIO(), width=200)
    assert run(Asked(make_config(run=settings)), tmp_path / "run", console).finished
    word = "Saving" if in_background else "Saved"
    assert f"{word} step 3, as SIGUSR1 asks for." in console.file.getvalue()
    there = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert there == ["step-00000003", "step-00000006"]


@pytest.mark.parametrize("saved", [True, False])
def test_a_run_that_is_stopped_says_where_it_goes_on(make_config, tmp_path, monkeypatch, saved):
    config, console = make_config(run={"checkpoint_every": 2}), Console(file=io.StringIO(), width=200)
    if not saved:
        monkeypatch.setattr(TrainingLoop, "save", lambda self: False)
    with stopped_in_step(3):
        assert not run(Line(config), tmp_path / "run", console).finished
    told = console.file.getvalue()
    if saved:
        assert "Stopped at step 3 and saved. The same command goes on from step 3." in told
    else:
        assert "Stopped at step 3, which is not saved. The same command begins anew: there is no checkpoint." in told
    quiet = Console(file=io.StringIO(), width=200)
    second = Ranks(1, 2, torch.device("cpu"), None)
    monkeypatch.setattr(Ranks, "any", lambda self, flag: flag)
    monkeypatch.setattr(Ranks, "sum", lambda self, value: value)
    train(Line(config), tmp_path / "second", second, quiet)
    assert quiet.file.getvalue() == ""
