"""What must hold before the first step: data and model go together, ranks and batches divide, a run stays the same."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.config.schema import Config, StageConfig
from trainer.data.sources import Source, fingerprint
from trainer.errors import TrainerError
from trainer.model.float8 import MULTIPLE

MOST_PASSES = 4
"""Up to so many, repeated data are about as good as new ones (Muennighoff et al., arXiv 2305.16264)."""


def with_vocabulary(model: ModelConfig, sources: Sequence[Source]) -> ModelConfig:
    """``model`` with a vocabulary that holds every id of the shards."""
    index = sources[0].shards
    tokenizer = index.tokenizer
    if model.vocab_size is None:
        return dataclasses.replace(model, vocab_size=tokenizer.vocab_size)
    if model.vocab_size < tokenizer.vocab_size:
        raise TrainerError(
            f"model.vocab_size is {model.vocab_size}, but the shards in {index.directory} hold ids up to "
            f"{tokenizer.vocab_size - 1} of {tokenizer.name}. Raise it, or leave it out."
        )
    return model


def tell_passes(passes: dict[str, float]) -> list[str]:
    """Sentences on how often each pool of the data will be read, with a warning above :data:`MOST_PASSES`."""
    named = {name or "all directories": often for name, often in passes.items()}
    sentences = [f"Passes over the data: {', '.join(f'{name} {often:.2f}' for name, often in named.items())}."]
    if repeated := [name for name, often in named.items() if often > MOST_PASSES]:
        sentences.append(
            f"Warning: {', '.join(repeated)} will be read more than {MOST_PASSES} times; from there on repetition is "
            "worth ever less (arXiv 2305.16264). Give more data, or lower the stages' tokens or the share of it."
        )
    return sentences


def untrained_vocabulary(model: ModelConfig, ids: int, parameters: int) -> str | None:
    """A warning where the model's vocabulary holds more than the tokenizer's ``ids``, rounded up to 256 as kernels and
    tensor parallelism like it."""
    rows = model.embedding_rows - ids
    if rows < 256:
        return None
    share = rows * model.dim * (1 if model.tied_embeddings else 2) / parameters
    return (
        f"Warning: model.vocab_size is {model.embedding_rows:,}, but the tokenizer has {ids:,} ids: {share:.0%} of the "
        "model's weights belong to ids that never come. Leave model.vocab_size out, unless a larger tokenizer follows."
    )


def check_attention(run: RunConfig, device: torch.device) -> None:
    """Raises :class:`TrainerError` for an attention whose backward pass ``device`` doesn't have."""
    if run.attention != "sdpa" and device.type != "cuda":
        raise TrainerError(
            f"run.attention is {run.attention}, which trains on GPUs alone, and this run is on the {device.type}. Set "
            "run.attention=sdpa."
        )


def check_float8(run: RunConfig, model: ModelConfig, device: torch.device) -> None:
    """Raises :class:`TrainerError` where ``run`` asks for float8 and the shape or ``device`` does not allow it."""
    if not run.float8:
        return
    sizes = {"dim": model.dim, "num_kv_heads": model.num_kv_heads * model.head_dim, "ffn_size": model.ffn_dim}
    for key, size in sizes.items():
        if size % MULTIPLE:
            raise TrainerError(
                f"run.float8 needs matrices whose sizes are multiples of {MULTIPLE}, and model.{key} makes one of "
                f"{size}. Change it, or leave run.float8 out."
            )
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < (9, 0):
        raise TrainerError(
            f"run.float8 is true, but a {torch.cuda.get_device_name(device)} has no products in float8 with a scale "
            "for each row; an H100 has. Leave run.float8 out."
        )


def check_tensor_parallel(model: ModelConfig, ranks: int) -> None:
    """Raises :class:`TrainerError` for a shape that ``ranks``, sharing each matrix, do not divide."""
    shape = {
        "num_heads": model.num_heads,
        "num_kv_heads": model.num_kv_heads,
        "ffn_size": model.ffn_dim,
        "vocab_size": model.embedding_rows,
    }
    for key, size in shape.items():
        if size % ranks:
            remedy = f"Set it to {size + -size % ranks}, or change" if key == "vocab_size" else "Change"
            raise TrainerError(
                f"model.{key} is {size}, which {ranks} ranks cannot divide among them. {remedy} run.tensor_parallel."
            )


def check_ranks(stages: Sequence[StageConfig], ranks: int, shared: int = 1, tensor: int = 1) -> None:
    """Raises :class:`TrainerError` for a batch that ``ranks`` (groups of them, where ``shared`` many share a row and
    ``tensor`` many each matrix) do not divide, a rank's share that micro-batches don't, or a row that can't be
    shared."""
    for stage in stages:
        if shared > 1 and stage.sequence_length % (2 * shared):
            raise TrainerError(
                f"The stage {stage.name} has rows of {stage.sequence_length}, which {shared} ranks cannot share: make "
                f"its sequence_length a multiple of {2 * shared}, or change run.context_parallel."
            )
        if stage.sequence_length % (shared * tensor):
            raise TrainerError(
                f"The stage {stage.name} has rows of {stage.sequence_length}, whose tokens {shared * tensor} ranks "
                f"cannot divide: make its sequence_length a multiple of {math.lcm(2 * shared, shared * tensor)}, or "
                "change run.tensor_parallel."
            )
        if stage.batch_rows % ranks:
            raise TrainerError(
                f"The stage {stage.name} has {stage.batch_rows} rows a batch, which {ranks} ranks do not divide. "
                f"Make its batch_tokens a multiple of {ranks * stage.sequence_length:,}, or in post-training batch_rows one of "
                f"{ranks}."
            )
        own = stage.batch_rows // ranks
        if stage.micro_batch_rows and own % stage.micro_batch_rows:
            raise TrainerError(
                f"In the stage {stage.name} each of {ranks} ranks has {own} rows, which micro_batch_rows "
                f"({stage.micro_batch_rows}) does not divide. Lower it to a divisor."
            )


def identity(config: Config, sources: Sequence[Source]) -> dict[str, Any]:
    """What may not change between two sessions of a run."""
    return {
        "model": dataclasses.asdict(config.model.spelled_out()),
        "seed": config.run.seed,
        "tokenizer": sources[0].shards.tokenizer.sha256,
        "data": fingerprint(sources),
    }


def check_going_on(
    facts: dict[str, Any],
    now: dict[str, Any],
    stages: Sequence[StageConfig],
    run_dir: Path,
) -> None:
    """Raises :class:`TrainerError` where a checkpoint's ``facts`` say that the run in ``run_dir`` was another one than
    that of the identity ``now``. The stage that is under way may become longer, later ones may change."""
    differing: list[str] = [key for key, value in facts.get("identity", {}).items() if now.get(key) != value]
    if "tokenizer" in differing and facts.get("imported"):
        raise TrainerError(
            f"The model in {run_dir} was imported with another tokenizer than the shards were written with: its ids "
            f"mean other words. Tokenise with the file in {run_dir / 'tokenizer'}; or, where the two files are one "
            "tokenizer in two forms, import the model again and name the shards' file with --tokenizer."
        )
    if differing:
        names = {"data": "the shards", "tokenizer": "the tokenizer"}
        raise TrainerError(
            f"{run_dir} holds a run that was started with another {', '.join(names.get(k, k) for k in differing)}. "
            "Name a new --output, or go on with what it was started with."
        )
    trained = facts.get("stages", [])
    tokens = facts.get("tokens", 0)
    for number, before in enumerate(trained):
        stage = stages[number] if number < len(stages) else None
        change: str | None = None
        if stage is None or any(before[key] != getattr(stage, key) for key in ("name", "sequence_length")):
            change = "another stage" if stage is None or before["name"] != stage.name else "another sequence_length"
        elif before["batch_tokens"] != stage.batch_tokens:
            change = "another batch_tokens"
        elif number == len(trained) - 1:
            change = f"only {stage.whole_tokens:,} tokens" if stage.whole_tokens < tokens else None
        else:
            change = "other tokens" if before["tokens"] != stage.tokens else None
        if stage is None or change:
            raise TrainerError(
                f"{run_dir} has trained the stage {before['name']} already, for which the configuration now has "
                f"{change}. Name a new --output, or go on with what it was started with."
            )
        tokens -= stage.whole_tokens
