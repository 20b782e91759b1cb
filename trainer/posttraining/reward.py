"""The reward model: which of two responses a person would prefer (the paper, §4.1.2).

It begins with the pre-trained model, a scalar head in the place of the head, and reads the score at each response's
terminator, a place and not an id that is searched for. The loss is :func:`trainer.posttraining.losses.reward_loss`.
Only differences within a prompt mean anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from trainer.config.schema import StageConfig
from trainer.distributed.parallelize import local_part
from trainer.distributed.ranks import Ranks, connect
from trainer.metrics.run_log import Summary
from trainer.posttraining.base import REWARD, Base
from trainer.posttraining.groups import (
    Correlation,
    PreferenceTask,
    groups_of,
    response_lengths,
    shares_prompts,
)
from trainer.posttraining.losses import RewardLoss, reward_loss
from trainer.posttraining.models import RewardModel
from trainer.posttraining.preferences import Preferences, read_groups
from trainer.posttraining.settings import RewardConfig
from trainer.posttraining.task import run_task
from trainer.posttraining.tree_mask import prepare_tree
from trainer.training.objective import StepInput, Tensors


def train(
    config: RewardConfig,
    base: str | Path,
    data: Sequence[str],
    output: str | Path,
    *,
    held_out: Sequence[str] = (),
    tokenizer: str | None = None,
    console: Console | None = None,
) -> Summary:
    """Trains a reward model on the preferences of the files ``data``, or goes on with the run in ``output``; as
    :func:`trainer.posttraining.sft.train` in all else."""
    ranks = connect(config.run)
    opened = Base.open(base, tokenizer)
    opened.demand(is_reward=False, purpose="a new reward model")
    shared = shares_prompts(config.run.attention)
    preferences = read_groups(data, held_out, opened.chat, config, shared, pairs=False)
    return run_task(RewardTask(config, opened, preferences, ranks), output, ranks, console)


class RewardTask(PreferenceTask):
    name = REWARD
    metrics = ("accuracy", "margin")

    def __init__(self, config: RewardConfig, base: Base, preferences: Preferences, ranks: Ranks) -> None:
        super().__init__(config, base, preferences, ranks)
        self._center, self._attention = config.center, config.run.attention
        self._starts_with_unseen = True
        with torch.device("meta"):
            self._reward_model = RewardModel(base.model, config.run.attention)
        self.model = self._reward_model
        self._plan_groups(loss={"center": config.center})

    def init_weights(self) -> None:
        super().init_weights()
        head = self._reward_model.reward_head.weight
        self._reward_model.init_head(self.config.run.seed, local_part(head))

    def next_step(self, stage: StageConfig) -> StepInput:
        rows, own = self._next_rows()
        groups = len(self._rows.numbers(rows))
        return StepInput(self._rows.batch(own)._asdict(), groups, self._mean_length(rows))

    def _scores(self, batch: Tensors) -> Tensor:
        groups = groups_of(batch)
        mask = prepare_tree(groups, self._attention)
        scores = self.model(groups.tokens, groups.positions, groups.terminators.flatten(1), mask)
        return scores.view(groups.terminators.shape)

    def loss(self, batch: Tensors) -> dict[str, Tensor]:
        return reward_loss(self._scores(batch), groups_of(batch).taken, self._center)._asdict()

    @torch.no_grad()
    def evaluate(self, stage: StageConfig) -> dict[str, Any]:
        """Loss, accuracy and margin on what is held out, how scores go with lengths, and the accuracy of whoever always
        takes the longer response."""
        if not self._held_out.groups:
            return {}
        device = self._ranks.device
        sums = torch.zeros(3, dtype=torch.float64, device=device)
        longer = torch.zeros((), dtype=torch.float64, device=device)
        correlation = Correlation(device)
        for _, batch in self._held_out_batches():
            groups = groups_of(batch)
            scores, lengths = self._scores(batch), response_lengths(groups)
            sums += torch.stack(reward_loss(scores, groups.taken, self._center)).double()
            longer += reward_loss(lengths.float(), groups.taken).accuracy
            correlation.add(lengths, scores, groups.taken)
        count = len(self._held_out.groups)
        means = (self._ranks.sum(sums) / count).tolist()
        return {
            **{f"held_out_{name}": value for name, value in zip(RewardLoss._fields, means, strict=True)},
            "held_out_longer_wins": self._ranks.sum(longer).item() / count,
            "held_out_length_correlation": correlation.value(self._ranks),
        }
