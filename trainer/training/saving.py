"""When a run's state goes to disk, and what of it stays there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from trainer.checkpoint import store
from trainer.checkpoint.background import BackgroundSaver
from trainer.config.run_config import RunConfig
from trainer.config.schema import StageConfig
from trainer.config.stages import total_tokens
from trainer.distributed.ranks import Ranks


class Saving:
    """Writes the checkpoints of one run, at once or in the background (``run.async_checkpoints``)."""

    def __init__(self, run_dir: Path, stages: Sequence[StageConfig], run: RunConfig, ranks: Ranks) -> None:
        self._run_dir, self._stages, self._run = run_dir, stages, run
        self._background = BackgroundSaver(ranks.background_group()) if run.async_checkpoints else None

    def save(self, step: int, tokens: int, facts: dict[str, Any], tensors: dict[str, dict[str, Tensor]]) -> None:
        """Saves the state after ``step`` updates, or begins to."""
        facts = {**facts, "permanent": self._is_permanent(step, tokens)}
        arguments = (self._run_dir, step, facts, tensors, self._run.keep_checkpoints)
        if self._background:
            self._background.save(*arguments)
        else:
            store.save(*arguments)

    def before_update(self) -> None:
        """To be called before the state changes."""
        if self._background:
            self._background.wait_for_copy()

    def finish(self) -> None:
        """Returns when all is on disk; raises :class:`~trainer.errors.TrainerError` where it cannot be."""
        if self._background:
            self._background.finish()

    def _is_permanent(self, step: int, tokens: int) -> bool:
        """Whether this checkpoint is never removed: the ends of stages, and ``run.keep_every``."""
        every = self._run.keep_every
        ends = {total_tokens(self._stages[: number + 1]) for number in range(len(self._stages))}
        return tokens in ends or bool(every and step % every == 0)

    def warning_of_disk(self, step: int, tokens: int, tensors: dict[str, dict[str, Tensor]]) -> str | None:
        """A sentence where the checkpoints of the steps to come have no room."""
        there = len(store.steps(self._run_dir))
        wanted = checkpoints_to_come(self._stages, self._run, step, tokens, there)
        size, free = store.size_of(tensors), store.free_bytes(self._run_dir)
        if wanted * size <= free:
            return None
        return (
            f"Warning: {wanted} checkpoints of {size:,} bytes are to come, and the disk of {self._run_dir} has "
            f"{free:,} bytes free. Free some, or lower run.keep_checkpoints or raise run.keep_every."
        )


def checkpoints_to_come(
    stages: Sequence[StageConfig], run: RunConfig, step: int = 0, tokens: int = 0, there: int = 0
) -> int:
    """How many more checkpoints will lie on the disk when it holds most of them, after ``step`` updates with
    ``tokens`` and with so many ``there``."""
    steps = range(step + 1, sum(stage.steps for stage in stages) + 1)
    permanent = sum(number % run.keep_every == 0 for number in steps) if run.keep_every else 0
    ends = sum(total_tokens(stages[: number + 1]) > tokens for number in range(len(stages)))
    # One more than are kept lies there while it is written; a run of few steps has fewer.
    wanted = max(0, run.keep_checkpoints + 1 - there) + permanent + ends
    return min(wanted, len(steps) // run.checkpoint_every + permanent + ends)


def state_bytes(parameters: int, averaged: bool) -> int:
    """Bytes of a checkpoint: weights and AdamW's two moments in fp32, and the mean of the weights where it is
    ``averaged``. Counters are left out."""
    return parameters * (16 if averaged else 12)
