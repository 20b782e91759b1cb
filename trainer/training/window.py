"""What is summed up between two lines of training metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.distributed.ranks import Ranks


@dataclass
class MetricsWindow:
    """Sums over the steps since the last line of training metrics. A checkpoint keeps all but ``stall``."""

    sums: dict[str, Tensor]
    """Of this rank, without updates that were skipped: ``loss``, the task's other metrics, and ``labels``, the count
    by which they are divided."""
    seconds: float = 0.0
    lengths: float = 0.0
    """The tokens of each step times the mean length of their documents."""
    stall: float = 0.0
    """Seconds waited for data."""

    @classmethod
    def empty(cls, metrics: Sequence[str], device: torch.device) -> MetricsWindow:
        return cls({name: torch.zeros((), device=device) for name in ("loss", "labels", *metrics)})

    def add(self, sums: Mapping[str, Tensor], own_count: float, skipped: Tensor) -> None:
        """Adds the sums of a step, of which ``own_count`` is this rank's share of the count."""
        found: dict[str, Tensor | float] = {**sums, "labels": own_count}
        for name, before in self.sums.items():
            self.sums[name] = before + torch.where(skipped, 0, found[name])

    def means(self, ranks: Ranks) -> dict[str, float | None]:
        """The sums of all ranks over their count, ``None`` where all updates were skipped. Waits for the device."""
        sums = {name: ranks.sum(tensor).item() for name, tensor in self.sums.items()}
        count = sums.pop("labels")
        return {name: total / count if count else None for name, total in sums.items()}

    def gather(self, ranks: Ranks) -> None:
        """To be called before a checkpoint is written: it keeps one value of what is not sharded, that of the first
        rank, which so must be the sum of all."""
        self.sums = {name: ranks.sum(tensor) for name, tensor in self.sums.items()}
        self.leave_to_first(ranks)

    def leave_to_first(self, ranks: Ranks) -> None:
        """Empties the sums of all ranks but the first, so that what it has is counted once."""
        if ranks.shard_rank:
            self._clear_sums()

    def clear(self) -> None:
        self._clear_sums()
        self.seconds = self.lengths = self.stall = 0.0

    def _clear_sums(self) -> None:
        self.sums = {name: torch.zeros_like(tensor) for name, tensor in self.sums.items()}
