"""What a checkpoint keeps of a run, besides what its task adds (:meth:`trainer.training.objective.Objective.facts`).

No random state is among it: nothing is drawn once the initial weights are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from trainer.checkpoint import store
from trainer.config.schema import OptimizerConfig
from trainer.distributed.ranks import Ranks
from trainer.optim.adamw import make_optimizer, optimizer_tensors
from trainer.optim.skip_step import Guard
from trainer.optim.weight_averaging import Average
from trainer.training.window import MetricsWindow


@dataclass
class TrainingState:
    """Weights, optimizer and counters after ``step`` updates."""

    model: nn.Module
    optimizer: torch.optim.AdamW
    guard: Guard
    window: MetricsWindow
    average: Average | None = None
    """The running mean of the weights, within a stage that has one."""
    step: int = 0
    tokens: int = 0
    """Consumed by all ranks: they decide stage and learning rate."""
    seconds: float = 0.0
    """Spent in steps, over all sessions."""

    @classmethod
    def new(cls, model: nn.Module, config: OptimizerConfig, metrics: Sequence[str], ranks: Ranks) -> TrainingState:
        """The state before the first step."""
        window = MetricsWindow.empty(metrics, ranks.device)
        return cls(model, make_optimizer(model, config), Guard(config.skip_sigmas, ranks.device), window)

    def restore(self, saved: store.Checkpoint, ranks: Ranks) -> None:
        """Goes back to a checkpoint. One that was imported has weights alone."""
        facts = saved.facts
        self.step, self.tokens, self.seconds = (facts.get(name, 0) for name in ("step", "tokens", "seconds"))
        self.window.seconds, self.window.lengths = facts.get("window_seconds", 0.0), facts.get("window_lengths", 0.0)
        if facts.get("averaged"):
            self.average = Average(self.model, facts["averaged"])
        tensors = self.tensors()
        store.load(saved.path, {"model": tensors["model"]} if facts.get("imported") else tensors)
        self.window.leave_to_first(ranks)

    def branch(self, source: store.Checkpoint) -> None:
        """Takes weights and the optimizer's moments of another run, and none of its counters."""
        tensors = self.tensors()
        kept = ("model",) if source.facts.get("imported") else ("model", "optimizer")
        store.load(source.path, {name: tensors[name] for name in kept})

    def facts(self) -> dict[str, Any]:
        """What JSON keeps."""
        return {
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "window_seconds": self.window.seconds,
            "window_lengths": self.window.lengths,
            "averaged": self.average.count if self.average else 0,
        }

    def tensors(self) -> dict[str, dict[str, Tensor]]:
        """What is written as tensors, and loaded in place."""
        return {
            "model": {name: parameter.detach() for name, parameter in self.model.named_parameters()},
            "optimizer": optimizer_tensors(self.model, self.optimizer),
            "guard": self.guard.tensors,
            "window": self.window.sums,
            **({"average": self.average.tensors} if self.average else {}),
        }
