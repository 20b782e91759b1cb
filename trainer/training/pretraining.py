"""Pre-training: shards in, a trained model and its story out. Run again, it goes on where it stopped.

    RUN/config.json      what was asked for
    RUN/metrics.jsonl    the figures, as they came (trainer/metrics/run_log.py)
    RUN/checkpoints/     the last few states (trainer/checkpoint/store.py)
    RUN/summary.json     the run in a few numbers

A resumed run goes on exactly, to the last bit on as many ranks: the state is weights, optimizer, the data's place and
a few counters. No random state is among them, because nothing is drawn once the weights are.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from trainer.checkpoint import store as checkpoint
from trainer.metrics.memory import check_memory, peak_flops, utilisation
from trainer.optim.weight_averaging import Average
from trainer.data.stream import Batch
from trainer.metrics.console import Display
from trainer.errors import TrainerError
from trainer.evaluation.held_out import held_out_losses, mean
from trainer.evaluation.stage_gates import Gates
from trainer.data.mixture import Feed, open_data
from trainer.model.llama import Llama
from trainer.optim.adamw import Guard, clip, make_optimizer, optimizer_tensors
from trainer.distributed.parallelize import Ranks, announce, connect, give_back, own_part, parallelize
from trainer.data.foreign_parquet import UNNAMED
from trainer.training.preflight import check_going_on, check_ranks, check_tensor_parallel, identity, with_vocabulary
from trainer.metrics.run_log import RunLog, Summary
from trainer.optim.lr_schedule import learning_rate, locate, total_tokens
from trainer.config.schema import Config, StageConfig
from trainer.training.signals import StopRequest
from trainer.metrics.sinks import open_sinks

PATIENCE = 10
"""Updates that may be skipped in a row before the run gives up."""


def pretrain(config: Config, data: Sequence[str], output: str | Path, console: Console | None = None) -> Summary:
    """Trains ``config``'s model on the shards of the directories ``data`` (``DIR`` or ``NAME=DIR``), or goes on with
    the run in ``output``. Under ``torchrun``, every rank must call it.

    Returns when the last step is done, or, after saving, when a SIGTERM or SIGINT has asked for it. Raises
    :class:`~trainer.errors.TrainerError` or :class:`~tokens.shards.ShardError` before the first step for settings
    and data that do not go together.
    """
    ranks = connect(config.run)
    run = Pretraining(config, data, Path(output), ranks)
    console = console if console and ranks.rank == 0 else Console(quiet=True)
    try:
        with Display(console, run.step, run.steps) as display, StopRequest() as stop:
            run.introduce(display)
            while not run.finished and not ranks.any(stop.received):
                run.train_step(display)
            if not run.finished:
                run.save(display)
                display.say(f"Stopped at step {run.step} and saved. The same command goes on from here.")
    finally:
        run.close()
    return run.summarise()


class Pretraining:
    """One run: the model, its optimizer, its data and its place in them."""

    def __init__(self, config: Config, data: Sequence[str], run_dir: Path, ranks: Ranks) -> None:
        self.sources = open_data(data, config.model.vocab_size)
        config = dataclasses.replace(config, model=with_vocabulary(config.model, self.sources))
        check_ranks(config.stages, ranks.data_size, ranks.context_size, ranks.tensor_size)
        check_tensor_parallel(config.model, ranks.tensor_size)
        self.config, self.run_dir, self.ranks = config, run_dir, ranks
        self.identity = identity(config, self.sources)
        saved = checkpoint.latest(run_dir)
        facts: dict[str, Any] = saved.facts if saved else {}
        check_going_on(facts, self.identity, config.stages, self.sources, run_dir)
        self.step, self.tokens = facts.get("step", 0), facts.get("tokens", 0)
        self.steps = sum(stage.steps for stage in config.stages)
        self.end = total_tokens(config.stages)
        self.seconds, self.window_seconds = facts.get("seconds", 0.0), facts.get("window_seconds", 0.0)
        self.window_stall, self.window_lengths = 0.0, facts.get("window_lengths", 0.0)
        self.gates = Gates(config, self.sources, ranks, facts.get("gates"))

        with torch.device("meta"):
            self.model = Llama(config.model, config.run.attention)
        self.num_parameters = self.model.num_parameters()
        self.memory = check_memory(config, self.num_parameters, ranks)
        self.peak_flops = peak_flops(ranks.device)
        settings = dataclasses.asdict(config)
        sinks = [] if ranks.rank else open_sinks(config.run, run_dir, self.step, settings)
        parallelize(self.model, config.run, ranks)
        self.model.to_empty(device=ranks.device)
        self.optimizer = make_optimizer(self.model, config.optimizer)
        self.guard = Guard(config.optimizer.skip_sigmas, ranks.device)
        self.average = Average(self.model, facts["averaged"]) if facts.get("averaged") else None
        self.window = {"loss": torch.zeros((), device=ranks.device), "labels": torch.zeros((), device=ranks.device)}
        if saved:
            tensors = self._tensors()
            checkpoint.load(saved.path, {"model": tensors["model"]} if facts.get("imported") else tensors)
            if ranks.shard_rank:
                self._clear_window()
        else:
            self.model.init_weights(config.run.seed, own_part)
        begin = facts.get("data")
        self.feed = Feed(
            config.stages, self.sources, config.run.seed, self.tokens, begin, ranks.data_rank, ranks.data_size
        )
        self.stage_number = -1
        self.log = RunLog(run_dir, self.step, ranks.rank == 0, sinks)
        if ranks.rank == 0:
            (run_dir / "config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")

    @property
    def finished(self) -> bool:
        return self.tokens >= self.end

    @property
    def stage(self) -> StageConfig:
        """The stage that the next step belongs to."""
        return self.config.stages[locate(self.tokens, self.config.stages).number]

    def introduce(self, display: Display) -> None:
        """Says what will be trained on what and, on a new run, looks at the held-out documents a first time."""
        indices = [source.index for source in self.sources]
        documents, tokens = (sum(getattr(i, count) for i in indices) for count in ("documents", "tokens"))
        model = self.config.model
        on = f"{self.ranks.device}" if self.ranks.size == 1 else f"{self.ranks.size} x {self.ranks.device.type}"
        display.say(
            f"Llama of {self.num_parameters:,} parameters ({model.num_layers} layers, width {model.dim}) on {on}; "
            f"{tokens:,} tokens of {indices[0].tokenizer.name} in {documents:,} documents; {self.steps:,} steps, "
            f"{self.end:,} tokens."
        )
        display.say(self.memory)
        if self.peak_flops:
            display.say(
                f"MFU is tokens/s x (6 N + 12 L D T) / {self.peak_flops / 1e12:,.0f} TFLOP/s: N weights that are "
                "multiplied, attention counted without regard to masks, recomputation not at all. Documents shorter "
                "than a row spare much of the attention: mfu_documents in the metrics counts what they leave."
            )
        if self.finished:
            display.say("All steps are done already; nothing is left to train.")
        elif self.step:
            display.say(f"Going on from step {self.step}.")
        if not self.finished:
            self._enter_stage(display)
        if not self.finished and not self.step:
            self.evaluate(display)

    def train_step(self, display: Display) -> None:
        """One update, and whatever is due after it: a line of the log, a look at held-out documents, a checkpoint."""
        self._enter_stage(display)
        start, stall = time.perf_counter(), self.feed.stalled
        stage, run = self.stage, self.config.run
        step = self.feed.next()
        batches = micro_batches(self.ranks.part(step.batch), stage.micro_batch_rows)
        before_each = partial(announce, self.model, run, self.ranks)
        loss = accumulate(self.model, batches, step.num_labels, self.ranks.shard_size, before_each)
        norm = clip(self.model, self.config.optimizer.clip_norm)
        rate = learning_rate(self.tokens, self.config.stages) * self.config.optimizer.peak_lr
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        skipped = self.guard.step(self.optimizer, norm)
        self.optimizer.zero_grad(set_to_none=True)

        self.step += 1
        self.tokens += stage.batch_tokens
        self.data_state = step.state
        self.window["loss"] = self.window["loss"] + torch.where(skipped, 0, loss)
        own_labels = step.num_labels / self.ranks.shard_size
        self.window["labels"] = self.window["labels"] + torch.where(skipped, 0, own_labels)
        stage_ends = self.finished or self.stage is not stage
        self._average(stage, stage_ends)
        log_due = stage_ends or self.step == 1 or self.step % run.log_every == 0
        line = {"grad_norm": norm.item(), "learning_rate": rate} if log_due else {}  # .item() waits for the device
        took = time.perf_counter() - start
        self.seconds += took
        self.window_seconds += took
        self.window_stall += self.feed.stalled - stall
        self.window_lengths += stage.batch_tokens * step.mean_length

        display.step(self.step)
        if log_due:
            self._log_training(line, stage, display)
        if stage_ends or self.step % run.evaluate_every == 0:
            self.evaluate(display, stage)
        if stage_ends or self.step % run.checkpoint_every == 0:
            self.save(display)
        if self.finished:
            self.gates.check(self.model, len(self.config.stages), self.log, self.step, self.tokens, display)

    def _enter_stage(self, display: Display) -> None:
        number = locate(self.tokens, self.config.stages).number
        if number == self.stage_number:
            return
        self.gates.check(self.model, number, self.log, self.step, self.tokens, display)
        self.stage_number, stage = number, self.config.stages[number]
        self.model.rope_scaling = self.config.model.rope_scaling if stage.rope_scaling else None
        if len(self.config.stages) > 1:
            display.say(
                f"Stage {stage.name}: {stage.steps:,} steps of {stage.batch_tokens:,} tokens in rows of "
                f"{stage.sequence_length:,}."
            )

    def _average(self, stage: StageConfig, stage_ends: bool) -> None:
        if not stage.average_every:
            return
        begin = locate(self.tokens - stage.batch_tokens, self.config.stages).begin
        if stage_ends or (self.tokens - begin) // stage.batch_tokens % stage.average_every == 0:
            self.average = self.average or Average(self.model)
            self.average.add(self.model)
        if stage_ends:
            self.average.give(self.model)
            self.average = None

    def _log_training(self, line: dict[str, float], stage: StageConfig, display: Display) -> None:
        loss, labels = (self.ranks.sum(self.window[name]).item() for name in ("loss", "labels"))
        if self.guard.tensors["in_a_row"].item() >= PATIENCE:
            raise TrainerError(
                f"The last {PATIENCE} updates up to step {self.step} were skipped: their gradients were no numbers or "
                "far too large. The checkpoints from before are kept; go on from them with a lower optimizer.peak_lr "
                "or a longer warm-up."
            )
        earlier = next((line["tokens"] for line in reversed(self.log.lines) if "loss" in line), 0)
        speed = (self.tokens - earlier) / self.window_seconds
        line = {
            "step": self.step,
            "tokens": self.tokens,
            "stage": stage.name,
            "loss": loss / labels if labels else None,
            **line,
            "skipped": int(self.guard.tensors["skipped"].item()),
            "tokens_per_second": speed,
            "data_stall": self.window_stall,
            "seconds": self.seconds,
        }
        if self.ranks.device.type == "cuda":
            line["memory"] = torch.cuda.max_memory_reserved(self.ranks.device)
        if self.peak_flops:
            lengths = stage.sequence_length, self.window_lengths / (self.tokens - earlier)
            share = speed / (self.peak_flops * self.ranks.size)
            line |= utilisation(self.config.model, self.num_parameters, *lengths, share)
        self.log.add(line)
        display.show(line)
        self._clear_window()
        self.window_seconds = self.window_stall = self.window_lengths = 0.0

    def _clear_window(self) -> None:
        self.window = {name: torch.zeros_like(tensor) for name, tensor in self.window.items()}

    def evaluate(self, display: Display, stage: StageConfig | None = None) -> None:
        """Held-out loss, also of each source, into the log; nothing where no document is held out."""
        stage = stage or self.stage
        rows = (stage.micro_batch_rows or stage.batch_rows // self.ranks.data_size) * self.ranks.data_size
        most = self.config.run.evaluation_tokens
        losses = held_out_losses(self.model, self.sources, stage.sequence_length, rows, most, self.ranks)
        give_back(self.model)
        if losses:
            line: dict[str, Any] = {"step": self.step, "tokens": self.tokens}
            line["held_out_loss"] = mean([*losses.values()])
            if len(self.sources) > 1:
                line["held_out_loss_by_source"] = {name: mean([loss]) for name, loss in losses.items()}
            self.log.add(line)
            display.show(line)

    def save(self, display: Display) -> None:
        """The state of this step as a checkpoint; nothing where there is one already."""
        if not self.step:
            return
        if self.guard.tensors["in_a_row"].item() > PATIENCE // 2:
            display.say(f"Step {self.step} is not saved: the last updates were skipped, and so would the next be.")
            return
        # A checkpoint keeps one value of what is not sharded, the first rank's, which so must be the sum of all.
        self.window = {name: self.ranks.sum(tensor) for name, tensor in self.window.items()}
        if self.ranks.shard_rank:
            self._clear_window()
        stages = self.config.stages
        tokenizer = self.sources[0].index.tokenizer
        trained = stages[: locate(self.tokens - 1, stages).number + 1]
        facts = {
            "identity": self.identity,
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "window_seconds": self.window_seconds,
            "window_lengths": self.window_lengths,
            "data": self.data_state,
            "gates": self.gates.state,
            "averaged": self.average.count if self.average else 0,
            "stages": [dataclasses.asdict(stage) for stage in trained],
            "tokenizer": None if tokenizer.sha256 == UNNAMED else dataclasses.asdict(tokenizer),
        }
        checkpoint.save(self.run_dir, self.step, facts, self._tensors(), self.config.run.keep_checkpoints)

    def close(self) -> None:
        """Ends what runs beside the training."""
        self.feed.close()
        self.log.close()

    def summarise(self) -> Summary:
        return self.log.summarise(self.finished, self.step, self.tokens, self.seconds, self.num_parameters)

    def _tensors(self) -> dict[str, dict[str, Tensor]]:
        return {
            "model": {name: parameter.detach() for name, parameter in self.model.named_parameters()},
            "optimizer": optimizer_tensors(self.model, self.optimizer),
            "guard": self.guard.tensors,
            "window": self.window,
            **({"average": self.average.tensors} if self.average else {}),
        }


def accumulate(
    model: Llama,
    batches: Sequence[Batch],
    num_labels: int,
    ranks: int = 1,
    before_each: Callable[[bool], None] = lambda last: None,
) -> Tensor:
    """Adds to the gradients of ``model`` those of the mean loss over ``num_labels`` labels; returns the summed loss.

    ``num_labels`` counts the labels of all micro-batches of all ranks together. The mean of their means would weigh a
    token in a micro-batch with few labels more than one in a micro-batch with many. FSDP takes the mean over
    ``ranks``, and so each loss is multiplied by their number. ``before_each`` is told of each micro-batch
    whether it is the last.
    """
    device = next(model.parameters()).device
    total = torch.zeros((), device=device)
    for number, batch in enumerate(batches, 1):
        before_each(number == len(batches))
        batch = batch.to(device)
        loss = model(batch.tokens, batch.positions, batch.labels)
        (loss * (ranks / max(1, num_labels))).backward()
        total += loss.detach()
    return total


def micro_batches(batch: Batch, rows: int | None) -> list[Batch]:
    """``batch`` in pieces of ``rows`` rows (all at once without a number)."""
    parts = (tensor.split(rows or len(tensor)) for tensor in batch)
    return [Batch(*pieces) for pieces in zip(*parts, strict=True)]
