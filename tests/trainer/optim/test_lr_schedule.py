from __future__ import annotations

import pytest

from trainer.config.schema import LearningRate, StageConfig
from trainer.optim.lr_schedule import learning_rate


def stage(name: str, steps: int, batch: int, **settings: object) -> StageConfig:
    return StageConfig(name=name, tokens=steps * batch, sequence_length=4, batch_tokens=batch, **settings)


COSINE = LearningRate(shape="cosine", end=0.1, warmup_tokens=80)
ALONE = [stage("all", 110, 8, learning_rate=COSINE)]


def test_warm_up_is_linear_and_ends_at_the_peak():
    assert [learning_rate(step * 8, ALONE) for step in (0, 4, 9)] == pytest.approx([0.1, 0.5, 1.0])


def test_cosine_falls_from_the_peak_through_the_middle_to_the_end():
    assert [learning_rate(tokens, ALONE) for tokens in (80, 480, 880)] == pytest.approx([1.0, 0.55, 0.1])
    rates = [learning_rate(step * 8, ALONE) for step in range(10, 110)]
    assert rates == sorted(rates, reverse=True)


def test_one_cosine_reaches_over_a_batch_ramp():
    ramp = [stage("a", 20, 8, learning_rate=COSINE), stage("b", 45, 16)]
    for tokens in (80, 160, 320, 800):
        assert learning_rate(tokens, ramp) == pytest.approx(learning_rate(tokens, ALONE))


def test_annealing_is_a_line_to_zero_from_where_the_stage_before_ended():
    stages = [
        stage("long", 3, 8, learning_rate=LearningRate(shape="constant", start=0.1)),
        stage("anneal", 4, 8, learning_rate=LearningRate(shape="linear", start=0.1, end=0.0)),
    ]
    rates = [learning_rate(step * 8, stages) for step in range(7)]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.075, 0.05, 0.025])
    assert learning_rate(7 * 8, stages) == 0
