"""What a session begins with, and what it writes of itself, on a model of two numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.training.test_loop import Line, trained
from trainer.config.schema import Config
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.training.opening import OpenedRun, open_run
from trainer.training.session import train

FIRST = Ranks(0, 1, torch.device("cpu"), None)
SECOND = Ranks(1, 2, torch.device("cpu"), None)


class Noting(Line):
    """Notes how it was begun."""

    def __init__(self, settings: Config) -> None:
        super().__init__(settings)
        self.calls: list[Any] = []

    def init_weights(self) -> None:
        self.calls.append("init")
        torch.nn.init.constant_(self.model.weight, 0.5)

    def begin(self, tokens: int, facts: dict[str, Any]) -> None:
        self.calls.append((tokens, facts.get("tokens"), self.model.weight.item()))


def opened(objective: Line, folder: Path, ranks: Ranks = FIRST, branch_from: str | None = None) -> OpenedRun:
    found = open_run(objective, folder, ranks, branch_from)
    found.log.close()
    return found


@pytest.fixture
def run(make_config: Callable[..., Config], tmp_path: Path) -> tuple[Path, float]:
    """A run of six steps of 128 tokens, and its weight after the last of them."""
    objective = Line(make_config())
    trained(objective, tmp_path / "run")
    return tmp_path / "run", objective.model.weight.item()


def test_a_new_run_begins_with_initial_weights(make_config, tmp_path: Path) -> None:
    objective = Noting(make_config())
    found = opened(objective, tmp_path)
    assert objective.calls == ["init", (0, None, 0.5)]
    assert (found.state.step, found.state.tokens, found.origin, found.changes) == (0, 0, None, [])
    assert found.num_parameters == 2
    assert json.loads((tmp_path / "config.json").read_text())["optimizer"]["peak_lr"] == 0.01
    assert not (tmp_path / "data.json").exists()


def test_a_run_goes_on_with_its_own(make_config, run: tuple[Path, float]) -> None:
    folder, weight = run
    objective = Noting(make_config())
    objective.data = ["web=shards"]
    found = opened(objective, folder)
    assert objective.calls == [(6 * 128, 6 * 128, weight)]
    assert (found.state.step, found.state.tokens, found.origin, found.changes) == (6, 6 * 128, None, [])
    assert json.loads((folder / "data.json").read_text())["data"] == ["web=shards"]


def test_lines_behind_the_checkpoint_are_forgotten(make_config, tmp_path: Path) -> None:
    config = make_config(run={"checkpoint_every": 4, "log_every": 1})
    objective = Line(config)
    trained(objective, tmp_path)
    last = max((tmp_path / "checkpoints").iterdir())
    for file in last.iterdir():
        file.unlink()
    last.rmdir()
    found = opened(Noting(config), tmp_path)
    assert found.state.step == 4 and max(line["step"] for line in found.log.lines) == 4


def test_a_branch_takes_weights_and_tokenizer_of_another_and_begins_anew(
    make_config, run: tuple[Path, float], tmp_path: Path
) -> None:
    source, weight = run
    (source / "tokenizer").mkdir()
    (source / "tokenizer" / "t.json").write_text("{}")
    objective = Noting(make_config())
    found = opened(objective, tmp_path / "new", branch_from=str(source))
    assert objective.calls == [(0, None, weight)]
    assert found.origin == {"run": str(source), "step": 6, "tokens": 6 * 128}
    assert (found.state.step, found.state.tokens) == (0, 0)
    moments = [state["exp_avg"].abs().sum().item() for state in found.state.optimizer.state.values()]
    assert all(moments)
    assert (tmp_path / "new" / "tokenizer" / "t.json").exists()


def test_a_branch_goes_on_with_its_own_and_only_as_that_branch(
    make_config, run: tuple[Path, float], tmp_path: Path
) -> None:
    source, _ = run
    config, new = make_config(), tmp_path / "new"
    train(Line(config), new, FIRST, None, str(source))
    (source / "tokenizer").mkdir()
    for name in (str(source), None):
        objective = Noting(config)
        found = opened(objective, new, branch_from=name)
        assert found.state.step == 6 and found.origin == {"run": str(source), "step": 6, "tokens": 6 * 128}
    assert not (new / "tokenizer").exists()  # it was to be taken when the run began
    with pytest.raises(TrainerError, match=f"new holds a run that did not begin with {source}@4"):
        opened(Noting(config), new, branch_from=f"{source}@4")
    with pytest.raises(TrainerError, match="run holds a run that did not begin with .*new"):
        opened(Noting(config), source, branch_from=str(new))


def test_other_ranks_write_nothing(make_config, tmp_path: Path, monkeypatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.training.opening.open_sinks", lambda *rest: asked.append(rest[1:3]) or [])
    objective = Noting(make_config())
    objective.data = ["shards"]
    found = opened(objective, tmp_path, SECOND)
    assert found.changes == [] and not list(tmp_path.iterdir()) and asked == []
    opened(Noting(make_config()), tmp_path)
    assert asked == [(tmp_path, 0)]


def test_figures_go_on_behind_the_last_step(make_config, run: tuple[Path, float], monkeypatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.training.opening.open_sinks", lambda *rest: asked.append(rest[1:3]) or [])
    opened(Noting(make_config()), run[0])
    assert asked == [(run[0], 6)]


@pytest.mark.parametrize(("peak", "jumps"), [(0.01, False), (0.01007, False), (0.01015, True), (0.00985, True)])
def test_a_jump_of_the_learning_rate_of_more_than_a_hundredth_is_told(
    make_config, tmp_path: Path, peak: float, jumps: bool
) -> None:
    def config(peak: float) -> Config:
        constant = {"learning_rate": {"shape": "constant"}}
        return make_config(stage=constant, optimizer={"peak_lr": peak})

    told = f"the learning rate jumps from 0.01 to {peak:.3g}, because"
    trained(Line(config(0.01)), tmp_path, 3)
    changes = opened(Noting(config(peak)), tmp_path).changes
    assert any(change.startswith(told) for change in changes) == jumps
    assert any(change.startswith("optimizer.peak_lr is") for change in changes) == (peak != 0.01)


def test_no_jump_is_told_of_a_run_that_begins_or_has_ended(make_config, run: tuple[Path, float], tmp_path) -> None:
    other = make_config(optimizer={"peak_lr": 0.05})
    assert opened(Noting(other), run[0]).changes == ["optimizer.peak_lr is 0.05 and was 0.01"]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "config.json").write_text((run[0] / "config.json").read_text())
    again = make_config(optimizer={"peak_lr": 0.09})
    assert not any("jumps" in change for change in opened(Noting(again), tmp_path / "new").changes)
