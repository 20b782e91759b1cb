"""Gates between the stages of long-context training: a stage ends well, or the run stops with what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tokens.shards import HELD_OUT
from tokens.tokenizer import Tokenizer
from trainer.config.schema import Config, GateConfig, StageConfig
from trainer.data.sources import Source
from trainer.data.tokenizer import choose_tokenizer
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.evaluation.held_out import held_out_losses, mean
from trainer.evaluation.needle import held_out_haystack, needle_accuracy
from trainer.model.llama import Llama


class Gates:
    """The gates of ``config``'s stages (:class:`~trainer.config.schema.GateConfig`).

    Raises :class:`TrainerError` where a gate cannot be judged: without held-out documents, or without the tokenizer.
    """

    def __init__(self, config: Config, sources: Sequence[Source], ranks: Ranks) -> None:
        self._config, self._sources, self._ranks = config, sources, ranks
        self.state: dict[str, Any] = {"short_loss": None, "passed": []}
        """The held-out loss at the first stage's length before the first stage with a gate, and the stages passed."""
        gated = [(stage, stage.gate) for stage in config.stages if stage.gate]
        if gated and not any(source.shards.split(HELD_OUT) for source in sources):
            raise TrainerError(
                f"The stage {gated[0][0].name} has a gate, but no document is held out to judge it by. Mill with a "
                "held-out share, or leave gates out."
            )
        self._tokenizer: Tokenizer | None = None
        if any(gate.needle_accuracy for _, gate in gated):
            self._tokenizer = choose_tokenizer(sources[0].shards.tokenizer, config.run.tokenizer)

    def restore(self, state: dict[str, Any] | None) -> None:
        """Takes over the :attr:`state` that a checkpoint kept, where there is one."""
        self.state = state or self.state

    def check(
        self, model: Llama, number: int, record: Callable[[dict[str, Any]], object], say: Callable[[str], object]
    ) -> None:
        """To be called before the first step of the stage ``number``, and behind the last stage with one more.

        ``record`` takes the figures of a gate that is judged, ``say`` a sentence for whoever watches. Raises
        :class:`TrainerError` where the stage before it has not met its gate. It evaluates: the caller reshards.
        """
        stages = self._config.stages
        before = stages[number - 1] if number else None
        if before and before.gate and before.name not in self.state["passed"]:
            self._judge(model, before, before.gate, record)
            self.state["passed"].append(before.name)
            say(f"The stage {before.name} has met its gate.")
        if number < len(stages) and stages[number].gate and self.state["short_loss"] is None:
            self.state["short_loss"] = self._short_loss(model)

    def _judge(
        self, model: Llama, stage: StageConfig, gate: GateConfig, record: Callable[[dict[str, Any]], object]
    ) -> None:
        before, short = self.state["short_loss"], self._short_loss(model)
        figures: dict[str, Any] = {"gate": stage.name, "short_loss": short}
        missed = []
        if short > before + gate.short_loss_rise:
            missed.append(
                f"the held-out loss at {self._short_length:,} tokens is {short:.4f}, before it was {before:.4f}"
            )
        if gate.needle_accuracy and self._tokenizer:
            accuracy = needle_accuracy(
                model,
                self._tokenizer,
                held_out_haystack(self._sources),
                stage.sequence_length,
                gate.needles,
                self._ranks,
            )
            figures["needle_accuracy"] = accuracy
            if accuracy < gate.needle_accuracy:
                missed.append(f"{accuracy:.0%} of the needles in {stage.sequence_length:,} tokens are found")
        record(figures)
        if missed:
            raise TrainerError(
                f"The stage {stage.name} has not met its gate: {' and '.join(missed)}. The run is saved; raise the "
                "stage's tokens and run it again, or loosen its gate."
            )

    @property
    def _short_length(self) -> int:
        return self._config.stages[0].sequence_length

    def _short_loss(self, model: Llama) -> float:
        first = self._config.stages[0]
        rows = (first.micro_batch_rows or first.batch_rows // self._ranks.data_size) * self._ranks.data_size
        most = self._config.run.evaluation_tokens
        losses = held_out_losses(model, self._sources, self._short_length, rows, most, self._ranks)
        loss = mean([*losses.values()])
        assert loss is not None, "the constructor has seen that documents are held out"
        return loss
