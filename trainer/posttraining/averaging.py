"""The mean of several runs' weights (the paper, §4.1.5: models from runs with other data or settings are averaged at
each of reward model, SFT and DPO; which weights they have is not printed, and here all count the same)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainer.checkpoint import store
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining.base import REWARD, Base
from trainer.posttraining.models import RewardModel


def average(runs: Sequence[str | Path], output: str | Path, tokenizer: str | None = None) -> None:
    """Makes ``output`` a run of no steps whose weights are the mean of those of ``runs``, in fp32; two models are in
    memory at a time. Raises :class:`TrainerError` unless all have one shape, one tokenizer and one kind."""
    output = Path(output)
    if store.steps(output):
        raise TrainerError(f"{output} holds a run already. Name a new directory.")
    if len(runs) < 2:
        raise TrainerError("One run alone has no mean. Name two runs or more.")
    opened = [Base.open(run, tokenizer) for run in runs]
    first = opened[0]
    for other in opened[1:]:
        for what, one, two in (
            ("another shape", first.model.spelled_out(), other.model.spelled_out()),
            ("another tokenizer", first.info.sha256, other.info.sha256),
            ("another RoPE scaling in force", first.rope_scaling, other.rope_scaling),
            ("another kind of head", first.task == REWARD, other.task == REWARD),
        ):
            if one != two:
                raise TrainerError(
                    f"{other.run_dir} has {what} than {first.run_dir}. Only runs of one model have a mean."
                )
    mean = _weights(first)
    for count, other in enumerate(opened[1:], 2):
        for name, found in _weights(other).items():
            mean[name] += (found - mean[name]) / count  # of equal weights, the same to the bit
    facts: dict[str, Any] = {
        "imported": True,  # weights and no optimizer
        "identity": {
            "task": REWARD if first.task == REWARD else "average",
            "model": dataclasses.asdict(first.model.spelled_out()),
            "tokenizer": first.info.sha256,
        },
        "tokenizer": dataclasses.asdict(first.info),
        "chat": all(base.checkpoint.facts.get("chat", False) for base in opened),
        "rope_scaling": first.rope_scaling,
        "length": max(base.length for base in opened),
        "averaged_from": [
            {"run": str(base.run_dir.resolve()), "step": base.checkpoint.facts.get("step", 0)} for base in opened
        ],
    }
    first.keep_tokenizer(output)
    store.save(output, 0, facts, {"model": mean}, keep=1)


def _weights(base: Base) -> dict[str, Tensor]:
    with torch.device("meta"):
        model = (RewardModel if base.task == REWARD else Llama)(base.model)
    tensors = {name: torch.empty(parameter.shape) for name, parameter in model.named_parameters()}
    store.load(base.checkpoint.path, {"model": tensors})
    return tensors
