"""Which stage a number of consumed tokens belongs to: pure functions, so that no checkpoint has to keep it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trainer.config.schema import StageConfig


class Place(NamedTuple):
    """Where a run stands: the number of the stage, and the tokens consumed in all when that stage began."""

    number: int
    begin: int


def total_tokens(stages: Sequence[StageConfig]) -> int:
    """The tokens of all stages, in whole steps."""
    return sum(stage.whole_tokens for stage in stages)


def locate(tokens: int, stages: Sequence[StageConfig]) -> Place:
    """The stage that the update after ``tokens`` consumed tokens belongs to; behind the end, the last one."""
    begin = 0
    for number, stage in enumerate(stages[:-1]):
        if tokens < begin + stage.whole_tokens:
            return Place(number, begin)
        begin += stage.whole_tokens
    return Place(len(stages) - 1, begin)
