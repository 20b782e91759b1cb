from __future__ import annotations

import pytest
import torch

from tests.trainer.optim.updates import make, update
from trainer.optim.adamw import optimizer_tensors
from trainer.optim.skip_step import WINDOW, Guard


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), 1000.0])
def test_a_harmful_update_changes_nothing_and_the_next_is_taken(scale):
    model, optimizer = make()
    guard = Guard(6.0, torch.device("cpu"))
    for _ in range(WINDOW // 2 + 1):
        assert not update(model, optimizer, guard, 1.0)
    before = {name: tensor.clone() for name, tensor in optimizer_tensors(model, optimizer).items()}
    weights = [parameter.detach().clone() for parameter in model.parameters()]
    assert update(model, optimizer, guard, scale)
    assert all(torch.equal(before[name], tensor) for name, tensor in optimizer_tensors(model, optimizer).items())
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
    assert (guard.tensors["skipped"], guard.tensors["in_a_row"]) == (1, 1)
    assert not update(model, optimizer, guard, 1.0)
    assert (guard.tensors["skipped"], guard.tensors["in_a_row"]) == (1, 0)


def test_a_large_gradient_is_taken_while_little_is_known():
    model, optimizer = make()
    guard = Guard(6.0, torch.device("cpu"))
    update(model, optimizer, guard, 1.0)
    assert not update(model, optimizer, guard, 1000.0)


def skipped(guard: Guard, *norms: float) -> int:
    """How many updates of gradients with these norms are skipped."""
    _, optimizer = make()
    return sum(bool(guard.step(optimizer, torch.tensor(norm))) for norm in norms)


@pytest.mark.parametrize("level", [1.5, 10.0, 1e30])
def test_a_lasting_change_of_level_is_taken_after_a_few_updates(level):
    guard = Guard(6.0, torch.device("cpu"))
    assert skipped(guard, *[1.0] * WINDOW) == 0
    assert skipped(guard, *[level] * 200) == 4  # as OLMo-core's rule has it


def test_norms_that_are_no_numbers_are_not_remembered():
    guard = Guard(6.0, torch.device("cpu"))
    skipped(guard, *[1.0, 1.1] * (WINDOW // 2))
    assert skipped(guard, *[float("nan"), float("inf")] * WINDOW) == 2 * WINDOW
    assert skipped(guard, 2.0, 1.0) == 1


def test_a_stage_begins_with_no_norms():
    guard = Guard(6.0, torch.device("cpu"))
    skipped(guard, *[1.0, 1.01] * WINDOW)
    guard.begin_stage()
    assert skipped(guard, *[5.0, 5.01] * WINDOW) == 0
    assert skipped(guard, 50.0) == 1


def test_half_a_window_of_norms_is_enough_to_judge_by():
    for known, expected in ((WINDOW // 2 - 1, 0), (WINDOW // 2, 1)):
        guard = Guard(6.0, torch.device("cpu"))
        assert skipped(guard, *[1.0] * known) == 0
        assert skipped(guard, 1000.0) == expected
    assert WINDOW == 128
