from __future__ import annotations

import pytest
import torch

from trainer.model.llama import Llama
from trainer.optim.adamw import WINDOW, Guard, clip, make_optimizer, optimizer_tensors
from trainer.config.schema import ModelConfig, OptimizerConfig

CONFIG = ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, vocab_size=20, ffn_multiple_of=8)
TOKENS, POSITIONS = torch.arange(10)[None] % 20, torch.arange(10)[None]


def make() -> tuple[Llama, torch.optim.AdamW]:
    model = Llama(CONFIG)
    model.init_weights(0)
    optimizer = make_optimizer(model, OptimizerConfig(peak_lr=1.0))
    for group in optimizer.param_groups:
        group["lr"] = 1e-3
    return model, optimizer


def update(model: Llama, optimizer: torch.optim.AdamW, guard: Guard, scale: float) -> bool:
    optimizer.zero_grad()
    (model(TOKENS, POSITIONS, TOKENS) * scale).backward()
    return bool(guard.step(optimizer, clip(model, 1.0)))


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
