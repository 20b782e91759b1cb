"""The settings of rounds of post-training (``rounds.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from trainer.config.validation import require
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What rounds begin with."""

    base: str | None = None
    """The run of the pre-trained model."""
    tokenizer: str | None = None
    """Its tokenizer's file, where it is neither built in nor kept with the run."""
    prompts: tuple[str, ...] = ()
    """Files of prompts; those for dev and test need a verifier, and so do the others where verifiers compare."""
    dialogs: tuple[str, ...] = ()
    """Files of dialogs that are fine-tuned on beside the selected ones: human and synthetic."""
    preferences: str | None = None
    """Where people write a round's preferences, as in ``compared-{round}.jsonl`` (``collect.by: people``)."""
    task: Literal["sort-digits", "two-digit-sums"] | None = None
    """Instead of base and prompts: a demo task, which makes both …"""
    base_config: str | None = None
    """… with the model of this configuration of pre-training."""

    def __post_init__(self) -> None:
        if self.task:
            require(not (self.base or self.prompts), "task", "makes base and prompts; leave these out")
            require(self.base_config is not None, "base_config", "is missing; a task pre-trains its own base")
        else:
            require(self.base_config is None, "base_config", "goes with a task alone")


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """Shares of the prompts, by the hash of the prompt; the rest is answered K times, for fine-tuning. Ours."""

    dev: float = 0.05
    test: float = 0.05
    preference: float = 0.6

    def __post_init__(self) -> None:
        shares = (self.dev, self.test, self.preference)
        require(self.dev > 0 and self.preference > 0 and self.test >= 0, "splits", "must give dev and preference some")
        require(sum(shares) < 1, "splits", f"sum to {sum(shares):g}; something must be left for the policy's prompts")

    @property
    def shares(self) -> dict[str, float]:
        return {"dev": self.dev, "test": self.test, "preference": self.preference}


@dataclass(frozen=True, kw_only=True)
class SamplingConfig:
    """How all responses are drawn. The paper prints no general temperature."""

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 1024
    rows: int = 64
    """Responses that are written at once, at most."""
    tokens_in_flight: int | None = None
    """Tokens that they may hold together; without it, on a GPU what fits its memory."""

    def __post_init__(self) -> None:
        require(self.temperature >= 0, "temperature", f"is {self.temperature}; it must be at least 0")
        require(0 < self.top_p <= 1, "top_p", f"is {self.top_p}; it must be more than 0 and at most 1")
        require(self.max_tokens >= 1, "max_tokens", f"is {self.max_tokens}; it must be at least 1")
        require(self.rows >= 1, "rows", f"is {self.rows}; it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class CollectConfig:
    """Preferences of a round: two responses to each prompt, compared."""

    prompts: int
    """Prompts a round, from the pool for preferences."""
    by: Literal["verifier", "task", "people"] = "verifier"
    """Who compares: the prompts' verifiers, the annotator of a demo task, or people, for whom a round writes the
    responses down and stops until their file is there."""
    held_out: float = 0.1
    """The share of its prompts that only measures the reward model."""
    second: Literal["incumbent", "runner_up"] = "runner_up"
    """Who writes the second response: "two different models" (the paper, §4.2.1) are the round's best and, from the
    second round on, the next best of the round before."""

    def __post_init__(self) -> None:
        require(self.prompts >= 1, "prompts", f"is {self.prompts}; it must be at least 1")
        require(0 <= self.held_out < 1, "held_out", f"is {self.held_out}; it must be at least 0 and less than 1")


@dataclass(frozen=True, kw_only=True)
class SelectConfig:
    """The best of K responses (the paper, §4.2.2: K is 10 to 30)."""

    prompts: int
    """Prompts a round, from the pool for the policy."""
    per_prompt: int = 10
    by: Literal["verifier_first", "reward", "random"] = "verifier_first"
    """A prompt's verifier where it has one, then the reward model; the reward model alone; or, for comparison, chance."""
    minimum: float | None = None
    """What the best must reach; without it the best is taken whatever it is (the paper)."""
    include_reference: bool = False
    """Whether the prompts' own answers compete."""

    def __post_init__(self) -> None:
        require(self.prompts >= 1, "prompts", f"is {self.prompts}; it must be at least 1")
        require(self.per_prompt >= 2, "per_prompt", f"is {self.per_prompt}; choosing the best needs at least 2")


@dataclass(frozen=True, kw_only=True)
class RoundsConfig:
    """Rounds of reward model, rejection sampling, SFT, DPO, averaging and choosing (the paper, §4.1.6: six)."""

    rounds: int = 6
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where responses are written; the tasks' own ``run.device`` says where they are trained."""
    start: Literal["pretrained", "best"] = "pretrained"
    """What SFT begins with: the pre-trained model in every round (the paper, §4.1.3), or the best so far."""
    data: DataConfig = field(default_factory=DataConfig)
    splits: SplitConfig = field(default_factory=SplitConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    collect: CollectConfig
    select: SelectConfig
    dev_samples: int = 8
    """Responses to each dev prompt: one alone cannot tell models apart that differ by two percent."""
    reward: RewardConfig
    sft: SftConfig
    dpo: DpoConfig

    def __post_init__(self) -> None:
        require(self.rounds >= 1, "rounds", f"is {self.rounds}; it must be at least 1")
        require(
            (self.collect.by == "people") == (self.data.preferences is not None),
            "collect.by",
            f"is {self.collect.by}; people, and nobody else, need data.preferences, the name of their files",
        )
        require(self.collect.by != "task" or self.data.task is not None, "collect.by", "is task; data.task is missing")
        require(self.dev_samples >= 1, "dev_samples", f"is {self.dev_samples}; it must be at least 1")
