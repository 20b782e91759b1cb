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
    norms = guard.tensors["norms"].clone()
    assert update(model, optimizer, guard, scale)
    assert all(torch.equal(before[name], tensor) for name, tensor in optimizer_tensors(model, optimizer).items())
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
    assert torch.equal(norms.nan_to_num(-1), guard.tensors["norms"].nan_to_num(-1))
    assert (guard.tensors["skipped"], guard.tensors["in_a_row"]) == (1, 1)
    assert not update(model, optimizer, guard, 1.0)
    assert (guard.tensors["skipped"], guard.tensors["in_a_row"]) == (1, 0)


def test_a_large_gradient_is_taken_while_little_is_known():
    model, optimizer = make()
    guard = Guard(6.0, torch.device("cpu"))
    update(model, optimizer, guard, 1.0)
    assert not update(model, optimizer, guard, 1000.0)
