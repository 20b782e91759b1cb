"""The learning rate, a pure function of the step: nothing to save, nothing to get out of step on resuming."""

from __future__ import annotations

import math

from trainer.config import StageConfig


def learning_rate(step: int, stage: StageConfig) -> float:
    """The rate of the update number ``step`` (from 0): linear warm-up to ``peak_lr``, then half a cosine down.

    The paper, §3.4.1: warm-up over 8,000 steps, cosine to a hundredth of the peak. The first update of a warm-up has
    1 / ``warmup_steps`` of the peak rather than none; the last update of the stage has ``final_lr``.
    """
    if step < stage.warmup_steps:
        return stage.peak_lr * (step + 1) / stage.warmup_steps
    # With a single step behind the warm-up there is no way to go: it has the peak.
    progress = (step - stage.warmup_steps) / max(1, stage.steps - 1 - stage.warmup_steps)
    return stage.final_lr + (stage.peak_lr - stage.final_lr) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
