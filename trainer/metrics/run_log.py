"""What a run writes down about itself: ``metrics.jsonl`` line by line, and ``summary.json`` at its end.

A line of ``metrics.jsonl`` has ``step`` (updates done) and ``tokens`` (seen in all), and is of one of three kinds.
Training: ``stage``, ``loss`` (nats a token, mean since the line before), ``grad_norm``, ``learning_rate``, ``skipped``
(updates left out, in all), ``tokens_per_second``, ``data_stall`` (seconds waited for data since the line before) and
``seconds`` (spent in training, earlier sessions of the run included); on a GPU ``memory`` (bytes, at most), ``mfu``
and ``mfu_documents`` (:func:`trainer.metrics.mfu.flops_per_token`); in pre-training ``passes`` (so far, over each of the stage's
pools of data), and of this step's tokens alone ``loss_by_class`` and, with several directories, ``loss_by_source``. Held out: ``held_out_loss``, with several
directories also ``held_out_loss_by_source``. The end of a stage with a gate: ``gate``, ``short_loss``,
``needle_accuracy``. Other tasks than pre-training add metrics and evaluations of their own
(:mod:`trainer.training.objective`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.files import finite, replace_file
from trainer.metrics.sinks import Sink


@dataclass(frozen=True)
class Summary:
    """A run in a few numbers. Losses are nats a token; those at the start and the end of training are the first and
    the last line's of ``metrics.jsonl``. Held-out losses are ``None`` where no document is held out."""

    finished: bool
    """False where a signal stopped the run before its last step: the same command goes on."""
    steps: int
    tokens: int
    seconds: float
    tokens_per_second: float
    parameters: int
    loss_start: float | None
    loss_end: float | None
    held_out_loss_start: float | None
    held_out_loss_end: float | None


class RunLog:
    """Appends to ``metrics.jsonl`` of ``run_dir``; lines behind ``step`` and behind the first ``kept`` (of a session
    that was killed before it could save) are dropped, because they will come again. One rank of all is to ``write``;
    what it writes goes to ``sinks`` as well. What is no finite number is written as null: JSON has no other word."""

    def __init__(
        self, run_dir: Path, step: int, write: bool = True, sinks: Sequence[Sink] = (), kept: int | None = None
    ) -> None:
        self._run_dir, self._write = run_dir, write
        self._path = run_dir / "metrics.jsonl"
        self.lines = [line for line in read_metrics(run_dir) if line["step"] <= step][:kept] if step else []
        self._sinks = sinks
        if write:
            run_dir.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, "".join(json.dumps(line) + "\n" for line in self.lines))

    def add(self, line: dict[str, Any]) -> None:
        line = finite(line)
        self.lines.append(line)
        if not self._write:
            return
        for sink in self._sinks:
            sink.add(line)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def summarise(self, finished: bool, step: int, tokens: int, seconds: float, parameters: int) -> Summary:
        """The summary of the run so far, also written to ``summary.json``."""
        losses = [line["loss"] for line in self.lines if line.get("loss") is not None]
        held_out = [line["held_out_loss"] for line in self.lines if line.get("held_out_loss") is not None]
        summary = Summary(
            finished=finished,
            steps=step,
            tokens=tokens,
            seconds=round(seconds, 3),
            tokens_per_second=round(tokens / seconds, 1) if seconds else 0.0,
            parameters=parameters,
            loss_start=losses[0] if losses else None,
            loss_end=losses[-1] if losses else None,
            held_out_loss_start=held_out[0] if held_out else None,
            held_out_loss_end=held_out[-1] if held_out else None,
        )
        if self._write:
            replace_file(self._run_dir / "summary.json", json.dumps(asdict(summary), indent=2) + "\n")
        return summary

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()


def read_metrics(run_dir: Path) -> list[dict[str, Any]]:
    """The lines of ``metrics.jsonl``; a last line that a kill cut off is left out."""
    lines: list[dict[str, Any]] = []
    try:
        text = (run_dir / "metrics.jsonl").read_text("utf-8")
    except FileNotFoundError:
        return lines
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return lines
