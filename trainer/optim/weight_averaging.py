"""The mean of a stage's weights: "we average model checkpoints (Polyak averaging) during annealing" (§3.4.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Average:
    """A running mean in fp32 of the weights that :meth:`add` has seen; sharded as they are."""

    def __init__(self, model: nn.Module, count: int = 0) -> None:
        self.count = count
        self.tensors: dict[str, Tensor] = {
            name: torch.zeros_like(parameter, dtype=torch.float32, requires_grad=False)
            for name, parameter in model.named_parameters()
        }

    @torch.no_grad()
    def add(self, model: nn.Module) -> None:
        self.count += 1
        weights = [parameter.detach().float() for parameter in model.parameters()]
        means = list(self.tensors.values())
        torch._foreach_lerp_(means, weights, 1 / self.count)  # pyright: ignore[reportPrivateImportUsage]

    @torch.no_grad()
    def copy_to(self, model: nn.Module) -> None:
        """Overwrites the weights of ``model`` with the mean."""
        for name, parameter in model.named_parameters():
            parameter.copy_(self.tensors[name])
