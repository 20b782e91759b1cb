"""Pre-training: shards in, a trained model and its story out. Run again, it goes on where it stopped.

    RUN/config.json      what was asked for
    RUN/metrics.jsonl    the figures, as they came (trainer/runlog.py)
    RUN/checkpoints/     the last few states (trainer/checkpoint.py)
    RUN/summary.json     the run in a few numbers

A resumed run goes on exactly, to the last bit: the state is weights, optimizer, the data's cursor and a few counters.
No random state is among them, because nothing is drawn once the weights are.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from tokens.index import ShardIndex
from trainer import checkpoint
from trainer.config import Config, ModelConfig, OptimizerConfig, RunConfig
from trainer.data import Batch, Cursor, TrainingStream, fingerprint, held_out_batches, open_data
from trainer.display import Display
from trainer.errors import TrainerError
from trainer.loss import head_loss
from trainer.model import Llama
from trainer.runlog import RunLog, Summary
from trainer.schedule import learning_rate
from trainer.signals import StopRequest


def pretrain(config: Config, data: Sequence[str], output: str | Path, console: Console | None = None) -> Summary:
    """Trains ``config``'s model on the shards of the directories ``data``, or goes on with the run in ``output``.

    Returns when the last step is done, or, after saving, when a SIGTERM or SIGINT has asked for it. Raises
    :class:`~trainer.errors.TrainerError` or :class:`~tokens.shards.ShardError` before the first step for settings
    and data that do not go together.
    """
    run = Pretraining(config, data, Path(output))
    with Display(console or Console(quiet=True), run.step, config.stage.steps) as display, StopRequest() as stop:
        run.introduce(display)
        while run.step < config.stage.steps and not stop.received:
            run.train_step(display)
        if run.step < config.stage.steps:
            run.save()
            display.say(f"Stopped at step {run.step} and saved. The same command goes on from here.")
    return run.summarise()


class Pretraining:
    """One run: the model, its optimizer, its data and its place in them."""

    def __init__(self, config: Config, data: Sequence[str], run_dir: Path) -> None:
        indices = open_data(data)
        config = dataclasses.replace(config, model=with_vocabulary(config.model, indices))
        _check_amount(indices, config.stage.sequence_length)
        self.config, self.run_dir, self.indices = config, run_dir, indices
        self.device = choose_device(config.run)
        self.identity = {
            "model": dataclasses.asdict(config.model),
            "seed": config.run.seed,
            "sequence_length": config.stage.sequence_length,
            "tokenizer": indices[0].tokenizer.sha256,
            "data": fingerprint(indices),
        }
        saved = checkpoint.load_latest(run_dir)
        if saved:
            _check_identity(saved["identity"], self.identity, run_dir)

        self.model = Llama(config.model)
        self.model.init_weights(torch.Generator().manual_seed(config.run.seed))
        self.model.to(self.device)
        self.optimizer = make_optimizer(self.model, config.optimizer)
        self.step = self.tokens = self.window_labels = 0
        self.seconds = self.window_seconds = 0.0
        self.window_loss = torch.zeros((), device=self.device)
        cursor = Cursor()
        if saved:
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.tokens, self.window_labels = saved["step"], saved["tokens"], saved["window_labels"]
            self.seconds, self.window_seconds = saved["seconds"], saved["window_seconds"]
            self.window_loss = saved["window_loss"].to(self.device)
            cursor = Cursor(*saved["cursor"])
        self.stream = TrainingStream(indices, config.run.seed, cursor)

        run_dir.mkdir(parents=True, exist_ok=True)
        (run_dir / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n", "utf-8")
        self.log = RunLog(run_dir, self.step)

    def introduce(self, display: Display) -> None:
        """Says what will be trained on what and, on a new run, looks at the held-out documents a first time."""
        documents, tokens = (sum(getattr(i, count) for i in self.indices) for count in ("documents", "tokens"))
        model, stage = self.config.model, self.config.stage
        display.say(
            f"Llama of {self.model.num_parameters():,} parameters ({model.num_layers} layers, width {model.dim}) on "
            f"{self.device}; {tokens:,} tokens of {self.indices[0].tokenizer.name} in {documents:,} documents; "
            f"{stage.steps:,} steps of {stage.batch_tokens:,} tokens."
        )
        if self.step >= stage.steps:
            display.say("All steps are done already; nothing is left to train.")
        elif self.step:
            display.say(f"Going on from step {self.step}.")
        else:
            self.evaluate(display)

    def train_step(self, display: Display) -> None:
        """One update, and whatever is due after it: a line of the log, a look at held-out documents, a checkpoint."""
        start = time.perf_counter()
        stage, run = self.config.stage, self.config.run
        batch = self.stream.next_batch(stage.batch_rows, stage.sequence_length)
        num_labels = batch.num_labels()
        loss = accumulate(self.model, micro_batches(batch, stage.micro_batch_rows, self.device), num_labels)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.optimizer.clip_norm, foreach=True)
        rate = learning_rate(self.step, stage)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

        self.step += 1
        self.tokens += stage.batch_tokens
        self.window_loss += loss
        self.window_labels += num_labels
        last = self.step == stage.steps
        log_due = last or self.step == 1 or self.step % run.log_every == 0
        line = {"grad_norm": norm.item(), "learning_rate": rate} if log_due else {}  # .item() waits for the device
        self.seconds += time.perf_counter() - start
        self.window_seconds += time.perf_counter() - start

        display.step(self.step)
        if log_due:
            self._log_training(line, display)
        if last or self.step % run.evaluate_every == 0:
            self.evaluate(display)
        if last or self.step % run.checkpoint_every == 0:
            self.save()

    def _log_training(self, line: dict[str, float], display: Display) -> None:
        loss = self.window_loss.item() / max(1, self.window_labels)
        earlier = next((line["tokens"] for line in reversed(self.log.lines) if "loss" in line), 0)
        line = {
            "step": self.step,
            "tokens": self.tokens,
            "loss": loss,
            **line,
            "tokens_per_second": (self.tokens - earlier) / self.window_seconds,
            "seconds": self.seconds,
        }
        self._check_loss()
        self.log.add(line)
        display.show(line)
        self.window_loss = torch.zeros_like(self.window_loss)
        self.window_labels, self.window_seconds = 0, 0.0

    def _check_loss(self) -> None:
        if not torch.isfinite(self.window_loss):
            raise TrainerError(
                f"The loss is {self.window_loss.item()} at step {self.step}. The checkpoints from before are kept; go "
                "on from them with a lower stage.peak_lr or a longer stage.warmup_steps."
            )

    def evaluate(self, display: Display) -> None:
        """Held-out loss into the log; nothing where no document is held out."""
        stage = self.config.stage
        rows = stage.micro_batch_rows or stage.batch_rows
        batches = held_out_batches(self.indices, stage.sequence_length, rows, self.config.run.evaluation_tokens)
        loss = mean_loss(self.model, batches, self.device)
        if loss is not None:
            line = {"step": self.step, "tokens": self.tokens, "held_out_loss": loss}
            self.log.add(line)
            display.show(line)

    def save(self) -> None:
        """The state of this step as a checkpoint; nothing where there is one already."""
        self._check_loss()  # a broken state must not push out the good ones
        state = {
            "identity": self.identity,
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "window_loss": self.window_loss,
            "window_labels": self.window_labels,
            "window_seconds": self.window_seconds,
            "cursor": list(self.stream.cursor),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        checkpoint.save(self.run_dir, self.step, state, self.config.run.keep_checkpoints)

    def summarise(self) -> Summary:
        finished = self.step >= self.config.stage.steps
        return self.log.summarise(finished, self.step, self.tokens, self.seconds, self.model.num_parameters())


def accumulate(model: Llama, batches: Iterator[Batch], num_labels: int) -> Tensor:
    """Adds to the gradients of ``model`` those of the mean loss over ``num_labels`` labels; returns the summed loss.

    ``num_labels`` counts the labels of all micro-batches together. The mean of their means would weigh a token in a
    micro-batch with few labels more than one in a micro-batch with many.
    """
    total = torch.zeros((), device=next(model.parameters()).device)
    for batch in batches:
        loss = head_loss(model(batch.tokens, batch.positions), model.head_weight, batch.labels)
        (loss / max(1, num_labels)).backward()
        total += loss.detach()
    return total


def micro_batches(batch: Batch, rows: int | None, device: torch.device) -> Iterator[Batch]:
    """``batch`` in pieces of ``rows`` rows (all at once without a number), on ``device``."""
    for parts in zip(*(tensor.split(rows or len(tensor)) for tensor in batch), strict=True):
        yield Batch(*parts).to(device)


@torch.no_grad()
def mean_loss(model: Llama, batches: Iterator[Batch], device: torch.device) -> float | None:
    """Mean loss a label over ``batches``, in nats; ``None`` where they hold no label."""
    total, num_labels = 0.0, 0
    for batch in batches:
        num_labels += batch.num_labels()
        batch = batch.to(device)
        total += head_loss(model(batch.tokens, batch.positions), model.head_weight, batch.labels).item()
    return total / num_labels if num_labels else None


def make_optimizer(model: Llama, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW over all weights; norms are not decayed, because pulling a gain towards 0 regularises nothing."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    others = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    return torch.optim.AdamW(
        [{"params": decayed}, {"params": others, "weight_decay": 0.0}],
        lr=0.0,  # set before each step
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=True,
    )


def choose_device(run: RunConfig) -> torch.device:
    """The device that ``run.device`` names; ``auto`` takes a GPU where there is one."""
    available = torch.cuda.is_available()
    if run.device == "cuda" and not available:
        raise TrainerError(
            "run.device is cuda, but torch finds no GPU. Install a driver and a CUDA build of torch, or set it to cpu."
        )
    return torch.device("cuda" if available and run.device != "cpu" else "cpu")


def with_vocabulary(model: ModelConfig, indices: Sequence[ShardIndex]) -> ModelConfig:
    """``model`` with a vocabulary that holds every id of the shards."""
    tokenizer = indices[0].tokenizer
    if model.vocab_size is None:
        return dataclasses.replace(model, vocab_size=tokenizer.vocab_size)
    if model.vocab_size < tokenizer.vocab_size:
        raise TrainerError(
            f"model.vocab_size is {model.vocab_size}, but the shards in {indices[0].directory} hold ids up to "
            f"{tokenizer.vocab_size - 1} of {tokenizer.name}. Raise it, or leave it out."
        )
    return model


def _check_amount(indices: Sequence[ShardIndex], length: int) -> None:
    tokens = sum(group.tokens for index in indices for group in index.split("train"))
    if tokens <= length:
        raise TrainerError(
            f"{', '.join(index.directory for index in indices)} holds {tokens:,} training tokens, which do not fill "
            f"one row of {length:,}. Give more data, or lower stage.sequence_length."
        )


def _check_identity(saved: dict[str, Any], now: dict[str, Any], run_dir: Path) -> None:
    differing = [key for key in now if saved[key] != now[key]]
    if differing:
        names = {"data": "the shards", "tokenizer": "the tokenizer"}
        raise TrainerError(
            f"{run_dir} holds a run that was started with another {', '.join(names.get(k, k) for k in differing)}. "
            "Name a new --output, or go on with what it was started with."
        )
