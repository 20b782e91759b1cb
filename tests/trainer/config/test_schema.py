"""Each limit of a run's settings: the last value that may be is taken, the first that may not is refused by its key."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.config.run_config import RunConfig
from trainer.config.schema import Config, GateConfig, LearningRate, OptimizerConfig, StageConfig
from trainer.config.validation import ConfigError

RATE = LearningRate(shape="constant")
GIVEN: dict[type, dict[str, Any]] = {
    OptimizerConfig: {"peak_lr": 1e-3},
    LearningRate: {"shape": "linear", "end": 0.5},
    GateConfig: {"short_loss_rise": 0.1, "needle_accuracy": 0.5},
    StageConfig: {"name": "one", "tokens": 90, "sequence_length": 10, "batch_tokens": 40},
    RunConfig: {},
    ModelConfig: {"dim": 48, "num_layers": 2, "num_heads": 6, "num_kv_heads": 2},
    RopeScaling: {"factor": 8},
}


def made(kind: type, **changes: Any) -> Any:
    return kind(**{**GIVEN[kind], **changes})


@pytest.mark.parametrize(
    ("kind", "key", "may", "may_not"),
    [
        (OptimizerConfig, "peak_lr", [1e-9], [0, -1e-3]),
        (OptimizerConfig, "beta1", [0, 0.999], [1, -0.1]),
        (OptimizerConfig, "beta2", [0, 0.999], [1, -0.1]),
        (OptimizerConfig, "eps", [1e-12], [0, -1e-8]),
        (OptimizerConfig, "weight_decay", [0, 1], [-0.1]),
        (OptimizerConfig, "clip_norm", [0.001], [0, -1]),
        (OptimizerConfig, "skip_sigmas", [0.001], [0, -1]),
        (LearningRate, "start", [0.5, 1], [0, -0.1, 1.01]),
        (LearningRate, "end", [0, 1], [-0.1, 1.01]),
        (LearningRate, "warmup_tokens", [0, 1], [-1]),
        (GateConfig, "short_loss_rise", [0], [-0.01]),
        (GateConfig, "needle_accuracy", [0, 1], [-0.01, 1.01]),
        (GateConfig, "needles", [1], [0, -1]),
        (StageConfig, "tokens", [1], [0, -1]),
        (StageConfig, "sequence_length", [2, 40], [1, 0]),
        (StageConfig, "batch_tokens", [10, 20], [0, -10, 15, 45]),
        (StageConfig, "micro_batch_rows", [None, 1, 2, 4], [0, -1, 3, 8]),
        (StageConfig, "average_every", [None, 1, 3], [0, -1, 4]),
        (StageConfig, "mixture", [None, {"a": 1}, {"a": 0, "b": 1}, {"a": 0.25, "b": 0.75}],
         [{}, {"a": 0.9}, {"a": 1.1}, {"a": -0.5, "b": 1.5}]),
        (RunConfig, "seed", [0, 2**63 - 1], [-1, 2**63]),
        *((RunConfig, key, [1, 7], [0, -1]) for key in (
            "log_every", "evaluate_every", "evaluation_tokens", "checkpoint_every", "keep_checkpoints", "context_parallel",
            "tensor_parallel", "data_parallel_replicas", "timeout_minutes",
        )),
        (RunConfig, "keep_every", [None, 500, 1000], [0, -500, 501, 250]),
        *((ModelConfig, key, [value], [0, -value]) for key, value in (
            ("dim", 12), ("num_layers", 1), ("num_heads", 2), ("num_kv_heads", 1), ("ffn_multiple_of", 1),
            ("ffn_multiplier", 0.1), ("rope_theta", 1.0), ("norm_eps", 1e-9),
        )),
        (ModelConfig, "vocab_size", [None, 1], [0, -1]),
        (ModelConfig, "ffn_size", [None, 1], [0, -1]),
        (ModelConfig, "dim", [24], [30, 18]),
        (ModelConfig, "num_kv_heads", [3, 6], [4, 12]),
        (RopeScaling, "factor", [1, 32], [0.99, 0]),
        (RopeScaling, "low_freq_factor", [0.1, 3.9], [0, -1, 4, 5]),
        (RopeScaling, "original_length", [1], [0, -1]),
    ],
)  # fmt: skip
def test_the_limits_of_each_setting(kind: type, key: str, may: list[Any], may_not: list[Any]) -> None:
    for value in may:
        assert getattr(made(kind, **{key: value}), key) == value
    for value in may_not:
        with pytest.raises(ConfigError, match=f"^{key} "):
            made(kind, **{key: value})


@pytest.mark.parametrize(
    ("kind", "changes", "key"),
    [
        (LearningRate, {"shape": "constant"}, "end"),
        (LearningRate, {"shape": "cosine", "end": None}, "end"),
        (LearningRate, {"start": 0.4}, "end"),
        (RunConfig, {"float8": True}, "float8"),
        (RunConfig, {"float8": True, "precision": "bf16", "tensor_parallel": 2}, "float8"),
        (RunConfig, {"context_parallel": 2, "attention": "varlen"}, "attention"),
    ],
)
def test_settings_that_do_not_go_together(kind: type, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key} "):
        made(kind, **changes)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (LearningRate, {"shape": "constant", "end": None}),
        (LearningRate, {"start": 0.5}),
        (RunConfig, {"float8": True, "precision": "bf16"}),
        (RunConfig, {"tensor_parallel": 2, "precision": "bf16"}),
        (RunConfig, {"context_parallel": 2, "attention": "flex"}),
        (RunConfig, {"context_parallel": 2}),
        (RunConfig, {"attention": "varlen"}),
    ],
)
def test_settings_that_go_together(kind: type, changes: dict[str, Any]) -> None:
    made(kind, **changes)


@pytest.mark.parametrize(
    ("tokens", "steps", "whole"), [(1, 1, 40), (40, 1, 40), (41, 2, 80), (80, 2, 80), (90, 3, 120)]
)
def test_a_stage_is_rounded_up_to_whole_steps(tokens: int, steps: int, whole: int) -> None:
    stage = made(StageConfig, tokens=tokens)
    assert (stage.steps, stage.whole_tokens, stage.batch_rows) == (steps, whole, 4)


def test_a_run_needs_a_stage_with_a_rate_and_names_that_differ() -> None:
    def run(*stages: StageConfig) -> Config:
        return Config(model=made(ModelConfig), stages=stages, optimizer=made(OptimizerConfig))

    first, second = made(StageConfig, learning_rate=RATE), made(StageConfig, name="two")
    assert run(first, second).stages == (first, second)
    for stages, sentence in (
        ((), "stages is empty"),
        ((second, first), r"stages\.0\.learning_rate is missing"),
        ((first, second, second), r"stages\.1\.name is two, as is another's"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            run(*stages)


@pytest.mark.parametrize(
    ("changes", "width"),
    [({}, 256), ({"ffn_multiple_of": 1}, 128), ({"ffn_multiple_of": 100}, 200), ({"ffn_multiple_of": 128}, 128),
     ({"ffn_multiplier": 1.3, "ffn_multiple_of": 1}, 166), ({"dim": 4096, "num_heads": 32, "ffn_multiplier": 1.3, "ffn_multiple_of": 1024}, 14336),
     ({"ffn_size": 7}, 7)],
)  # fmt: skip
def test_the_width_of_the_feed_forward_follows_llama_s_rule(changes: dict[str, Any], width: int) -> None:
    model = made(ModelConfig, **changes)
    assert model.ffn_dim == model.spelled_out().ffn_dim == width
    assert model.spelled_out() == made(
        ModelConfig, **{**changes, "ffn_size": width, "ffn_multiplier": 1.0, "ffn_multiple_of": 256}
    )
    assert model.head_dim == model.dim // model.num_heads


def test_only_a_run_takes_the_vocabulary_from_its_shards() -> None:
    assert made(ModelConfig, vocab_size=9).embedding_rows == 9
    with pytest.raises(ValueError, match="needs config.vocab_size"):
        _ = made(ModelConfig).embedding_rows


def test_what_is_taken_where_nothing_is_said() -> None:
    """As the docs and the published models have it."""
    optimizer, run, model = made(OptimizerConfig), RunConfig(), made(ModelConfig)
    assert (optimizer.beta1, optimizer.beta2, optimizer.eps, optimizer.weight_decay) == (0.9, 0.95, 1e-8, 0.1)
    assert (optimizer.clip_norm, optimizer.skip_sigmas) == (1.0, 6.0)
    assert (model.rope_theta, model.norm_eps, model.tied_embeddings, model.ffn_multiplier) == (
        500_000.0,
        1e-5,
        False,
        1.0,
    )
    scaling = made(RopeScaling)
    assert (scaling.low_freq_factor, scaling.high_freq_factor, scaling.original_length) == (1.0, 4.0, 8192)
    assert (run.seed, run.float8, run.compile, run.reshard_after_forward, run.async_checkpoints, run.tensorboard) == (
        0,
        *[False] * 5,
    )
    assert (run.context_parallel, run.tensor_parallel, run.data_parallel_replicas) == (1, 1, 1)
    assert (run.log_every, run.evaluate_every, run.checkpoint_every, run.keep_checkpoints) == (10, 500, 500, 3)
    assert (run.evaluation_tokens, run.timeout_minutes) == (1 << 20, 10.0)
    rate = LearningRate(shape="constant")
    assert (rate.start, rate.warmup_tokens, made(GateConfig).needles, made(StageConfig).rope_scaling) == (
        1.0,
        0,
        20,
        True,
    )
