"""Stages for tests of mixtures: rows of 16 tokens."""

from __future__ import annotations

from trainer.config.schema import LearningRate, StageConfig


def stage(name: str = "s", rows: int = 4, steps: int = 3, **settings: object) -> StageConfig:
    return StageConfig(
        name=name,
        tokens=steps * rows * 16,
        sequence_length=16,
        batch_tokens=rows * 16,
        learning_rate=LearningRate(shape="constant"),
        **settings,
    )


STAGES = [
    stage("one", rows=4, steps=3),
    stage("two", rows=4, steps=3, mixture={"a": 0.5, "c": 0.5}),
    stage("three", rows=8, steps=2, mixture={"b": 0.3, "c": 0.7}),
    stage("four", rows=4, steps=2),
]
