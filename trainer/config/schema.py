"""The settings of a training run, as dataclasses that refuse what cannot be. :mod:`trainer.config.loader` reads them.

A run is a list of stages (:class:`StageConfig`): the batch and sequence ramp, the long-context stages and the
annealing are all entries of that one list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.config.validation import ConfigError, require


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """AdamW. The paper prints no betas, eps, clipping or decay of its final runs (only a decay of 0.1 times the
    learning rate for the scaling-law runs, §3.2.1, which is torch's ``weight_decay=0.1``): the defaults are those
    that public Llama trainers share."""

    peak_lr: float
    """The learning rate that the stages' segments are fractions of."""
    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-8
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    """Gradients with a larger Euclidean norm, over all parameters, are scaled down to it."""
    skip_sigmas: float = 6.0
    """An update is left out where the gradient's norm lies so many standard deviations above the mean of the stage's
    last 128 (the rule of OLMo-core's SkipStepOptimizer), or is no number."""

    def __post_init__(self) -> None:
        require(self.peak_lr > 0, "peak_lr", f"is {self.peak_lr}; it must be positive")
        for key in ("beta1", "beta2"):
            require(0 <= getattr(self, key) < 1, key, f"is {getattr(self, key)}; it must lie in [0, 1)")
        require(self.eps > 0, "eps", f"is {self.eps}; it must be positive")
        require(self.weight_decay >= 0, "weight_decay", f"is {self.weight_decay}; it must not be negative")
        for key in ("clip_norm", "skip_sigmas"):
            require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be positive")


@dataclass(frozen=True, kw_only=True)
class LearningRate:
    """One segment of the learning rate: a way from ``start`` to ``end``, both fractions of ``optimizer.peak_lr``."""

    shape: Literal["cosine", "linear", "constant"]
    start: float = 1.0
    end: float | None = None
    """Needed unless the shape is constant."""
    warmup_tokens: int = 0
    """Over so many tokens at the segment's beginning the rate rises linearly to ``start``."""

    def __post_init__(self) -> None:
        require(0 < self.start <= 1, "start", f"is {self.start}; it must lie in (0, 1]")
        require(self.warmup_tokens >= 0, "warmup_tokens", f"is {self.warmup_tokens}; it must not be negative")
        if self.shape == "constant":
            require(self.end is None, "end", "goes with a cosine or a line; a constant has none")
        elif self.end is None:
            raise ConfigError(f"end is missing; a {self.shape} needs it")
        else:
            require(0 <= self.end <= self.start, "end", f"is {self.end}; it must lie between 0 and start")


@dataclass(frozen=True, kw_only=True)
class GateConfig:
    """What must hold at the end of a stage before the next may begin (the paper, §3.4.2: short-context evaluations
    recovered completely, and needle-in-a-haystack solved up to the stage's length)."""

    short_loss_rise: float
    """By how much, in nats a token, the held-out loss at the first stage's length may exceed what it was when the
    first stage with a gate began. How the paper measured recovery is not printed."""
    needle_accuracy: float
    """The least share of needles that must be found in rows of the stage's length."""
    needles: int = 20

    def __post_init__(self) -> None:
        require(self.short_loss_rise >= 0, "short_loss_rise", "must not be negative")
        require(0 <= self.needle_accuracy <= 1, "needle_accuracy", "must lie between 0 and 1")
        require(self.needles > 0, "needles", "must be at least 1")


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """One stage of training: how much of which data, in which pieces, at which learning rate."""

    name: str
    tokens: int
    """Tokens to train on, rounded up to whole steps."""
    sequence_length: int
    """Tokens in a packed row."""
    batch_tokens: int
    """Tokens a step, over all ranks and micro-batches: a multiple of ``sequence_length``."""
    micro_batch_rows: int | None = None
    """Rows that go through the model at once on a rank; without it, all that the rank has of a step. Fewer need less
    memory."""
    learning_rate: LearningRate | None = None
    """Without it, the stage goes on with the segment of the stage before: one cosine may reach over a batch ramp."""
    mixture: dict[str, float] | None = None
    """Shares of tokens by the name of a directory (``--data NAME=DIR``); without it, all directories are one pool
    and each document comes once an epoch."""
    rope_scaling: bool = True
    """Whether ``model.rope_scaling`` is in force: pre-training at 8K does without it."""
    gate: GateConfig | None = None
    average_every: int | None = None
    """Steps between the weights whose mean becomes the model at the stage's end (Polyak averaging); none without."""

    def __post_init__(self) -> None:
        require(self.tokens > 0, "tokens", f"is {self.tokens}; it must be at least 1")
        require(self.sequence_length > 1, "sequence_length", f"is {self.sequence_length}; it must be at least 2")
        require(
            self.batch_tokens > 0 and self.batch_tokens % self.sequence_length == 0,
            "batch_tokens",
            f"is {self.batch_tokens}; it must be a multiple of sequence_length ({self.sequence_length})",
        )
        require(
            self.micro_batch_rows is None
            or (self.micro_batch_rows > 0 and self.batch_rows % self.micro_batch_rows == 0),
            "micro_batch_rows",
            f"is {self.micro_batch_rows}; it must divide the {self.batch_rows} rows of a batch",
        )
        if self.mixture is not None:
            shares = self.mixture.values()
            require(
                all(share >= 0 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-6),
                "mixture",
                f"sums to {sum(shares):g}; its shares must be at least 0 and sum to 1",
            )
        require(
            self.average_every is None or 0 < self.average_every <= self.steps,
            "average_every",
            f"is {self.average_every}; it must lie between 1 and the stage's {self.steps} steps",
        )

    @property
    def batch_rows(self) -> int:
        return self.batch_tokens // self.sequence_length

    @property
    def steps(self) -> int:
        return math.ceil(self.tokens / self.batch_tokens)

    @property
    def whole_tokens(self) -> int:
        """The tokens of its whole steps."""
        return self.steps * self.batch_tokens


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a run is told, apart from its data and its output."""

    model: ModelConfig
    stages: tuple[StageConfig, ...]
    optimizer: OptimizerConfig
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        require(bool(self.stages), "stages", "is empty; a run needs at least one stage")
        require(
            self.stages[0].learning_rate is not None,
            "stages.0.learning_rate",
            "is missing; the first stage has none to go on with",
        )
        for number, stage in enumerate(self.stages):
            require(
                [other.name for other in self.stages].count(stage.name) == 1,
                f"stages.{number}.name",
                f"is {stage.name}, as is another's; stages are told apart by their names",
            )
