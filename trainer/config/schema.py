"""The settings of a training run, as dataclasses that refuse what cannot be. :mod:`trainer.config.loader` reads them.

A run is a list of stages (:class:`StageConfig`): the batch and sequence ramp, the long-context stages and the
annealing are all entries of that one list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from trainer.errors import TrainerError


class ConfigError(TrainerError):
    """A setting that is unknown, missing or impossible."""


def _require(condition: bool, key: str, problem: str) -> None:
    if not condition:
        raise ConfigError(f"{key} {problem}")


@dataclass(frozen=True, kw_only=True)
class RopeScaling:
    """Llama 3.1's stretching of slow rotary frequencies (llama-models, ``models/llama3/model.py:45``).

    A pair that turns once in less than ``original_length / high_freq_factor`` tokens stays as it is, one that needs
    more than ``original_length / low_freq_factor`` is slowed down ``factor`` times, and those between are blended.
    """

    factor: float
    """8 for Llama 3.1, 32 for the 1B and 3B of Llama 3.2 (meta-llama/llama-models#241); 3.0 has no scaling at all."""
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_length: int = 8192

    def __post_init__(self) -> None:
        _require(self.factor >= 1, "factor", f"is {self.factor}; it must be at least 1")
        _require(
            0 < self.low_freq_factor < self.high_freq_factor,
            "low_freq_factor",
            f"is {self.low_freq_factor}; it must be positive and less than high_freq_factor ({self.high_freq_factor})",
        )
        _require(self.original_length > 0, "original_length", "must be at least 1")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a Llama 3 (llama-models, ``models/llama3/args.py``; the paper's Table 3)."""

    dim: int
    """Width of the residual stream."""
    num_layers: int
    num_heads: int
    num_kv_heads: int
    """Heads of keys and values, each shared by ``num_heads / num_kv_heads`` heads of queries (GQA)."""
    vocab_size: int | None = None
    """Rows of the embedding; without it, as many as the tokenizer of the shards has ids."""
    ffn_multiplier: float = 1.0
    ffn_multiple_of: int = 256
    ffn_size: int | None = None
    """Width of the feed-forward layers where Llama's rule (:attr:`ffn_dim`) does not give it."""
    tied_embeddings: bool = False
    """Whether the head shares the embedding's weights, as in the 1B and 3B models of Llama 3.2."""
    rope_theta: float = 500_000.0
    rope_scaling: RopeScaling | None = None
    norm_eps: float = 1e-5

    def __post_init__(self) -> None:
        for key in ("dim", "num_layers", "num_heads", "num_kv_heads", "ffn_multiple_of"):
            _require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be at least 1")
        for key in ("vocab_size", "ffn_size"):
            _require(getattr(self, key) is None or getattr(self, key) > 0, key, "must be at least 1, or left out")
        for key in ("ffn_multiplier", "rope_theta", "norm_eps"):
            _require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be positive")
        _require(
            self.dim % (2 * self.num_heads) == 0,
            "dim",
            f"is {self.dim}; it must be a multiple of twice num_heads ({2 * self.num_heads}), because RoPE rotates "
            "the halves of each head",
        )
        _require(
            self.num_heads % self.num_kv_heads == 0,
            "num_kv_heads",
            f"is {self.num_kv_heads}; it must divide num_heads ({self.num_heads})",
        )

    @property
    def embedding_rows(self) -> int:
        """:attr:`vocab_size` where it is known: a run takes it from its shards. Raises :class:`ValueError`."""
        if self.vocab_size is None:
            raise ValueError("A model needs config.vocab_size; only a run takes it from its shards.")
        return self.vocab_size

    @property
    def head_dim(self) -> int:
        return self.dim // self.num_heads

    @property
    def ffn_dim(self) -> int:
        """Llama's rule: two thirds of 4 dim, times the multiplier, rounded up (llama-models, ``model.py:205``)."""
        if self.ffn_size is not None:
            return self.ffn_size
        hidden = int(self.ffn_multiplier * int(2 * 4 * self.dim / 3))
        return math.ceil(hidden / self.ffn_multiple_of) * self.ffn_multiple_of

    def spelled_out(self) -> ModelConfig:
        """The same model with its ``ffn_size`` instead of a rule for it: two that are equal compare equal."""
        return replace(self, ffn_size=self.ffn_dim, ffn_multiplier=1.0, ffn_multiple_of=256)


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
        _require(self.peak_lr > 0, "peak_lr", f"is {self.peak_lr}; it must be positive")
        for key in ("beta1", "beta2"):
            _require(0 <= getattr(self, key) < 1, key, f"is {getattr(self, key)}; it must lie in [0, 1)")
        _require(self.eps > 0, "eps", f"is {self.eps}; it must be positive")
        _require(self.weight_decay >= 0, "weight_decay", f"is {self.weight_decay}; it must not be negative")
        for key in ("clip_norm", "skip_sigmas"):
            _require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be positive")


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
        _require(0 < self.start <= 1, "start", f"is {self.start}; it must lie in (0, 1]")
        _require(self.warmup_tokens >= 0, "warmup_tokens", f"is {self.warmup_tokens}; it must not be negative")
        if self.shape == "constant":
            _require(self.end is None, "end", "goes with a cosine or a line; a constant has none")
        elif self.end is None:
            raise ConfigError(f"end is missing; a {self.shape} needs it")
        else:
            _require(0 <= self.end <= self.start, "end", f"is {self.end}; it must lie between 0 and start")


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
        _require(self.short_loss_rise >= 0, "short_loss_rise", "must not be negative")
        _require(0 <= self.needle_accuracy <= 1, "needle_accuracy", "must lie between 0 and 1")
        _require(self.needles > 0, "needles", "must be at least 1")


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
        _require(self.tokens > 0, "tokens", f"is {self.tokens}; it must be at least 1")
        _require(self.sequence_length > 1, "sequence_length", f"is {self.sequence_length}; it must be at least 2")
        _require(
            self.batch_tokens > 0 and self.batch_tokens % self.sequence_length == 0,
            "batch_tokens",
            f"is {self.batch_tokens}; it must be a multiple of sequence_length ({self.sequence_length})",
        )
        _require(
            self.micro_batch_rows is None
            or (self.micro_batch_rows > 0 and self.batch_rows % self.micro_batch_rows == 0),
            "micro_batch_rows",
            f"is {self.micro_batch_rows}; it must divide the {self.batch_rows} rows of a batch",
        )
        if self.mixture is not None:
            shares = self.mixture.values()
            _require(
                all(share >= 0 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-6),
                "mixture",
                f"sums to {sum(shares):g}; its shares must be at least 0 and sum to 1",
            )
        _require(
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
class RunConfig:
    """What surrounds the mathematics: the seed, the device, and how often to look, evaluate and save."""

    seed: int = 0
    """Decides the initial weights and the order of the documents."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16: the matrices multiply in bfloat16; weights, optimizer, loss and the sum of gradients stay in fp32."""
    float8: bool = False
    """The blocks' matrices multiply in float8, each row with its own scale; for GPUs that have it (H100 on), with
    ``compile``."""
    attention: Literal["sdpa", "flex", "varlen"] = "sdpa"
    """sdpa runs anywhere and holds a mask of T x T; flex and varlen need a GPU and skip what the mask excludes."""
    context_parallel: int = 1
    """Ranks that share each row, for rows too long for one: they must divide the ranks, and twice them the rows."""
    tensor_parallel: int = 1
    """Ranks that share each matrix, where FSDP alone has no more memory to save: they must divide the ranks, the
    heads, the kv heads, the feed-forward's width, the vocabulary and each rank's tokens of a row."""
    data_parallel_replicas: int = 1
    """Copies of the model, each sharded over its own ranks (HSDP), for so many ranks that gathering over all of them
    takes too long: they must divide the ranks. Copies lie on different hosts where each fits on whole ones."""
    timeout_minutes: float = 10.0
    """How long a rank waits for the others, once each has done a step of the stage, before the run ends."""
    activation_checkpointing: Literal["none", "selective", "full"] = "none"
    """Recompute in the backward pass what would otherwise be kept: nothing; all but every second matrix product and
    the attention; everything within a block."""
    reshard_after_forward: bool = False
    """Give gathered weights back between forward and backward pass: less memory, one more gathering a step."""
    compile: bool = False
    """Compile each block with torch.compile."""
    log_every: int = 10
    """Steps between two lines of ``metrics.jsonl``."""
    evaluate_every: int = 500
    """Steps between two looks at the held-out documents, besides those before the first step and after the last."""
    evaluation_tokens: int = 1 << 20
    """At most so many held-out tokens of each directory are looked at, the same ones each time."""
    checkpoint_every: int = 500
    async_checkpoints: bool = False
    """Write checkpoints while training goes on; each rank's host then needs memory for its part of one."""
    keep_checkpoints: int = 3
    """The last so many stay, besides the ends of stages, which are never removed."""
    keep_every: int | None = None
    """Checkpoints of every so many steps stay for good as well: a multiple of ``checkpoint_every``."""
    tokenizer: str | None = None
    """For what the run evaluates in words (needles): a tokenizer's name or file, where the shards' is not built in."""
    profile_step: int | None = None
    """The number of a step whose trace, and on a GPU whose memory, is written into ``RUN/profile``."""
    tensorboard: bool = False
    """Write the figures for TensorBoard as well, into ``RUN/tensorboard``."""
    wandb: str | None = None
    """The Weights & Biases project that the figures go to as well; ``WANDB_MODE=offline`` keeps them in ``RUN``."""

    def __post_init__(self) -> None:
        _require(0 <= self.seed < 1 << 63, "seed", f"is {self.seed}; it must be at least 0 and less than 2^63")
        for key in (
            "log_every", "evaluate_every", "evaluation_tokens", "checkpoint_every", "keep_checkpoints",
            "context_parallel", "tensor_parallel", "data_parallel_replicas", "timeout_minutes",
        ):  # fmt: skip
            _require(getattr(self, key) >= 1, key, f"is {getattr(self, key)}; it must be at least 1")
        _require(
            self.keep_every is None or (self.keep_every > 0 and self.keep_every % self.checkpoint_every == 0),
            "keep_every",
            f"is {self.keep_every}; it must be a multiple of checkpoint_every ({self.checkpoint_every})",
        )
        _require(not self.float8 or self.precision == "bf16", "float8", "is true, which needs precision bf16")
        _require(
            not self.float8 or self.tensor_parallel == 1,
            "float8",
            "is true, which cannot be had with tensor_parallel; leave one of them out",
        )
        _require(
            self.context_parallel == 1 or self.attention != "varlen",
            "attention",
            "is varlen, which cannot be had with context_parallel; choose flex",
        )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a run is told, apart from its data and its output."""

    model: ModelConfig
    stages: tuple[StageConfig, ...]
    optimizer: OptimizerConfig
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        _require(bool(self.stages), "stages", "is empty; a run needs at least one stage")
        _require(
            self.stages[0].learning_rate is not None,
            "stages.0.learning_rate",
            "is missing; the first stage has none to go on with",
        )
        for number, stage in enumerate(self.stages):
            _require(
                [other.name for other in self.stages].count(stage.name) == 1,
                f"stages.{number}.name",
                f"is {stage.name}, as is another's; stages are told apart by their names",
            )
