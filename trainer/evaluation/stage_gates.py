"""Gates between the stages of long-context training: a stage ends well, or the run stops with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokens.shards import HELD_OUT
from trainer.metrics.console import Display
from trainer.errors import TrainerError
from trainer.evaluation.held_out import choose_tokenizer, held_out_haystack, held_out_losses, mean, needle_accuracy
from trainer.data.mixture import Source
from trainer.model.llama import Llama
from trainer.distributed.parallelize import Ranks, give_back
from trainer.metrics.run_log import RunLog
from trainer.config.schema import Config, StageConfig


class Gates:
    """The gates of ``config``'s stages (:class:`~trainer.config.schema.GateConfig`); ``state`` is a checkpoint's.

    Raises :class:`TrainerError` where a gate cannot be judged: without held-out documents, or without the tokenizer.
    """

    def __init__(
        self, config: Config, sources: Sequence[Source], ranks: Ranks, state: dict[str, Any] | None = None
    ) -> None:
        self._config, self._sources, self._ranks = config, sources, ranks
        self.state: dict[str, Any] = state or {"short_loss": None, "passed": []}
        """The held-out loss at the first stage's length before the first stage with a gate, and the stages passed."""
        gated = [stage for stage in config.stages if stage.gate]
        if gated and not any(source.index.split(HELD_OUT) for source in sources):
            raise TrainerError(
                f"The stage {gated[0].name} has a gate, but no document is held out to judge it by. Mill with a "
                "held-out share, or leave gates out."
            )
        self._tokenizer = None
        if any(stage.gate.needle_accuracy for stage in gated):
            self._tokenizer = choose_tokenizer(sources[0].index.tokenizer, config.run.tokenizer)

    def check(self, model: Llama, number: int, log: RunLog, step: int, tokens: int, display: Display) -> None:
        """To be called before the first step of the stage ``number``, and behind the last stage with one more.

        Raises :class:`TrainerError` where the stage before it has not met its gate.
        """
        stages = self._config.stages
        before = stages[number - 1] if number else None
        if before and before.gate and before.name not in self.state["passed"]:
            self._judge(model, before, log, step, tokens, display)
        if number < len(stages) and stages[number].gate and self.state["short_loss"] is None:
            self.state["short_loss"] = self._short_loss(model)
        give_back(model)

    def _judge(self, model: Llama, stage: StageConfig, log: RunLog, step: int, tokens: int, display: Display) -> None:
        gate, before, short = stage.gate, self.state["short_loss"], self._short_loss(model)
        line: dict[str, Any] = {"step": step, "tokens": tokens, "gate": stage.name, "short_loss": short}
        missed = []
        if short > before + gate.short_loss_rise:
            missed.append(
                f"the held-out loss at {self._short_length:,} tokens is {short:.4f}, before it was {before:.4f}"
            )
        if gate.needle_accuracy:
            accuracy = needle_accuracy(
                model,
                self._tokenizer,
                held_out_haystack(self._sources),
                stage.sequence_length,
                gate.needles,
                self._ranks,
            )
            line["needle_accuracy"] = accuracy
            if accuracy < gate.needle_accuracy:
                missed.append(f"{accuracy:.0%} of the needles in {stage.sequence_length:,} tokens are found")
        log.add(line)
        if missed:
            raise TrainerError(
                f"The stage {stage.name} has not met its gate: {' and '.join(missed)}. The run is saved; raise the "
                "stage's tokens and run it again, or loosen its gate."
            )
        self.state["passed"].append(stage.name)
        display.say(f"The stage {stage.name} has met its gate.")

    @property
    def _short_length(self) -> int:
        return self._config.stages[0].sequence_length

    def _short_loss(self, model: Llama) -> float:
        first = self._config.stages[0]
        rows = (first.micro_batch_rows or first.batch_rows // self._ranks.data_size) * self._ranks.data_size
        most = self._config.run.evaluation_tokens
        losses = held_out_losses(model, self._sources, self._short_length, rows, most, self._ranks)
        return mean([*losses.values()])
