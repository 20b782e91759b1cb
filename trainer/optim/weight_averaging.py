"""The mean of a stage's weights: "we average model checkpoints (Polyak averaging) during annealing" (§3.4.3)."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.model.llama import Llama


class Average:
    """A running mean in fp32 of the weights that :meth:`add` has seen; sharded as they are."""

    def __init__(self, model: Llama, count: int = 0) -> None:
        self.count = count
        self.tensors: dict[str, Tensor] = {
            name: torch.zeros_like(parameter, dtype=torch.float32, requires_grad=False)
            for name, parameter in model.named_parameters()
        }

    @torch.no_grad()
    def add(self, model: Llama) -> None:
        self.count += 1
        weights = [parameter.detach().float() for parameter in model.parameters()]
        torch._foreach_lerp_(list(self.tensors.values()), weights, 1 / self.count)

    @torch.no_grad()
    def give(self, model: Llama) -> None:
        """Puts the mean in the place of the weights of ``model``."""
        for name, parameter in model.named_parameters():
            parameter.copy_(self.tensors[name])
