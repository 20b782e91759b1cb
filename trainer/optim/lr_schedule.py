"""The learning rate, a pure function of the tokens consumed. None of it is saved, so nothing can get out of step on
resuming."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainer.config.schema import StageConfig
from trainer.config.stages import locate, total_tokens


def learning_rate(tokens: int, stages: Sequence[StageConfig]) -> float:
    """The rate of the update after ``tokens`` consumed tokens, as a fraction of the peak.

    A segment belongs to its stage and to the stages behind it that have none of their own. The warm-up counts the
    update's own tokens, so that the first update has more than none; what comes behind it counts the tokens before,
    so that the last update still has more than a final zero.
    """
    place = locate(tokens, stages)
    first = max(n for n in range(place.number + 1) if stages[n].learning_rate)
    last = next((n for n in range(first + 1, len(stages)) if stages[n].learning_rate), len(stages))
    segment = stages[first].learning_rate
    assert segment is not None
    done = tokens - total_tokens(stages[:first])
    length = total_tokens(stages[first:last])
    after = done + stages[place.number].batch_tokens
    if after < segment.warmup_tokens:
        return segment.start * after / segment.warmup_tokens
    if segment.end is None:  # it is constant
        return segment.start
    progress = (done - segment.warmup_tokens) / max(1, length - segment.warmup_tokens)
    progress = min(max(progress, 0.0), 1.0)
    if segment.shape == "cosine":
        progress = (1 - math.cos(math.pi * progress)) / 2
    return segment.start + (segment.end - segment.start) * progress
