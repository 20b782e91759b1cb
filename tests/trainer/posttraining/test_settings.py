"""Each limit of post-training's settings: the last value that may be is taken, the first that may not is refused."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.config.schema import OptimizerConfig
from trainer.config.validation import ConfigError
from trainer.posttraining.records import USED_STRENGTHS
from trainer.posttraining.round_settings import (
    CollectConfig,
    DataConfig,
    RoundsConfig,
    SamplingConfig,
    SelectConfig,
    SplitConfig,
)
from trainer.posttraining.settings import (
    DpoConfig,
    RewardConfig,
    ScheduleConfig,
    SftConfig,
    TaskConfig,
    TaskSettings,
)

TASK: dict[str, Any] = {"sequence_length": 16, "batch_rows": 6, "optimizer": OptimizerConfig(peak_lr=1e-3)}
GIVEN: dict[type, dict[str, Any]] = {
    **dict.fromkeys((TaskConfig, SftConfig, RewardConfig, DpoConfig), TASK),
    CollectConfig: {"prompts": 9},
    SelectConfig: {"prompts": 9},
    RoundsConfig: {
        "collect": CollectConfig(prompts=9), "select": SelectConfig(prompts=9),
        "reward": RewardConfig(**TASK), "sft": SftConfig(**TASK), "dpo": DpoConfig(**TASK),
    },
}  # fmt: skip


def made(kind: type, **changes: Any) -> Any:
    return kind(**{**GIVEN.get(kind, {}), **changes})


@pytest.mark.parametrize(
    ("kind", "key", "may", "may_not"),
    [
        (ScheduleConfig, "end", [0, 1], [-0.1, 1.1]),
        (ScheduleConfig, "warmup", [0, 1], [-0.1, 1.1]),
        (ScheduleConfig, "warmup_steps", [0], [-1]),
        (TaskConfig, "sequence_length", [2], [1, 0]),
        (TaskConfig, "batch_rows", [1], [0, -1]),
        (TaskConfig, "micro_batch_rows", [None, 1, 2, 6], [0, -1, 4, 12]),
        (TaskConfig, "epochs", [0.1, 3], [0, -1]),
        (TaskConfig, "steps", [None, 1], [0, -1]),
        (TaskConfig, "held_out", [0, 0.99], [-0.1, 1]),
        (SftConfig, "mixture", [None, {"a": 0}, {"a": 2.5}], [{"a": 1, "b": -0.5}]),
        (SftConfig, "batch_rows", [1], [0]),
        (RewardConfig, "strengths", [USED_STRENGTHS, ("better",)], [(), ("best",), ("better", "best")]),
        (RewardConfig, "max_similarity", [0.01, 1], [0, 1.01]),
        (RewardConfig, "center", [0, 1], [-0.01]),
        (RewardConfig, "epochs", [3], [0]),
        (DpoConfig, "beta", [0.01], [0, -1]),
        (DpoConfig, "nll", [0, 1], [-0.01]),
        (DpoConfig, "epochs", [1, 2], [2.01, 0]),
        (DpoConfig, "max_similarity", [1], [0]),
        (SamplingConfig, "temperature", [0, 2], [-0.1]),
        (SamplingConfig, "top_p", [0.01, 1], [0, 1.01]),
        (SamplingConfig, "max_tokens", [1], [0]),
        (SamplingConfig, "rows", [1], [0]),
        (CollectConfig, "prompts", [1], [0]),
        (CollectConfig, "held_out", [0, 0.99], [-0.1, 1]),
        (SelectConfig, "prompts", [1], [0]),
        (SelectConfig, "per_prompt", [2], [1]),
        (RoundsConfig, "rounds", [1], [0]),
        (RoundsConfig, "dev_samples", [1], [0]),
    ],
)
def test_the_limits_of_each_setting(kind: type, key: str, may: list[Any], may_not: list[Any]) -> None:
    for value in may:
        assert getattr(made(kind, **{key: value}), key) == value
    for value in may_not:
        with pytest.raises(ConfigError, match=rf"^{key}(\.b)? "):
            made(kind, **{key: value})


@pytest.mark.parametrize(
    ("shares", "may"),
    [((0.1, 0.1, 0.7), True), ((0.1, 0, 0.7), True), ((0, 0.1, 0.7), False), ((0.1, 0.1, 0), False), ((0.1, -0.1, 0.7), False),
     ((0.25, 0.25, 0.5), False), ((0.5, 0.5, 0.5), False)],
)  # fmt: skip
def test_something_is_left_of_the_prompts_for_the_policy(shares: tuple[float, float, float], may: bool) -> None:
    changes = dict(zip(("dev", "test", "preference"), shares, strict=True))
    if may:
        assert SplitConfig(**changes).shares == changes
    else:
        with pytest.raises(ConfigError, match="^splits "):
            SplitConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"task": "sort-digits", "base_config": "debug"}, None),
        ({"base": "run", "prompts": ("a",)}, None),
        ({}, None),
        ({"task": "sort-digits"}, "base_config"),
        ({"base_config": "debug"}, "base_config"),
        ({"task": "sort-digits", "base_config": "debug", "base": "run"}, "task"),
        ({"task": "sort-digits", "base_config": "debug", "prompts": ("a",)}, "task"),
    ],
)
def test_a_demo_task_makes_base_and_prompts(changes: dict[str, Any], key: str | None) -> None:
    if key is None:
        DataConfig(**changes)
        return
    with pytest.raises(ConfigError, match=f"^{key} "):
        DataConfig(**changes)


@pytest.mark.parametrize(
    ("by", "data", "may"),
    [
        ("verifier", {}, True), ("people", {"preferences": "files"}, True), ("people", {}, False),
        ("verifier", {"preferences": "files"}, False), ("task", {}, False),
        ("task", {"task": "sort-digits", "base_config": "debug"}, True),
    ],
)  # fmt: skip
def test_who_compares_needs_what_it_compares_by(by: str, data: dict[str, Any], may: bool) -> None:
    changes = {"collect": CollectConfig(prompts=9, by=by), "data": DataConfig(**data)}  # type: ignore[arg-type]
    if may:
        made(RoundsConfig, **changes)
        return
    with pytest.raises(ConfigError, match=r"^collect\.by is "):
        made(RoundsConfig, **changes)


@pytest.mark.parametrize(
    ("rows", "changes", "steps", "warmup"),
    [
        (600, {}, 100, 5),
        (601, {}, 101, 5),
        (1200, {}, 200, 6),
        (1201, {}, 201, 7),
        (12, {}, 2, 2),
        (600, {"steps": 7}, 7, 5),
        (600, {"steps": 700}, 100, 5),
        (600, {"schedule": ScheduleConfig(warmup=0.5, warmup_steps=0)}, 100, 50),
        (600, {"schedule": ScheduleConfig(warmup=0, warmup_steps=0)}, 100, 0),
    ],
)
def test_a_task_is_one_stage_that_rises_and_falls(rows: int, changes: dict[str, Any], steps: int, warmup: int) -> None:
    stage = made(TaskConfig, micro_batch_rows=2, **changes).stage("sft", rows, rope_scaling=False)
    assert (stage.name, stage.steps, stage.batch_tokens, stage.sequence_length) == ("sft", steps, 96, 16)
    assert (stage.tokens, stage.micro_batch_rows, stage.rope_scaling, stage.average_every) == (
        steps * 96,
        2,
        False,
        None,
    )
    assert stage.learning_rate.warmup_tokens == warmup * 96
    assert (stage.learning_rate.shape, stage.learning_rate.start, stage.learning_rate.end) == ("cosine", 1.0, 0.1)


def test_a_constant_rate_has_no_end_and_a_mean_of_weights_is_asked_for() -> None:
    config = made(SftConfig, schedule=ScheduleConfig(shape="constant"), average_every=2)
    stage = config.stage("sft", 60, rope_scaling=True)
    assert stage.learning_rate.end is None and stage.average_every == 2 and stage.rope_scaling
    settings = TaskSettings.of(config, stage)
    assert settings.stages == (stage,) and settings.optimizer is config.optimizer and settings.run is config.run
    assert not {"optimizer", "run"} & set(settings.task) and settings.task["train"] == "last"


def test_what_is_taken_where_nothing_is_said() -> None:
    """As the paper has it, or the docs."""
    rounds, dpo, reward, task = made(RoundsConfig), made(DpoConfig), made(RewardConfig), made(TaskConfig)
    assert (rounds.rounds, rounds.seed, rounds.dev_samples, rounds.start) == (6, 0, 8, "pretrained")
    assert rounds.splits.shares == {"dev": 0.05, "test": 0.05, "preference": 0.6}
    assert (rounds.sampling.temperature, rounds.sampling.top_p, rounds.sampling.max_tokens, rounds.sampling.rows) == (
        1,
        1,
        1024,
        64,
    )
    assert (rounds.collect.held_out, rounds.select.per_prompt, rounds.select.include_reference) == (0.1, 10, False)
    assert (dpo.beta, dpo.nll, dpo.mask_format, reward.center, reward.max_similarity) == (0.1, 0.2, True, 0, 0.95)
    assert (task.epochs, task.held_out) == (1.0, 0.0)
    assert (task.schedule.end, task.schedule.warmup, task.schedule.warmup_steps) == (0.1, 0.03, 5)
