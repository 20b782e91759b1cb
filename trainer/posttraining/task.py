"""What the tasks of post-training have in common: a base, rows in memory, and evaluation on prompts that are held out.

All dialogs or preferences of a task are held in memory as token ids, 5 bytes a token. Rows are planned once, and which
of them a step reads follows from its number alone, so that a checkpoint need not keep a place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor, nn

from trainer.checkpoint import store
from trainer.config.schema import Config, StageConfig
from trainer.distributed.parallelize import parallelize_model
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.memory import check_memory
from trainer.metrics.mfu import peak_flops, utilisation
from trainer.metrics.run_log import Summary
from trainer.model.llama import Llama
from trainer.posttraining.base import REWARD, Base, weights_hash
from trainer.posttraining.packing import RowOrder
from trainer.posttraining.settings import TaskConfig, TaskSettings
from trainer.posttraining.unseen_ids import find_unseen, set_to_mean
from trainer.training.objective import Objective, Report
from trainer.training.preflight import check_attention, check_ranks, check_tensor_parallel
from trainer.training.session import train

LEAST_FILL = 0.95
"""A share of the rows' places below which rows are wasted."""


class Task(Objective):
    """A task on planned rows. What derives from it has the data, and calls :meth:`_plan` once it is read."""

    name: str
    model: Llama
    """On the meta device until :meth:`build`."""

    def __init__(self, config: TaskConfig, base: Base, ranks: Ranks) -> None:
        self.config, self.base, self._ranks = config, base, ranks
        self._sentences: list[str] = []
        self._starts_with_unseen = False
        """Whether ids that the base has never seen get a beginning."""

    def _plan(self, rows: int, data: str, fill: float, **identity: Any) -> None:
        """Settles what is trained on ``rows`` rows, whose hash is ``data``."""
        config, base, ranks = self.config, self.base, self._ranks
        self._order = RowOrder(rows, config.epochs, config.run.seed)
        self._stage = config.stage(self.name, self._order.total, base.rope_scaling)
        self.settings = TaskSettings.of(config, self._stage)
        check_ranks([self._stage], ranks.data_size, ranks.context_size, ranks.tensor_size)
        check_tensor_parallel(base.model, ranks.tensor_size)
        check_attention(config.run, ranks.device)
        self.identity = {
            "task": self.name,
            "model": dataclasses.asdict(base.model.spelled_out()),
            "seed": config.run.seed,
            "tokenizer": base.info.sha256,
            "data": data,
            "base": weights_hash(base.checkpoint),
            **identity,
        }
        self._num_parameters = self.model.num_parameters()
        shape = Config(model=base.model, stages=self.settings.stages, optimizer=config.optimizer, run=config.run)
        self._memory = check_memory(shape, self._num_parameters, ranks)
        self._peak_flops = peak_flops(ranks.device)
        steps = self._stage.steps
        self._sentences.append(
            f"{rows:,} rows of {config.sequence_length:,} tokens, {fill:.1%} of them filled; {steps:,} steps of "
            f"{config.batch_rows} rows, {min(steps * config.batch_rows, self._order.total) / rows:.2f} passes."
        )
        if fill < LEAST_FILL:
            self._sentences.append(
                f"Only {fill:.1%} of the rows' places are filled. A longer sequence_length packs better."
            )

    def build(self) -> nn.Module:
        parallelize_model(self.model, self.config.run, self._ranks)
        self.model.to_empty(device=self._ranks.device)
        if not self.base.rope_scaling:
            self.model.rope_scaling = None
        return self.model

    def init_weights(self) -> None:
        """The base's weights, of those that the model has as well."""
        own = {name: parameter.detach() for name, parameter in self.model.named_parameters()}
        store.load(self.base.checkpoint.path, {"model": {n: t for n, t in own.items() if n != "reward_head.weight"}})
        if not self._starts_with_unseen:
            return
        name = "embed_tokens.weight" if self.base.model.tied_embeddings else "lm_head.weight"
        head = torch.empty(self.base.model.embedding_rows, self.base.model.dim)
        store.load(self.base.checkpoint.path, {"model": {name: head}})
        special = self.base.tokenizer.special_ids.values()
        unseen = find_unseen(head, set(special) - {self.base.tokenizer.bos_id, self.base.tokenizer.eos_id})
        if unseen:
            set_to_mean(self.model, unseen, self.config.run.seed)
            self._sentences.append(
                f"{len(unseen)} special tokens were never seen by the base and begin at the mean of the others: ids "
                f"{_ranges(unseen)}."
            )

    def introduction(self) -> list[str]:
        model, ranks = self.base.model, self._ranks
        on = f"{ranks.device}" if ranks.size == 1 else f"{ranks.size} x {ranks.device.type}"
        return [
            (
                f"{self.name} of {self.base.run_dir} after step {self.base.checkpoint.facts.get('step', 0)}: a Llama of "
                f"{self._num_parameters:,} parameters ({model.num_layers} layers, width {model.dim}) on {on}."
            ),
            *self._sentences,
            self._memory,
        ]

    def utilisation(self, tokens_per_second: float, stage: StageConfig, mean_length: float) -> dict[str, float]:
        if not self._peak_flops:
            return {}
        share = tokens_per_second / (self._peak_flops * self._ranks.size)
        return utilisation(self.base.model, self._num_parameters, stage.sequence_length, mean_length, share)

    def begin(self, tokens: int, facts: dict[str, Any]) -> None:
        self._step = tokens // self._stage.batch_tokens

    def _next_rows(self) -> tuple[list[int], list[int]]:
        """The numbers of the rows of the next step: all of them, and those of this rank."""
        rows = self._order.take(self._step * self.config.batch_rows, self.config.batch_rows)
        self._step += 1
        return rows, self._share(rows)

    def _share(self, rows: list[int]) -> list[int]:
        own = len(rows) // self._ranks.data_size
        return rows[self._ranks.data_rank * own :][:own]

    def _passes(self, count: int) -> Iterator[list[int]]:
        """Numbers of this rank's rows of ``count``, so many at a time as in training, and as often on every rank; -1
        where a rank has none left."""
        size = self._stage.micro_batch_rows or self.config.batch_rows // self._ranks.data_size
        for begin in range(0, count, size * self._ranks.data_size):
            numbers = [n if n < count else -1 for n in range(begin, begin + size * self._ranks.data_size)]
            yield self._share(numbers)

    def enter_stage(self, number: int, report: Report) -> None:
        """Nothing: there is one stage, and it has no gate."""

    def close(self) -> None:
        """Nothing: no thread runs beside the training."""

    def progress(self) -> dict[str, Any]:
        seen = min(self._step * self.config.batch_rows, self._order.total)
        return {"passes": round(seen / self._order.rows, 6)}

    def facts(self) -> dict[str, Any]:
        return {
            "tokenizer": dataclasses.asdict(self.base.info),
            "chat": self.name != REWARD,
            "length": max(self.base.length, self.config.sequence_length),
            "base": {"run": str(self.base.run_dir.resolve()), "step": self.base.checkpoint.facts.get("step", 0)},
        }

    def _on_device(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: tensor.to(self._ranks.device) for name, tensor in tensors.items()}


def _ranges(ids: Sequence[int]) -> str:
    """``1-3, 7``."""
    found: list[list[int]] = []
    for id in ids:
        if found and id == found[-1][1] + 1:
            found[-1][1] = id
        else:
            found.append([id, id])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)


def run_task(task: Task, output: str | Path, ranks: Ranks, console: Console | None) -> Summary:
    """Trains ``task`` into the run ``output``, with the base's tokenizer beside its checkpoints."""
    output = Path(output)
    if output.resolve() == task.base.run_dir.resolve():
        raise TrainerError(f"--output is {output}, which is the base itself. Name another directory.")
    if ranks.rank == 0 and store.latest(output) is None:
        task.base.keep_tokenizer(output)
    return train(task, output, ranks, console)
