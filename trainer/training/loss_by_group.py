"""The training loss apart for each directory of shards and each class of content.

Measured on the steps alone of which a line is written, from the losses that these steps compute in any case: no second
forward pass, nothing in other steps, and nothing that a checkpoint must keep.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tokens.shards import CLASSES
from trainer.data.batch import group_number
from trainer.distributed.ranks import Ranks
from trainer.labels import IGNORE


class LossByGroup:
    """Sums of one step, by :func:`trainer.data.batch.group_number`."""

    def __init__(self, sources: Sequence[str], ranks: Ranks) -> None:
        self._sources, self._ranks = sources, ranks
        self._sums: Tensor | None = None

    def clear(self) -> None:
        """Begins a step."""
        self._sums = None

    def add(self, losses: Tensor, labels: Tensor, groups: Tensor) -> None:
        """Adds a micro-batch, three tensors of one shape: each label's loss, the labels, their documents' groups."""
        if self._sums is None:
            # In fp64: fp32 loses digits of sums over millions of labels.
            shape = (2, group_number(len(self._sources), 0))
            self._sums = torch.zeros(shape, dtype=torch.float64, device=losses.device)
        numbers = groups.flatten().long()
        self._sums[0].index_add_(0, numbers, losses.flatten().double())
        self._sums[1].index_add_(0, numbers, (labels != IGNORE).flatten().double())

    def means(self) -> dict[str, dict[str, float]]:
        """Nats a token over all ranks: ``loss_by_source`` where there are several directories, ``loss_by_class`` where
        shards name classes, each of those that had labels. Every rank must call it; waits for the device."""
        if self._sums is None:
            return {}
        losses, counts = self._ranks.sum(self._sums).view(2, len(self._sources), -1).cpu()
        found = {}
        if len(self._sources) > 1:
            found["loss_by_source"] = _means(self._sources, losses.sum(1), counts.sum(1))
        found["loss_by_class"] = _means(CLASSES, losses.sum(0), counts.sum(0))
        return {name: means for name, means in found.items() if means}


def _means(names: Sequence[str], losses: Tensor, counts: Tensor) -> dict[str, float]:
    pairs = zip(names, losses.tolist(), counts.tolist(), strict=False)  # what has no class has no name
    return {name: loss / count for name, loss, count in pairs if count}
