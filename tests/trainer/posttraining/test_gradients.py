"""Gradients of the tasks' losses against finite differences, and where they must be zero."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.distributed.ranks import Ranks
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.base import Base
from trainer.posttraining.chat import Kind
from trainer.posttraining.dialogs import read_encoded
from trainer.posttraining.groups import groups_of
from trainer.posttraining.preferences import read_groups
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig
from trainer.posttraining.task import Task

ALONE = Ranks(0, 1, torch.device("cpu"), None)


@pytest.fixture
def make_task(tmp_path, make_base, make_settings, dialogs, preferences):
    def make(name: str, **changes: object) -> Task:
        base = Base.open(make_base())
        if name == "sft":
            config = make_settings(SftConfig, **changes)
            task: Task = sft.FineTuning(config, base, read_encoded([dialogs], [], base.chat, config), ALONE)
        elif name == "reward":
            config = make_settings(RewardConfig, **changes)
            groups = read_groups([preferences], [], base.chat, config, shared=True, pairs=False)
            task = reward.RewardTask(config, base, groups, ALONE)
        else:
            config = make_settings(DpoConfig, **changes)
            groups = read_groups([preferences], [], base.chat, config, shared=True, pairs=True)
            task = dpo.DpoTask(config, base, groups, ALONE, tmp_path / "run")
        task.build()
        task.init_weights()
        task.begin(0, {})
        return task

    return make


@pytest.mark.parametrize(
    ("name", "changes"),
    [("sft", {}), ("reward", {"center": 0.1}), ("dpo", {}), ("dpo", {"nll_mean": "token", "mask_format": False})],
)
def test_twenty_weights(make_task, name: str, changes: dict) -> None:
    task = make_task(name, **changes)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in task.model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    step = task.next_step(task.settings.stages[0])

    def loss() -> torch.Tensor:
        return task.loss(step.batch)["loss"] / step.divisor

    loss().backward()
    draw = np.random.default_rng(0)
    parameters = list(task.model.parameters())
    for parameter in [parameters[n] for n in draw.integers(0, len(parameters), 20)]:
        # One of the weights that matter: a difference of fp32 losses does not show the others.
        place = int(parameter.grad.flatten().abs().argmax())
        with torch.no_grad():
            flat, found = parameter.view(-1), []
            kept = flat[place].item()
            for offset in (2e-2, -2e-2):
                flat[place] = kept + offset
                found.append(loss().item())
            flat[place] = kept
        expected = (found[0] - found[1]) / 4e-2
        assert parameter.grad.flatten()[place].item() == pytest.approx(expected, rel=0.03, abs=1e-4)


def log_prob_gradients(task: dpo.DpoTask) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradient of the loss with regard to each label's log-probability, and the labels' kinds."""
    batch = task.next_step(task.settings.stages[0]).batch
    kept = []
    original = task._log_probs

    def keeping(groups):
        kept.append(original(groups))
        kept[-1].retain_grad()
        return kept[-1]

    task._log_probs = keeping
    task.loss(batch)["loss"].backward()
    return kept[0].grad, groups_of(batch).kinds


def test_the_preference_term_has_no_gradient_at_terminators(make_task) -> None:
    grad, kinds = log_prob_gradients(make_task("dpo", nll=0.0))
    assert (grad[kinds == Kind.FORMAT] == 0.0).all() and (grad[kinds == Kind.CONTENT] != 0.0).all()
    grad, kinds = log_prob_gradients(make_task("dpo", nll=0.0, mask_format=False))
    assert (grad[kinds == Kind.FORMAT] != 0.0).all()


def test_the_nll_has_one_at_the_chosen_terminator(make_task) -> None:
    grad, kinds = log_prob_gradients(make_task("dpo"))
    terminators = grad[kinds == Kind.FORMAT]
    assert (terminators < 0).sum() == (terminators == 0).sum() > 0


def test_nll_of_rows_and_tokens_by_hand(make_task, preferences) -> None:
    """Both from the log-probabilities of each chosen response, edited where there is one."""
    task = make_task("dpo", batch_rows=100)
    step = task.next_step(task.settings.stages[0])
    groups = groups_of(step.batch)
    log_probs = task._log_probs(groups)
    rows, tokens = [], []
    for row in range(len(groups.tokens)):
        for g in range(groups.terminators.shape[1]):
            if groups.taken[row, g, 0]:
                mine = log_probs[row][groups.slots[row] == 2 * g]
                rows.append(-mine.mean().item())
                tokens.append(-mine.detach())
    lines = [json.loads(line) for line in Path(preferences).read_text().splitlines()]
    assert sorted(map(len, tokens)) == sorted(len(line.get("edited", line["chosen"])) + 1 for line in lines)
    assert task.loss(step.batch)["nll"].item() / step.divisor == pytest.approx(np.mean(rows), abs=1e-5)
    by_tokens = make_task("dpo", batch_rows=100, nll_mean="token")
    step = by_tokens.next_step(by_tokens.settings.stages[0])
    expected = torch.cat(tokens).mean().item()
    assert by_tokens.loss(step.batch)["nll"].item() / step.divisor == pytest.approx(expected, abs=1e-5)
    assert abs(expected - np.mean(rows)) > 1e-4
