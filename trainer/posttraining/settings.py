"""The settings of the tasks of post-training. What the paper does not print is ours, and the configurations say so."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from trainer.config.run_config import RunConfig
from trainer.config.schema import LearningRate, OptimizerConfig, StageConfig
from trainer.config.validation import require
from trainer.posttraining.records import STRENGTHS, USED_STRENGTHS


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """The learning rate over all steps: a rise from 0 to ``optimizer.peak_lr``, then a way down to ``end`` of it."""

    shape: Literal["cosine", "linear", "constant"] = "cosine"
    end: float = 0.1
    """Of no account where the shape is constant."""
    warmup: float = 0.03
    """The rise's share of the steps, …"""
    warmup_steps: int = 5
    """… and how many it has at least."""

    def __post_init__(self) -> None:
        require(0 <= self.end <= 1, "end", f"is {self.end}; it must lie between 0 and 1")
        require(0 <= self.warmup <= 1, "warmup", f"is {self.warmup}; it must lie between 0 and 1")
        require(self.warmup_steps >= 0, "warmup_steps", f"is {self.warmup_steps}; it must not be negative")


@dataclass(frozen=True, kw_only=True)
class TaskConfig:
    """What all tasks are told, apart from their base, data and output."""

    sequence_length: int
    """Tokens in a packed row; no dialog, and no prompt with its responses, may be longer."""
    batch_rows: int
    """Rows a step, over all ranks and micro-batches."""
    micro_batch_rows: int | None = None
    """Rows that go through the model at once on a rank; without it, all that the rank has of a step."""
    epochs: float = 1.0
    """Passes over the data."""
    steps: int | None = None
    """At most so many updates, however many the epochs would have."""
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    held_out: float = 0.0
    """The share of the prompts that are held out for evaluation, by their hash."""
    average_every: int | None = None
    """Steps between the weights whose mean becomes the model in the end; none without."""
    optimizer: OptimizerConfig
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        require(self.sequence_length > 1, "sequence_length", f"is {self.sequence_length}; it must be at least 2")
        require(self.batch_rows > 0, "batch_rows", f"is {self.batch_rows}; it must be at least 1")
        require(
            self.micro_batch_rows is None
            or (self.micro_batch_rows > 0 and self.batch_rows % self.micro_batch_rows == 0),
            "micro_batch_rows",
            f"is {self.micro_batch_rows}; it must divide batch_rows ({self.batch_rows})",
        )
        require(self.epochs > 0, "epochs", f"is {self.epochs}; it must be more than 0")
        require(self.steps is None or self.steps > 0, "steps", f"is {self.steps}; it must be at least 1")
        require(0 <= self.held_out < 1, "held_out", f"is {self.held_out}; it must be at least 0 and less than 1")

    def stage(self, name: str, rows: int, rope_scaling: bool) -> StageConfig:
        """The task's only stage, over ``rows`` rows in all."""
        steps = min(math.ceil(rows / self.batch_rows), self.steps or rows)
        batch_tokens = self.batch_rows * self.sequence_length
        warmup = min(steps, max(self.schedule.warmup_steps, math.ceil(self.schedule.warmup * steps)))
        return StageConfig(
            name=name,
            tokens=steps * batch_tokens,
            sequence_length=self.sequence_length,
            batch_tokens=batch_tokens,
            micro_batch_rows=self.micro_batch_rows,
            learning_rate=LearningRate(
                shape=self.schedule.shape,
                end=None if self.schedule.shape == "constant" else self.schedule.end,
                warmup_tokens=warmup * batch_tokens,
            ),
            rope_scaling=rope_scaling,
            average_every=self.average_every,
        )


@dataclass(frozen=True, kw_only=True)
class SftConfig(TaskConfig):
    """Supervised fine-tuning: cross-entropy of what the assistant says."""

    train: Literal["last", "all"] = "last"
    """The assistant's last turn of each dialog (the paper, §4.2.3: an example is context and final response), or all."""
    mixture: dict[str, float] | None = None
    """How often the dialogs of each name (``--data NAME=FILE``) come in an epoch; once without. 2.5 is all of them
    twice, and half of them, drawn anew by the seed, once more."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, often in (self.mixture or {}).items():
            require(often >= 0, f"mixture.{name}", f"is {often}; it must not be negative")


@dataclass(frozen=True, kw_only=True)
class PreferenceConfig(TaskConfig):
    """What reward model and DPO have in common: which preferences are used."""

    strengths: tuple[str, ...] = USED_STRENGTHS
    """Of rows that have a strength, only these (the paper, §4.2.1)."""
    max_similarity: float = 0.95
    """Rows whose chosen and rejected response are more alike are left out ("similar responses are discarded", §4.2.1;
    the number is ours): 1 - edit distance in tokens / tokens of the longer one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = [strength for strength in self.strengths if strength not in STRENGTHS]
        require(not unknown, "strengths", f"has {unknown[:1]}; it may have {', '.join(STRENGTHS)}")
        require(bool(self.strengths), "strengths", f"is empty; it may have {', '.join(STRENGTHS)}")
        require(0 < self.max_similarity <= 1, "max_similarity", f"is {self.max_similarity}; it must lie in (0, 1]")


@dataclass(frozen=True, kw_only=True)
class RewardConfig(PreferenceConfig):
    """The reward model."""

    center: float = 0.0
    """Weight of the mean of (s_a + s_b)², which holds scores near 0; TRL's default, where it is used, is 0.01."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.center >= 0, "center", f"is {self.center}; it must not be negative")


@dataclass(frozen=True, kw_only=True)
class DpoConfig(PreferenceConfig):
    """Direct preference optimisation (arXiv 2305.18290) as the paper, §4.1.4, changes it."""

    beta: float = 0.1
    nll: float = 0.2
    """The weight of the chosen response's negative log-likelihood."""
    nll_mean: Literal["row", "token"] = "row"
    """Its mean over each response and then over rows (IRPO), or over all tokens of the batch (TRL)."""
    mask_format: bool = True
    """Whether terminators are left out of the preference term. They never are of the NLL."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.beta > 0, "beta", f"is {self.beta}; it must be positive")
        require(self.nll >= 0, "nll", f"is {self.nll}; it must not be negative")
        require(
            self.epochs <= 2,
            "epochs",
            f"is {self.epochs:g}; it must be 2 at most: more passes over the same pairs make a model worse, while its "
            "training margin still grows",
        )


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """A task's settings in the form in which the training loop reads them."""

    stages: tuple[StageConfig, ...]
    optimizer: OptimizerConfig
    run: RunConfig
    task: dict[str, Any]
    """The task's other settings; the loop keeps them in ``config.json``."""

    @classmethod
    def of(cls, config: TaskConfig, stage: StageConfig) -> TaskSettings:
        others = {k: v for k, v in dataclasses.asdict(config).items() if k not in ("optimizer", "run")}
        return cls(stages=(stage,), optimizer=config.optimizer, run=config.run, task=others)
