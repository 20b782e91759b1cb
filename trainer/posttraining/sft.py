"""Supervised fine-tuning: cross-entropy of what the assistant says, its prompts masked (the paper, §4.1.3).

The mean is over all targets of a step, those of all ranks and micro-batches together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from trainer.config.schema import StageConfig
from trainer.distributed.ranks import Ranks, connect
from trainer.metrics.run_log import Summary
from trainer.model.llama import Llama
from trainer.posttraining.base import Base
from trainer.posttraining.chat import Encoded
from trainer.posttraining.dialogs import Dialogs, read_encoded
from trainer.posttraining.packing import fill, first_fit_decreasing
from trainer.posttraining.rows import dialog_batch, digest
from trainer.posttraining.settings import SftConfig
from trainer.posttraining.task import Task, run_task
from trainer.training.objective import StepInput, Tensors


def train(
    config: SftConfig,
    base: str | Path,
    data: Sequence[str],
    output: str | Path,
    *,
    held_out: Sequence[str] = (),
    tokenizer: str | None = None,
    from_value: bool = False,
    console: Console | None = None,
) -> Summary:
    """Fine-tunes the run ``base`` on the dialogs of the files ``data`` (``FILE`` or ``NAME=FILE``), or goes on with the
    run in ``output`` (:func:`trainer.training.session.train`). Under ``torchrun``, every rank must call it.

    Loss is also measured on the files ``held_out``, or on ``config.held_out`` of the prompts. Raises
    :class:`~trainer.errors.TrainerError` before the first step for settings, base and data that do not go together.
    """
    ranks = connect(config.run)
    opened = Base.open(base, tokenizer)
    opened.demand(is_reward=False, purpose="fine-tuning")
    dialogs = read_encoded(data, held_out, opened.chat, config, from_value)
    return run_task(FineTuning(config, opened, dialogs, ranks), output, ranks, console)


class FineTuning(Task):
    name = "sft"

    def __init__(self, config: SftConfig, base: Base, dialogs: Dialogs, ranks: Ranks) -> None:
        super().__init__(config, base, ranks)
        self._starts_with_unseen = True
        self._sentences += dialogs.sentences
        self._dialogs, self._held_out = dialogs.train, dialogs.held_out
        length, seed = config.sequence_length, config.run.seed
        lengths = [len(dialog.ids) for dialog in self._dialogs]
        self._rows = first_fit_decreasing(lengths, length, seed)
        held_out_lengths = [len(dialog.ids) for dialog in self._held_out]
        self._held_out_rows = first_fit_decreasing(held_out_lengths, length, seed)
        self._targets = [sum(_targets(self._dialogs[n]) for n in row) for row in self._rows]
        self._squares = [sum(lengths[n] ** 2 for n in row) for row in self._rows]
        with torch.device("meta"):
            self.model = Llama(base.model, config.run.attention)
        share = fill(lengths, len(self._rows), length)
        self._plan(len(self._rows), digest(self._dialogs, self._rows), share)

    def next_step(self, stage: StageConfig) -> StepInput:
        rows, own = self._next_rows()
        targets = sum(self._targets[row] for row in rows if row >= 0)
        mean_length = sum(self._squares[row] for row in rows if row >= 0) / stage.batch_tokens
        return StepInput(self._batch(self._dialogs, self._rows, own), targets, mean_length)

    def _batch(
        self, dialogs: Sequence[Encoded], rows: Sequence[Sequence[int]], numbers: Sequence[int]
    ) -> dict[str, Tensor]:
        plan = [rows[number] if number >= 0 else [] for number in numbers]
        batch = dialog_batch(dialogs, plan, self.config.sequence_length, self.base.chat.pad)
        return self._ranks.part(batch)._asdict()

    def loss(self, batch: Tensors) -> dict[str, Tensor]:
        return {"loss": self.model(batch["tokens"], batch["positions"], batch["labels"])}

    @torch.no_grad()
    def evaluate(self, stage: StageConfig) -> dict[str, Any]:
        """Nats a target on the dialogs that are held out."""
        if not self._held_out:
            return {}
        total = torch.zeros((), dtype=torch.float64)
        for numbers in self._passes(len(self._held_out_rows)):
            batch = self._batch(self._held_out, self._held_out_rows, numbers)
            total += self.loss(self._on_device(batch))["loss"].double().cpu()
        targets = sum(_targets(dialog) for dialog in self._held_out)
        return {"held_out_loss": self._ranks.sum(total).item() / targets}


def _targets(dialog: Encoded) -> int:
    return int(np.count_nonzero(dialog.kinds))
