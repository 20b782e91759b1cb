"""The settings of a training run: dataclasses, read from YAML and checked before anything is allocated.

    config = load_config("debug", overrides=["stage.steps=50"])

A name means ``trainer/configs/NAME.yaml``, anything else is a path. Every key must be known and every value possible;
what isn't is reported as one sentence with the path of the key.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from trainer.errors import TrainerError

CONFIGS = Path(__file__).parent / "configs"


class ConfigError(TrainerError):
    """A setting that is unknown, missing or impossible."""


def _require(condition: bool, key: str, problem: str) -> None:
    if not condition:
        raise ConfigError(f"{key} {problem}")


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
    tied_embeddings: bool = False
    """Whether the head shares the embedding's weights, as in the 1B and 3B models of Llama 3.2."""
    rope_theta: float = 500_000.0
    norm_eps: float = 1e-5

    def __post_init__(self) -> None:
        for key in ("dim", "num_layers", "num_heads", "num_kv_heads", "ffn_multiple_of"):
            _require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be at least 1")
        _require(self.vocab_size is None or self.vocab_size > 0, "vocab_size", "must be at least 1, or left out")
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
    def head_dim(self) -> int:
        return self.dim // self.num_heads

    @property
    def ffn_dim(self) -> int:
        """Llama's rule: two thirds of 4 dim, times the multiplier, rounded up (llama-models, ``model.py:205``)."""
        hidden = int(self.ffn_multiplier * int(2 * 4 * self.dim / 3))
        return math.ceil(hidden / self.ffn_multiple_of) * self.ffn_multiple_of


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """AdamW. The paper prints no betas, eps, clipping or decay of its final runs (only a decay of 0.1 times the
    learning rate for the scaling-law runs, §3.2.1, which is torch's ``weight_decay=0.1``): the defaults are those
    that public Llama trainers share."""

    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-8
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    """Gradients with a larger Euclidean norm, over all parameters, are scaled down to it."""

    def __post_init__(self) -> None:
        for key in ("beta1", "beta2"):
            _require(0 <= getattr(self, key) < 1, key, f"is {getattr(self, key)}; it must lie in [0, 1)")
        _require(self.eps > 0, "eps", f"is {self.eps}; it must be positive")
        _require(self.weight_decay >= 0, "weight_decay", f"is {self.weight_decay}; it must not be negative")
        _require(self.clip_norm > 0, "clip_norm", f"is {self.clip_norm}; it must be positive")


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """One stage of training: how much of the data, in which pieces, at which learning rate."""

    steps: int
    sequence_length: int
    """Tokens in a packed row."""
    batch_tokens: int
    """Tokens a step, over all micro-batches: a multiple of ``sequence_length``."""
    micro_batch_rows: int | None = None
    """Rows that go through the model at once; without it, all of a step's. Fewer need less memory, not less time."""
    peak_lr: float
    final_lr: float
    warmup_steps: int

    def __post_init__(self) -> None:
        _require(self.steps > 0, "steps", f"is {self.steps}; it must be at least 1")
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
        _require(self.peak_lr > 0, "peak_lr", f"is {self.peak_lr}; it must be positive")
        _require(
            0 <= self.final_lr <= self.peak_lr,
            "final_lr",
            f"is {self.final_lr}; it must lie between 0 and peak_lr ({self.peak_lr})",
        )
        _require(
            0 <= self.warmup_steps < self.steps,
            "warmup_steps",
            f"is {self.warmup_steps}; it must be less than steps ({self.steps})",
        )

    @property
    def batch_rows(self) -> int:
        return self.batch_tokens // self.sequence_length


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What surrounds the mathematics: the seed, the device, and how often to look, evaluate and save."""

    seed: int = 0
    """Decides the initial weights and the order of the documents."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    log_every: int = 10
    """Steps between two lines of ``metrics.jsonl``."""
    evaluate_every: int = 500
    """Steps between two looks at the held-out documents, besides those before the first step and after the last."""
    evaluation_tokens: int = 1 << 20
    """At most so many held-out tokens are looked at, the same ones each time."""
    checkpoint_every: int = 500
    keep_checkpoints: int = 3

    def __post_init__(self) -> None:
        _require(0 <= self.seed < 1 << 63, "seed", f"is {self.seed}; it must be at least 0 and less than 2^63")
        for key in ("log_every", "evaluate_every", "evaluation_tokens", "checkpoint_every", "keep_checkpoints"):
            _require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a run is told, apart from its data and its output."""

    model: ModelConfig
    stage: StageConfig
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    run: RunConfig = field(default_factory=RunConfig)


def load_config(name: str, overrides: typing.Sequence[str] = ()) -> Config:
    """The configuration ``name``, with ``overrides`` such as ``stage.steps=50`` (values are YAML) laid over it."""
    path = CONFIGS / f"{name}.yaml"
    if not path.is_file():
        path = Path(name)
    try:
        settings = yaml.safe_load(path.read_text("utf-8"))
    except OSError:
        known = ", ".join(sorted(file.stem for file in CONFIGS.glob("*.yaml")))
        raise ConfigError(f"There is no configuration {name!r}. Name one of {known}, or a YAML file.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if isinstance(settings, dict):  # parse_config says so where it isn't
        for override in overrides:
            _override(settings, override)
    return parse_config(settings, str(path))


def parse_config(settings: object, origin: str = "the configuration") -> Config:
    """``settings`` (nested dictionaries, as YAML gives them) as a :class:`Config`, or :class:`ConfigError`."""
    try:
        return _parse(Config, settings, "")
    except ConfigError as error:
        raise ConfigError(f"In {origin}: {error}.") from None


def _override(settings: dict[str, Any], override: str) -> None:
    path, equals, value = override.partition("=")
    if not equals:
        raise ConfigError(f"--set {override} lacks a value; write it as stage.steps=50.")
    *sections, key = path.strip().split(".")
    for section in sections:
        settings = settings.setdefault(section, {})
        if not isinstance(settings, dict):
            raise ConfigError(f"--set {override} goes through {section}, which has no settings below it.")
    settings[key] = yaml.safe_load(value)


def _parse(cls: type, settings: object, path: str) -> Any:
    if not isinstance(settings, dict):
        raise ConfigError(f"{path.rstrip('.') or 'the file'} must be a list of settings, key: value")
    hints = typing.get_type_hints(cls)
    for key in settings:
        if key not in hints:
            close = difflib.get_close_matches(str(key), hints, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(hints)}"
            raise ConfigError(f"{path}{key} is no setting; {hint}")
    for item in dataclasses.fields(cls):
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if required and item.name not in settings:
            raise ConfigError(f"{path}{item.name} is missing")
    values = {
        key: _parse(hints[key], value, f"{path}{key}.")
        if dataclasses.is_dataclass(hints[key])
        else _convert(hints[key], value, f"{path}{key}")
        for key, value in settings.items()
    }
    try:
        return cls(**values)
    except ConfigError as error:
        raise ConfigError(f"{path}{error}") from None


def _convert(kind: Any, value: object, path: str) -> Any:
    if typing.get_origin(kind) is Literal:
        if value not in typing.get_args(kind):
            raise ConfigError(f"{path} is {value!r}; it must be one of {', '.join(typing.get_args(kind))}")
        return value
    kinds = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    if value is None and type(None) in kinds:
        return None
    # YAML 1.1 reads 3e-4 as a string, and bool is an int to Python.
    if float in kinds and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    elif any(isinstance(value, k) and not (k is int and isinstance(value, bool)) for k in kinds):
        return value
    wanted = {int: "a whole number", float: "a number", bool: "true or false"}[kinds[0]]
    raise ConfigError(f"{path} is {value!r}; it must be {wanted}")
