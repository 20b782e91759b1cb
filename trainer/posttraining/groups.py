"""What reward model and DPO have in common: rows of prompts with their responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.posttraining.base import Base
from trainer.posttraining.chat import Kind
from trainer.posttraining.packing import fill, first_fit_decreasing
from trainer.posttraining.preferences import Preferences
from trainer.posttraining.rows import Group, GroupBatch, digest, group_batch
from trainer.posttraining.settings import PreferenceConfig
from trainer.posttraining.task import Task
from trainer.training.objective import Tensors


def shares_prompts(attention: str) -> bool:
    """Whether rows hold a prompt once for all its responses: varlen knows no mask for that."""
    return attention != "varlen"


class GroupRows:
    """Groups, and which of them lie in which row."""

    def __init__(self, groups: Sequence[Group], length: int, seed: int, shared: bool, pad: int) -> None:
        self.groups = groups
        self._length, self._shared, self._pad = length, shared, pad
        self.lengths = [group.length(shared) for group in groups]
        self.plan = first_fit_decreasing(self.lengths, length, seed)
        groups_of_a_row = max((len(row) for row in self.plan), default=1)
        self.slots = groups_of_a_row, max((len(group.responses) for group in groups), default=1)
        """The most groups of a row, and the most responses of a group."""

    def __len__(self) -> int:
        return len(self.plan)

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The groups of ``rows``, of which -1 is an empty one."""
        return [number for row in rows if row >= 0 for number in self.plan[row]]

    def batch(self, rows: Sequence[int]) -> GroupBatch:
        plan = [self.plan[row] if row >= 0 else [] for row in rows]
        return group_batch(self.groups, plan, self._length, self._pad, self.slots, self._shared)

    @property
    def fill(self) -> float:
        return fill(self.lengths, len(self.plan), self._length)

    @property
    def digest(self) -> str:
        return digest(self.groups, self.plan)


class PreferenceTask(Task):
    """A task on preferences. The mean of its loss is over the groups of a step."""

    def __init__(self, config: PreferenceConfig, base: Base, preferences: Preferences, ranks: Ranks) -> None:
        super().__init__(config, base, ranks)
        if ranks.context_size > 1:
            raise TrainerError(
                f"run.context_parallel is {ranks.context_size}; {self.name} needs whole rows on each rank. Set it to 1."
            )
        self._sentences += preferences.sentences
        shared = shares_prompts(config.run.attention)
        self._rows, self._held_out = (
            GroupRows(groups, config.sequence_length, config.run.seed, shared, base.chat.pad)
            for groups in (preferences.train, preferences.held_out)
        )

    def _plan_groups(self, **identity: Any) -> None:
        self._plan(len(self._rows), self._rows.digest, self._rows.fill, **identity)
        a_step = len(self._rows.groups) / len(self._rows) * self.config.batch_rows
        self._sentences.append(f"A step has {a_step:.1f} preferences on average.")

    def _mean_length(self, rows: Sequence[int]) -> float:
        squares = sum(self._rows.lengths[number] ** 2 for number in self._rows.numbers(rows))
        return squares / (len(rows) * self.config.sequence_length)

    def _held_out_batches(self) -> Iterator[tuple[list[int], dict[str, Tensor]]]:
        """The rank's part of the rows that are held out, by their numbers, on its device."""
        for numbers in self._passes(len(self._held_out)):
            yield numbers, self._on_device(self._held_out.batch(numbers)._asdict())


def groups_of(batch: Tensors) -> GroupBatch:
    """The part of a batch, which may have more, that says where groups are."""
    return GroupBatch(*(batch[name] for name in GroupBatch._fields))


def response_lengths(batch: GroupBatch) -> Tensor:
    """(B, G, W): tokens of each response, its terminator included."""
    numbers = torch.arange(batch.terminators[0].numel(), device=batch.slots.device)
    owned = (batch.slots[:, None] == numbers[:, None]) & (batch.kinds != Kind.NONE)[:, None]
    return owned.sum(-1).view(batch.terminators.shape)


class Correlation:
    """Of responses' lengths and scores, each less the mean of its prompt: what is said of two prompts is no evidence."""

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(3, dtype=torch.float64, device=device)

    def add(self, lengths: Tensor, scores: Tensor, taken: Tensor) -> None:
        """``lengths``, ``scores`` and whether they are ``taken``: (B, G, W)."""
        count = taken.sum(-1, keepdim=True)
        x, y = (
            torch.where(taken, v - torch.where(taken, v, 0).sum(-1, keepdim=True) / count, 0)
            for v in (lengths.double(), scores.double())
        )
        self._sums += torch.stack([(x * y).sum(), (x * x).sum(), (y * y).sum()])

    def value(self, ranks: Ranks) -> float | None:
        """Over all ranks; ``None`` where lengths or scores do not differ."""
        xy, xx, yy = ranks.sum(self._sums).tolist()
        return xy / (xx * yy) ** 0.5 if xx > 0 and yy > 0 else None
