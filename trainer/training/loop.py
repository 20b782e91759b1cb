"""The training loop: step, log, evaluate, save. It knows stages and checkpoints, and nothing of its task."""

from __future__ import annotations

import dataclasses
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from trainer.config.schema import StageConfig
from trainer.config.stages import locate, total_tokens
from trainer.distributed.parallelize import before_micro_batch, reshard
from trainer.distributed.ranks import TIMEOUT, Ranks
from trainer.errors import TrainerError
from trainer.metrics.console import Display
from trainer.metrics.profiler import StepProfiler
from trainer.metrics.run_log import Summary
from trainer.optim.clipping import clip
from trainer.optim.lr_schedule import learning_rate
from trainer.optim.weight_averaging import Average
from trainer.training.objective import Objective
from trainer.training.opening import open_run
from trainer.training.saving import Saving
from trainer.training.step import accumulate, micro_batches

PATIENCE = 10
"""Updates that may be skipped in a row before the run gives up."""


class TrainingLoop:
    """One run of an objective, from its latest checkpoint or from its beginning."""

    def __init__(
        self, objective: Objective, run_dir: Path, ranks: Ranks, console: Console, branch_from: str | None = None
    ) -> None:
        self.objective, self.run_dir, self.ranks = objective, run_dir, ranks
        settings = objective.settings
        self.stages, self.run, self._optimizer = settings.stages, settings.run, settings.optimizer
        self.steps, self.end = sum(stage.steps for stage in self.stages), total_tokens(self.stages)
        self.state, self.log, self._origin, self._changes, self.num_parameters = open_run(
            objective, run_dir, ranks, branch_from
        )
        self.stage_number = -1
        self._settled = False  # whether the stage under way has done a step in this session
        self.display = Display(console, self.state.step, self.steps)
        self._saving = Saving(run_dir, self.stages, self.run, ranks)
        self.profiler = StepProfiler(self.run.profile_step if ranks.rank == 0 else None, run_dir, ranks.device)

    @property
    def finished(self) -> bool:
        return self.state.tokens >= self.end

    @property
    def stage(self) -> StageConfig:
        """The stage that the next step belongs to."""
        return self.stages[locate(self.state.tokens, self.stages).number]

    def say(self, sentence: str) -> None:
        self.display.say(sentence)

    def record(self, figures: dict[str, Any]) -> dict[str, Any]:
        """Adds ``figures`` to ``metrics.jsonl`` as a line of this step; returns the line."""
        line = {"step": self.state.step, "tokens": self.state.tokens, **figures}
        self.log.add(line)
        return line

    def introduce(self) -> None:
        """Says what will be trained on what and, on a new run, evaluates a first time."""
        for sentence in self.objective.introduction():
            self.say(sentence)
        if self.finished:
            self.say("All steps are done already; nothing is left to train.")
            # The last stage may have been left with its gate missed.
            self.objective.enter_stage(len(self.stages), self)
            return
        if warning := self._saving.warning_of_disk(self.state.step, self.state.tokens, self.state.tensors()):
            self.say(warning)
        if self.state.step:
            for change in self._changes:
                self.say(f"Since the session before, {change}.")
        elif self._origin:
            self.say(f"Beginning with {self._origin['run']} after step {self._origin['step']}.")
        if self.state.step:
            self.say(f"Going on from step {self.state.step}.")
        self._enter_stage()
        if not self.state.step:
            self.evaluate(self.stage)

    def train_step(self) -> None:
        """One update, and whatever is due after it: a line of metrics, an evaluation, a checkpoint."""
        self._enter_stage()
        state, stage, run = self.state, self.stage, self.run
        behind = state.tokens + stage.batch_tokens
        stage_ends = behind >= self.end or self.stages[locate(behind, self.stages).number] is not stage
        log_due = stage_ends or state.step == 0 or (state.step + 1) % run.log_every == 0
        self.objective.is_logged = log_due
        start = time.perf_counter()
        step = self.objective.next_step(stage)
        waited = time.perf_counter() - start
        sums = accumulate(
            self.objective.loss,
            micro_batches(step.batch, stage.micro_batch_rows),
            step.divisor,
            self.ranks.device,
            self.ranks.shard_size,
            partial(before_micro_batch, state.model, run, self.ranks),
        )
        norm = clip(state.model, self._optimizer.clip_norm)
        rate = learning_rate(state.tokens, self.stages) * self._optimizer.peak_lr
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        self._saving.before_update()
        skipped = state.guard.step(state.optimizer, norm)
        state.optimizer.zero_grad(set_to_none=True)
        if not self._settled:
            self.ranks.wait_for_others(timedelta(minutes=run.timeout_minutes))
            self._settled = True

        state.step += 1
        state.tokens += stage.batch_tokens
        state.window.add(sums, step.divisor / self.ranks.shard_size, skipped)
        self._average(stage, stage_ends)
        figures = {"grad_norm": norm.item(), "learning_rate": rate} if log_due else {}  # .item() waits for the device
        took = time.perf_counter() - start
        state.seconds += took
        state.window.seconds += took
        state.window.lengths += stage.batch_tokens * step.mean_length
        state.window.stall += waited

        self.display.step(state.step)
        if log_due:
            self._log_training(figures, stage)
        if stage_ends or state.step % run.evaluate_every == 0:
            self.evaluate(stage)
        if stage_ends or state.step % run.checkpoint_every == 0:
            self.save()
        if self.finished:
            self.objective.enter_stage(len(self.stages), self)
            reshard(state.model)

    def _enter_stage(self) -> None:
        number, begin = locate(self.state.tokens, self.stages)
        if number == self.stage_number:
            return
        self.ranks.wait_for_others(TIMEOUT)
        if self.state.tokens == begin:
            self.state.guard.begin_stage()
        self.objective.enter_stage(number, self)
        reshard(self.state.model)
        self.stage_number, stage = number, self.stages[number]
        self._settled = False
        if len(self.stages) > 1:
            self.say(
                f"Stage {stage.name}: {stage.steps:,} steps of {stage.batch_tokens:,} tokens in rows of "
                f"{stage.sequence_length:,}."
            )

    def _average(self, stage: StageConfig, stage_ends: bool) -> None:
        if not stage.average_every:
            return
        state = self.state
        begin = locate(state.tokens - stage.batch_tokens, self.stages).begin
        if stage_ends or (state.tokens - begin) // stage.batch_tokens % stage.average_every == 0:
            state.average = state.average or Average(state.model)
            state.average.add(state.model)
        if stage_ends and state.average:
            state.average.copy_to(state.model)
            state.average = None

    def _log_training(self, figures: dict[str, float], stage: StageConfig) -> None:
        state, window = self.state, self.state.window
        means = window.means(self.ranks)
        if state.guard.tensors["in_a_row"].item() >= PATIENCE:
            raise TrainerError(
                f"The last {PATIENCE} updates up to step {state.step} were skipped: their gradients were no numbers "
                f"or more than optimizer.skip_sigmas ({self._optimizer.skip_sigmas:g}) standard deviations above those "
                "before. The checkpoints from before are kept; go on from them with a lower optimizer.peak_lr or a "
                "longer warm-up, or, where the metrics' grad_norm shows that larger gradients are in order, with a "
                "higher optimizer.skip_sigmas."
            )
        earlier = next((line["tokens"] for line in reversed(self.log.lines) if "loss" in line), 0)
        tokens = state.tokens - earlier
        speed = tokens / window.seconds
        line: dict[str, Any] = {
            "stage": stage.name,
            **means,
            **figures,
            "skipped": int(state.guard.tensors["skipped"].item()),
            "tokens_per_second": speed,
            "data_stall": window.stall,
            "seconds": state.seconds,
        }
        if self.ranks.device.type == "cuda":
            line["memory"] = torch.cuda.max_memory_reserved(self.ranks.device)
        line |= self.objective.utilisation(speed, stage, window.lengths / tokens) | self.objective.progress()
        line = self.record(line)
        self.display.show(line)
        window.clear()
        self.objective.watch(line, self)

    def evaluate(self, stage: StageConfig) -> None:
        """The objective's figures into the metrics, where it has any."""
        figures = self.objective.evaluate(stage)
        reshard(self.state.model)
        if figures:
            self.display.show(self.record(figures))

    def save(self) -> bool:
        """The state of this step as a checkpoint, unless there is one already; returns whether there is one then."""
        state = self.state
        if not state.step:
            return False
        if state.guard.tensors["in_a_row"].item() > PATIENCE // 2:
            self.say(f"Step {state.step} is not saved: the last updates were skipped, and so would the next be.")
            return False
        state.window.gather(self.ranks)
        trained = self.stages[: locate(state.tokens - 1, self.stages).number + 1]
        facts = {
            "identity": self.objective.identity,
            **state.facts(),
            **self.objective.facts(),
            "stages": [dataclasses.asdict(stage) for stage in trained],
            **({"branched_from": self._origin} if self._origin else {}),
            "metrics_lines": len(self.log.lines),
        }
        self._saving.save(state.step, state.tokens, facts, state.tensors())
        return True

    def finish_saving(self) -> None:
        """Returns when what :meth:`save` began is on disk."""
        self._saving.finish()

    def close(self) -> None:
        """Ends what runs beside the training."""
        self.objective.close()
        self.log.close()

    def summarise(self, finished: bool | None = None) -> Summary:
        """The run so far; ``finished`` says otherwise than its steps where a gate was missed."""
        state = self.state
        finished = self.finished if finished is None else finished
        return self.log.summarise(finished, state.step, state.tokens, state.seconds, self.num_parameters)
