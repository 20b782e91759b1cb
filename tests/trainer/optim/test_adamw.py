from __future__ import annotations

import torch

from tests.trainer.optim.updates import POSITIONS, TOKENS, make, update
from trainer.optim.adamw import optimizer_tensors
from trainer.optim.skip_step import Guard


def test_updates_are_those_of_plain_adamw():
    model, optimizer = make()
    twin, _ = make()
    plain = torch.optim.AdamW(
        [
            {"params": [p for p in twin.parameters() if p.ndim >= 2]},
            {"params": [p for p in twin.parameters() if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=False, foreach=False,
    )  # fmt: skip
    guard = Guard(6.0, torch.device("cpu"))
    for _ in range(3):
        update(model, optimizer, guard, 1.0)
        plain.zero_grad()
        twin(TOKENS, POSITIONS, TOKENS).backward()
        norm = torch.linalg.vector_norm(torch.stack([p.grad.norm() for p in twin.parameters()]))
        for parameter in twin.parameters():
            parameter.grad.mul_(min(1.0, 1.0 / norm.item()))
        plain.step()
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_there_is_a_state_to_load_a_checkpoint_into_before_the_first_step():
    model, optimizer = make()
    found = optimizer_tensors(model, optimizer)
    moments = ("step", "exp_avg", "exp_avg_sq")
    assert list(found) == [f"{name}.{moment}" for name, _ in model.named_parameters() for moment in moments]
    assert not any(tensor.any() or tensor.requires_grad for tensor in found.values())
