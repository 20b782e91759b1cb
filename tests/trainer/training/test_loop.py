"""The loop's own work on a model of two numbers: what is due after which step, and what a session finds done."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import nn

from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import connect
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.training.loop import PATIENCE, TrainingLoop
from trainer.training.objective import Objective, StepInput

RANKS = connect(RunConfig(device="cpu"))
# Six steps, then five.
STAGES = [{"tokens": 6 * 128}, {"tokens": 5 * 256, "batch_tokens": 256}]


class Line(Objective):
    """Fits y = 3 x - 1; notes the weights before each step, and what it is asked."""

    def __init__(self, settings: Any) -> None:
        self.settings, self.identity = settings, {"task": "line"}
        self.before: list[float] = []
        self.logged: list[bool] = []
        self.entered: list[int] = []
        self.spoiled: set[int] = set()

    def build(self) -> nn.Module:
        self.model = nn.Linear(1, 1)
        return self.model

    def init_weights(self) -> None:
        nn.init.zeros_(self.model.weight)
        nn.init.zeros_(self.model.bias)

    def enter_stage(self, number: int, report: Any) -> None:
        self.entered.append(number)

    def evaluate(self, stage: Any) -> dict[str, float]:
        return {"held_out_loss": self.model.weight.item()}

    def next_step(self, stage: Any) -> StepInput:
        self.before.append(self.model.weight.item())
        self.logged.append(self.is_logged)
        x = torch.linspace(-1, 1, stage.batch_rows)[:, None]
        y = 3 * x - 1
        if len(self.before) in self.spoiled:
            y = y * float("nan")
        return StepInput({"x": x, "y": y}, divisor=len(x))

    def loss(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"loss": (self.model(batch["x"]) - batch["y"]).square().sum()}


def loop(objective: Line, folder: Path) -> tuple[TrainingLoop, io.StringIO]:
    told = io.StringIO()
    return TrainingLoop(objective, folder, RANKS, Console(file=told, width=300)), told


def trained(objective: Line, folder: Path, steps: int = 99) -> str:
    """What is said while at most so many steps are done."""
    found, told = loop(objective, folder)
    found.introduce()
    for _ in range(steps):
        if not found.finished:
            found.train_step()
    found.save()
    found.finish_saving()
    found.close()
    return told.getvalue()


def steps_of(folder: Path, key: str) -> list[int]:
    return [line["step"] for line in read_metrics(folder) if key in line]


def saved(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix("step-")) for path in (folder / "checkpoints").iterdir())


def test_lines_evaluations_and_checkpoints_are_due_every_so_many_steps_and_at_the_ends_of_stages(
    make_config, tmp_path
) -> None:
    config = make_config(
        stages=STAGES, run={"log_every": 4, "evaluate_every": 5, "checkpoint_every": 3, "keep_checkpoints": 9}
    )
    objective = Line(config)
    said = trained(objective, tmp_path)
    assert steps_of(tmp_path, "loss") == [1, 4, 6, 8, 11]
    assert [n + 1 for n, logged in enumerate(objective.logged) if logged] == [1, 4, 6, 8, 11]
    assert steps_of(tmp_path, "held_out_loss") == [0, 5, 6, 10, 11]
    assert saved(tmp_path) == [3, 6, 9, 11]
    assert objective.entered == [0, 1, 2]
    assert (
        "Stage all: 6 steps of 128 tokens in rows of 32." in said and "Stage stage-1: 5 steps of 256 tokens in" in said
    )
    lines = [line for line in read_metrics(tmp_path) if "loss" in line]
    assert [line["tokens"] for line in lines] == [128, 512, 768, 768 + 512, 768 + 5 * 256]
    assert [line["stage"] for line in lines] == ["all"] * 3 + ["stage-1"] * 2
    assert all(line["skipped"] == 0 and line["grad_norm"] > 0 and line["tokens_per_second"] > 0 for line in lines)
    rates = [line["learning_rate"] for line in lines]
    assert rates[0] == 0 or rates[0] < max(rates) <= 1e-2


def test_one_stage_is_not_announced_and_the_loss_is_a_mean(make_config, tmp_path) -> None:
    said = trained(Line(make_config(run={"log_every": 1})), tmp_path)
    assert "Stage" not in said
    first = next(line for line in read_metrics(tmp_path) if "loss" in line)
    x = torch.linspace(-1, 1, 4)
    assert first["loss"] == pytest.approx((3 * x - 1).square().mean().item(), rel=1e-5)


@pytest.mark.parametrize(("every", "seen"), [(2, [2, 4, 6]), (4, [4, 6]), (6, [6]), (1, [1, 2, 3, 4, 5, 6])])
def test_the_mean_of_a_stage_s_weights_is_the_model_in_the_end(
    make_config, tmp_path, every: int, seen: list[int]
) -> None:
    """Of every so many steps of that stage, and of its last one."""
    plain = Line(make_config(stages=[{}, {}], optimizer={"peak_lr": 0.1}))
    trained(plain, tmp_path / "plain")
    averaged = Line(make_config(stages=[{}, {"average_every": every}], optimizer={"peak_lr": 0.1}))
    trained(averaged, tmp_path / "averaged")
    assert averaged.before == plain.before
    after = [*plain.before[7:], plain.model.weight.item()]  # the second stage's step n
    assert averaged.model.weight.item() == pytest.approx(sum(after[n - 1] for n in seen) / len(seen), rel=1e-5)
    assert averaged.model.weight.item() != pytest.approx(after[-1]) or seen == [6]


@pytest.mark.parametrize("stop", [1, 3, 6, 8])
def test_a_mean_goes_on_where_it_was(make_config, tmp_path, stop: int) -> None:
    config = make_config(stages=[{}, {"average_every": 2}], optimizer={"peak_lr": 0.1})
    whole, first, second = (Line(config) for _ in range(3))
    trained(whole, tmp_path / "whole")
    trained(first, tmp_path / "parts", stop)
    said = trained(second, tmp_path / "parts")
    assert f"Going on from step {stop}." in said and first.before + second.before == whole.before
    assert second.model.weight.item() == whole.model.weight.item()
    assert steps_of(tmp_path / "parts", "held_out_loss") == steps_of(tmp_path / "whole", "held_out_loss")


def test_a_run_that_is_done_is_left_alone(make_config, tmp_path) -> None:
    config = make_config(stages=STAGES)
    trained(Line(config), tmp_path)
    before = read_metrics(tmp_path)
    again = Line(config)
    said = trained(again, tmp_path)
    assert "All steps are done already; nothing is left to train." in said
    assert again.before == [] and again.entered == [2] and read_metrics(tmp_path) == before


def test_a_run_that_has_not_begun_is_not_saved(make_config, tmp_path) -> None:
    found, _ = loop(Line(make_config()), tmp_path)
    assert found.save() is False
    found.introduce()
    found.train_step()
    assert found.save() is True and not found.finished
    summary = found.summarise()
    assert (summary.finished, summary.steps, summary.tokens, summary.parameters) == (False, 1, 128, 2)
    assert found.summarise(finished=True).finished
    found.close()


def test_what_changed_since_the_session_before_is_said(make_config, tmp_path) -> None:
    trained(Line(make_config()), tmp_path, 2)
    said = trained(Line(make_config(optimizer={"peak_lr": 0.05})), tmp_path, 1)
    assert "Since the session before, optimizer.peak_lr is 0.05 and was 0.01." in said


def test_updates_that_are_no_numbers_are_skipped_and_too_many_end_the_run(make_config, tmp_path) -> None:
    config = make_config(
        stage={"tokens": 30 * 128}, run={"log_every": 1, "checkpoint_every": 1, "keep_checkpoints": 99}
    )
    few = Line(config)
    few.spoiled = {5, 6}
    trained(few, tmp_path / "few")
    assert few.before[4] == few.before[5] == few.before[6] != few.before[7]
    assert [line["skipped"] for line in read_metrics(tmp_path / "few") if "loss" in line][-1] == 2
    many = Line(config)
    many.spoiled = set(range(5, 99))
    found, told = loop(many, tmp_path / "many")
    found.introduce()
    for _ in range(3 + PATIENCE):
        found.train_step()
    with pytest.raises(TrainerError, match=f"The last {PATIENCE} updates up to step {4 + PATIENCE} were skipped"):
        found.train_step()
    found.finish_saving()
    found.close()
    assert len(many.before) == 4 + PATIENCE
    # What would only be skipped further isn't kept.
    assert saved(tmp_path / "many") == [*range(1, 4 + PATIENCE // 2 + 1)]
    assert f"Step {4 + PATIENCE // 2 + 1} is not saved: the last updates were skipped" in told.getvalue()


def test_utilisation_is_of_the_tokens_since_the_line_before(make_config, tmp_path) -> None:
    asked: list[tuple[float, str, float]] = []

    class Measured(Line):
        def next_step(self, stage: Any) -> StepInput:
            return super().next_step(stage)._replace(mean_length=5.0)

        def utilisation(self, tokens_per_second: float, stage: Any, mean_length: float) -> dict[str, float]:
            asked.append((tokens_per_second, stage.name, mean_length))
            return {"mfu": 0.25}

        def progress(self) -> dict[str, Any]:
            return {"passes": 3}

    trained(Measured(make_config(stages=STAGES, run={"log_every": 4, "evaluate_every": 2})), tmp_path)
    lines = [line for line in read_metrics(tmp_path) if "loss" in line]
    assert asked == [(line["tokens_per_second"], line["stage"], 5.0) for line in lines]
    assert all((line["mfu"], line["passes"]) == (0.25, 3) for line in lines)
    took = [after["seconds"] - before["seconds"] for before, after in itertools.pairwise(lines)]
    tokens = [after["tokens"] - before["tokens"] for before, after in itertools.pairwise(lines)]
    assert [line["tokens_per_second"] for line in lines[1:]] == pytest.approx(
        [count / seconds for count, seconds in zip(tokens, took, strict=True)], rel=1e-3
    )
    assert lines[0]["tokens_per_second"] == pytest.approx(128 / lines[0]["seconds"], rel=1e-3)
