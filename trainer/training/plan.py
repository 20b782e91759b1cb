"""What a run will need, told before anything runs: memory a rank, days, passes over the data, disk.

plan = make_plan(config, ["web=out/tokens"], gpus=64, speed=Speed("H100", mfu=0.4))
print("\n".join(plan.sentences()))
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import torch

from trainer.config.schema import Config, StageConfig
from trainer.data.mixture import planned_passes
from trainer.data.sources import check_mixtures, open_data
from trainer.errors import TrainerError
from trainer.metrics.memory import GIB, fullest_stage, memory_sentence
from trainer.metrics.mfu import PEAK_FLOPS, flops_per_token
from trainer.model.llama import Llama
from trainer.training.preflight import (
    check_ranks,
    check_tensor_parallel,
    tell_passes,
    untrained_vocabulary,
    with_vocabulary,
)
from trainer.training.saving import checkpoints_to_come, state_bytes

DAY = 86_400


class Speed(NamedTuple):
    """How fast the run is assumed to be: by the utilisation of a known GPU, or by measured tokens a second."""

    gpu: str = "H100"
    """A name of :data:`trainer.metrics.mfu.PEAK_FLOPS`."""
    mfu: float = 0.4
    """The share of its peak (:func:`trainer.metrics.mfu.flops_per_token`); 0.4 is about what the paper's Table 4 and
    public trainers reach."""
    tokens_per_second: float | None = None
    """Of one GPU, in place of the two above."""

    def of(self, flops: float) -> float:
        """Tokens a second of one GPU, where a token takes ``flops`` operations."""
        if self.tokens_per_second is not None:
            return self.tokens_per_second
        return self.mfu * PEAK_FLOPS[self.gpu] / flops

    def sentence(self) -> str:
        if self.tokens_per_second is not None:
            return f"{self.tokens_per_second:,.0f} tokens/s a GPU, as you said"
        return (
            f"an assumed MFU of {self.mfu:.0%} of {PEAK_FLOPS[self.gpu] / 1e12:,.0f} TFLOP/s ({self.gpu}, dense bf16), "
            "attention counted over whole rows"
        )


class StagePlan(NamedTuple):
    """One stage: what it asks for and how long it takes."""

    stage: StageConfig
    tokens_per_second: float
    """Of all GPUs."""
    seconds: float


class Plan(NamedTuple):
    """What a run will need. Bytes, seconds and tokens."""

    parameters: int
    gpus: int
    stages: list[StagePlan]
    fullest: StageConfig
    """The stage that needs most memory."""
    memory: dict[str, int]
    """Bytes a rank in that stage, by what they are for."""
    passes: dict[str, float]
    checkpoint_bytes: int
    checkpoints: int
    """How many lie on the disk when it holds most of them."""
    speed: Speed
    warnings: list[str]

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)

    def sentences(self) -> list[str]:
        """The plan for people, a line each."""
        lines = [f"Llama of {self.parameters:,} parameters on {self.gpus:,} GPUs."]
        lines.append(memory_sentence(self.fullest, self.memory))
        lines.append(f"Time: {_duration(self.seconds)}, at {self.speed.sentence()}:")
        for plan in self.stages:
            stage = plan.stage
            lines.append(
                f"  {stage.name}: {stage.steps:,} steps of {stage.batch_tokens:,} tokens in rows of "
                f"{stage.sequence_length:,}, {plan.tokens_per_second:,.0f} tokens/s, {_duration(plan.seconds)}"
            )
        lines += tell_passes(self.passes)
        disk = self.checkpoints * self.checkpoint_bytes
        lines.append(
            f"Checkpoints: {_size(self.checkpoint_bytes)} each, {self.checkpoints} at once at most, "
            f"{_size(disk)} of disk."
        )
        return lines + self.warnings


def make_plan(config: Config, data: Sequence[str], gpus: int, speed: Speed) -> Plan:
    """The plan of pre-training ``config`` on the shards of the directories ``data`` with so many ``gpus``.

    Reads footers, and nothing else. Raises :class:`TrainerError` as the run would, for settings, data and numbers of
    ranks that don't go together, and for a GPU without a known peak.
    """
    if speed.tokens_per_second is None and speed.gpu not in PEAK_FLOPS:
        raise TrainerError(f"The peak of {speed.gpu!r} is not known. Name one of {', '.join(PEAK_FLOPS)}.")
    sources = open_data(data, config.model.vocab_size)
    config = dataclasses.replace(config, model=with_vocabulary(config.model, sources))
    shared, divided, copies = (
        config.run.context_parallel,
        config.run.tensor_parallel,
        config.run.data_parallel_replicas,
    )
    for key, size in (("context_parallel", shared), ("data_parallel_replicas", copies)):
        if gpus % (size * divided):
            raise TrainerError(
                f"run.{key} ({size}) times run.tensor_parallel ({divided}) does not divide {gpus} GPUs."
            )
    check_ranks(config.stages, gpus // (shared * divided), shared, divided)
    check_tensor_parallel(config.model, divided)
    check_mixtures(config.stages, sources)
    with torch.device("meta"):
        parameters = Llama(config.model).num_parameters()
    stages = []
    for stage in config.stages:
        rate = gpus * speed.of(flops_per_token(config.model, parameters, stage.sequence_length))
        stages.append(StagePlan(stage, rate, stage.whole_tokens / rate))
    fullest, memory = fullest_stage(config, parameters, gpus)
    warning = untrained_vocabulary(config.model, sources[0].shards.tokenizer.vocab_size, parameters)
    averaged = any(stage.average_every for stage in config.stages)
    return Plan(
        parameters, gpus, stages, fullest, memory, planned_passes(config.stages, sources),
        state_bytes(parameters, averaged), checkpoints_to_come(config.stages, config.run),
        speed, [warning] if warning else [],
    )  # fmt: skip


def _size(count: int) -> str:
    return f"{count / GIB:,.1f} GiB" if count >= GIB else f"{count / (1 << 20):,.1f} MiB"


def _duration(seconds: float) -> str:
    for unit, length in (("days", DAY), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:,.0f} seconds"
