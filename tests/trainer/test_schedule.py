from __future__ import annotations

import pytest

from trainer.config import StageConfig
from trainer.schedule import learning_rate

STAGE = StageConfig(
    steps=101, sequence_length=8, batch_tokens=8, peak_lr=1.0, final_lr=0.1, warmup_steps=10
)


def test_warm_up_is_linear_and_ends_at_the_peak():
    assert [learning_rate(step, STAGE) for step in (0, 4, 9)] == pytest.approx([0.1, 0.5, 1.0])


def test_cosine_falls_from_the_peak_through_the_middle_to_the_end():
    assert [learning_rate(step, STAGE) for step in (10, 55, 100)] == pytest.approx([1.0, 0.55, 0.1])
    rates = [learning_rate(step, STAGE) for step in range(10, 101)]
    assert rates == sorted(rates, reverse=True)


def test_a_single_step_has_the_peak():
    stage = StageConfig(steps=1, sequence_length=8, batch_tokens=8, peak_lr=2.0, final_lr=0.0, warmup_steps=0)
    assert learning_rate(0, stage) == 2.0
