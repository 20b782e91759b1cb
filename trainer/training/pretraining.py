"""Pre-training, the first objective: token shards in, a Llama that predicts the next token out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor, nn

from trainer.config.schema import Config, StageConfig
from trainer.config.stages import total_tokens
from trainer.data.batch import mean_length
from trainer.data.foreign_parquet import UNNAMED
from trainer.data.mixture import planned_passes
from trainer.data.prefetch import Feed
from trainer.data.sources import check_mixtures, open_data
from trainer.distributed.parallelize import local_part, parallelize_model
from trainer.distributed.ranks import Ranks, connect
from trainer.evaluation.held_out import held_out_losses, mean
from trainer.evaluation.stage_gates import Gates
from trainer.metrics.memory import check_memory
from trainer.metrics.mfu import peak_flops, utilisation
from trainer.metrics.run_log import Summary
from trainer.model.llama import Llama
from trainer.training.loss_by_group import LossByGroup
from trainer.training.objective import Objective, Report, StepInput, Tensors
from trainer.training.preflight import (
    check_attention,
    check_float8,
    check_ranks,
    check_tensor_parallel,
    identity,
    tell_passes,
    untrained_vocabulary,
    with_vocabulary,
)
from trainer.training.session import train


def pretrain(
    config: Config,
    data: Sequence[str],
    output: str | Path,
    console: Console | None = None,
    branch_from: str | None = None,
) -> Summary:
    """Trains ``config``'s model on the shards of the directories ``data`` (``DIR`` or ``NAME=DIR``), or goes on with
    the run in ``output`` (:func:`trainer.training.session.train`). Under ``torchrun``, every rank must call it.

    Raises :class:`~trainer.errors.TrainerError` or :class:`~tokens.shards.ShardError` before the first step for
    settings and data that do not go together.
    """
    ranks = connect(config.run)
    return train(Pretraining(config, data, ranks), Path(output), ranks, console, branch_from)


class Pretraining(Objective):
    """Cross-entropy of the next token over packed rows, the mean over all labels of a step."""

    def __init__(self, config: Config, data: Sequence[str], ranks: Ranks) -> None:
        self._sources = open_data(data, config.model.vocab_size)
        self.data = [*data]
        config = dataclasses.replace(config, model=with_vocabulary(config.model, self._sources))
        check_ranks(config.stages, ranks.data_size, ranks.context_size, ranks.tensor_size)
        check_tensor_parallel(config.model, ranks.tensor_size)
        check_attention(config.run, ranks.device)
        check_float8(config.run, config.model, ranks.device)
        check_mixtures(config.stages, self._sources)
        self.settings = self._config = config
        self._ranks = ranks
        self.identity = identity(config, self._sources)
        self._gates = Gates(config, self._sources, ranks)
        with torch.device("meta"):
            self._model = Llama(config.model, config.run.attention)
        self._num_parameters = self._model.num_parameters()
        self._memory = check_memory(config, self._num_parameters, ranks)
        self._peak_flops = peak_flops(ranks.device)
        self._feed: Feed | None = None
        self._data_state: dict[str, Any] | None = None
        self._passes: dict[str, float] = {}
        self._by_group = LossByGroup([source.name for source in self._sources], ranks)

    def build(self) -> nn.Module:
        parallelize_model(self._model, self._config.run, self._ranks)
        self._model.to_empty(device=self._ranks.device)
        return self._model

    def init_weights(self) -> None:
        self._model.init_weights(self._config.run.seed, local_part)

    def begin(self, tokens: int, facts: dict[str, Any]) -> None:
        config, ranks = self._config, self._ranks
        self._gates.restore(facts.get("gates"))
        self._data_state = facts.get("data")
        self._feed = Feed(
            config.stages, self._sources, config.run.seed, tokens, self._data_state, ranks.data_rank, ranks.data_size
        )

    def introduction(self) -> list[str]:
        indices = [source.shards for source in self._sources]
        documents, tokens = (sum(getattr(i, count) for i in indices) for count in ("documents", "tokens"))
        model, ranks, stages = self._config.model, self._ranks, self._config.stages
        on = f"{ranks.device}" if ranks.size == 1 else f"{ranks.size} x {ranks.device.type}"
        sentences = [
            (
                f"Llama of {self._num_parameters:,} parameters ({model.num_layers} layers, width {model.dim}) on {on}; "
                f"{tokens:,} tokens of {indices[0].tokenizer.name} in {documents:,} documents; "
                f"{sum(stage.steps for stage in stages):,} steps, {total_tokens(stages):,} tokens."
            ),
            self._memory,
        ]
        sentences += tell_passes(planned_passes(stages, self._sources))
        if warning := untrained_vocabulary(model, indices[0].tokenizer.vocab_size, self._num_parameters):
            sentences.append(warning)
        if self._peak_flops:
            sentences.append(
                f"MFU is tokens/s x (6 N + 12 L D T) / {self._peak_flops / 1e12:,.0f} TFLOP/s: N weights that are "
                "multiplied, attention counted without regard to masks, recomputation not at all. Documents shorter "
                "than a row spare much of the attention: mfu_documents in the metrics counts what they leave."
            )
        return sentences

    def enter_stage(self, number: int, report: Report) -> None:
        """Judges the gate of the stage before, with its RoPE scaling, and puts that of this one in force."""
        self._scale_rope(max(number - 1, 0))
        self._gates.check(self._model, number, report.record, report.say)
        self._scale_rope(min(number, len(self._config.stages) - 1))

    def _scale_rope(self, number: int) -> None:
        stage = self._config.stages[number]
        self._model.rope_scaling = self._config.model.rope_scaling if stage.rope_scaling else None

    def evaluate(self, stage: StageConfig) -> dict[str, Any]:
        """Held-out loss in nats a token, also of each source; nothing where no document is held out."""
        rows = (stage.micro_batch_rows or stage.batch_rows // self._ranks.data_size) * self._ranks.data_size
        most = self._config.run.evaluation_tokens
        losses = held_out_losses(self._model, self._sources, stage.sequence_length, rows, most, self._ranks)
        if not losses:
            return {}
        figures: dict[str, Any] = {"held_out_loss": mean([*losses.values()])}
        if len(self._sources) > 1:
            figures["held_out_loss_by_source"] = {name: loss.per_label for name, loss in losses.items()}
        return figures

    def next_step(self, stage: StageConfig) -> StepInput:
        assert self._feed is not None, "begin() comes first"
        step = self._feed.next()
        self._data_state, self._passes = step.state, step.passes
        labels, positions = self._ranks.total(step.num_labels, step.sum_positions)
        length = mean_length(positions, stage.batch_tokens)
        self._by_group.clear()
        return StepInput(self._ranks.part(step.batch)._asdict(), labels, length)

    def loss(self, batch: Tensors) -> dict[str, Tensor]:
        if not self.is_logged:
            return {"loss": self._model(batch["tokens"], batch["positions"], batch["labels"])}
        each = torch.zeros(batch["labels"].shape, device=batch["labels"].device)
        loss = self._model(batch["tokens"], batch["positions"], batch["labels"], each=each)
        self._by_group.add(each, batch["labels"], batch["groups"])
        return {"loss": loss}

    def utilisation(self, tokens_per_second: float, stage: StageConfig, mean_length: float) -> dict[str, float]:
        if not self._peak_flops:
            return {}
        share = tokens_per_second / (self._peak_flops * self._ranks.size)
        return utilisation(self._config.model, self._num_parameters, stage.sequence_length, mean_length, share)

    def progress(self) -> dict[str, Any]:
        passes = {name or "all": round(passes, 6) for name, passes in self._passes.items()}
        return {"passes": passes, **self._by_group.means()}

    def facts(self) -> dict[str, Any]:
        tokenizer = self._sources[0].shards.tokenizer
        return {
            "data": self._data_state,
            "gates": self._gates.state,
            "tokenizer": None if tokenizer.sha256 == UNNAMED else dataclasses.asdict(tokenizer),
        }

    def close(self) -> None:
        if self._feed:
            self._feed.close()
