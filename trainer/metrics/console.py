"""The run as a person watches it: a live bar on a terminal, a line now and then where the output is no terminal."""

from __future__ import annotations

from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Display:
    """Shows the lines of the run log as they come. Used as a context manager, so that the terminal is left tidy."""

    def __init__(self, console: Console, step: int, steps: int) -> None:
        self._console = console
        self._shown: dict[str, str] = {}
        self._steps = steps
        self._progress = Progress(
            TextColumn("step"),
            MofNCompleteColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=steps, completed=step, figures="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def say(self, sentence: str) -> None:
        """One line that stays on the screen."""
        self._console.print(sentence, highlight=False, soft_wrap=True)

    def step(self, step: int) -> None:
        """Moves the bar; nothing where there is none."""
        self._progress.update(self._task, completed=step)

    def show(self, line: dict[str, Any]) -> None:
        """The figures of a line of ``metrics.jsonl``, beside the latest of the other kind: training, evaluation."""
        if "loss" in line:
            self._shown["loss"] = f"loss {line['loss']:.3f}" if line["loss"] is not None else "all updates skipped"
            self._shown["speed"] = f"{line['tokens_per_second']:,.0f} tokens/s"
            if "mfu" in line:
                self._shown["speed"] += f"  MFU {line['mfu']:.1%}"
        else:
            found = {name: value for name, value in line.items() if isinstance(value, float)}
            words = {"held_out_loss": "held out"}
            self._shown["held out"] = "  ".join(
                f"{words.get(name, name)} {value:.3f}" for name, value in found.items()
            )
        figures = "  ".join(self._shown[key] for key in ("loss", "held out", "speed") if key in self._shown)
        if self._console.is_terminal:
            self._progress.update(self._task, completed=line["step"], figures=figures)
        else:
            self.say(f"step {line['step']}/{self._steps}  {figures}")
