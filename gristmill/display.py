"""What a person sees of a run: progress while it works, the books when it is done."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipeline import stages

console = Console()
_SENTENCES = 5


MODES = ("auto", "bar", "lines", "json", "none")
# Between two lines about the same phase.
_SECONDS = 30.0


@contextmanager
def phase_progress(mode: str = "auto") -> Iterator[tuple[Callable[[str, int, int], None], Callable[[str], None]]]:
    """How a run's progress is shown, and how its sentences are: bars on a terminal (``bar``; ``auto`` where there is
    one), or ``lines`` on standard error, each half minute and when a phase is done; ``json``: an object a line instead."""
    if mode == "auto":
        mode = "bar" if console.is_terminal else "lines"
    if mode == "bar":
        with _bars() as progress:
            yield progress, lambda sentence: console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    elif mode == "none":
        yield lambda phase, done, total: None, lambda sentence: None
    else:
        lines = _Lines(as_json=mode == "json")
        yield lines.progress, lines.say


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=console) as bars:

        def progress(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total)

        yield progress


class _Lines:
    """Progress for logs: a line when a phase is done, and now and then before."""

    def __init__(self, as_json: bool):
        self._as_json = as_json
        self._began: dict[str, tuple[float, int]] = {}  # when it was first heard of a phase, and what was done then
        self._written = 0.0
        self._finished: set[str] = set()

    def progress(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        began, before = self._began.setdefault(phase, (now, done))
        if phase in self._finished or (done < total and now - max(self._written, began) < _SECONDS):
            return
        self._written = now
        if done == total:
            self._finished.add(phase)
        left = (now - began) / (done - before) * (total - done) if before < done < total else None
        shown = "" if left is None else f", some {left:,.0f} s left"
        self._write(
            f"{phase}: {done:,} of {total:,} units{shown}",
            {"phase": phase, "done": done, "units": total, "seconds_left": None if left is None else round(left)},
        )

    def say(self, sentence: str) -> None:
        self._write(sentence, {"said": sentence})

    def _write(self, line: str, told: dict[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        print(json.dumps({"time": at, **told}) if self._as_json else f"{at} {line}", file=sys.stderr, flush=True)


def print_ledger(ledger: dict[str, Any], output: str) -> None:
    """The books of a run as a table a person can take in at a glance."""
    records, words, tokens = ledger["records"], ledger["words"], ledger["tokens"]
    console.print()
    table = Table(
        "what became of them", "records", "words", title=f"{records['read']:,} records read", title_justify="left"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("[bold]kept[/]", f"[bold]{records['kept']:,}[/]", f"[bold]{words['kept']:,}[/]")
    for stage in stages.in_order(ledger["rejected"]):
        for reason, count in _largest_first(ledger["rejected"][stage]):
            table.add_row(f"{stage}: {reason}", f"{count:,}", f"{words['removed'].get(f'{stage}/{reason}', 0):,}")
    if lines := words["removed"].get(stages.FREQUENT_LINES):
        table.add_row("frequent lines, removed from pages", "", f"{lines:,}")
    if records["failed"]:
        table.add_row("failed", f"{records['failed']:,}", "")
        for sentence, count in _largest_first(ledger["failed"])[:_SENTENCES]:
            table.add_row(f"  {sentence}", f"{count:,}", "")
    console.print(table)
    languages = _largest_first(ledger["kept_by"]["language"])
    shown = ", ".join(f"{name} {count:,}" for name, count in languages[:8])
    rest = sum(count for _, count in languages[8:])
    console.print(f"Languages: {shown}" + (f", {len(languages) - 8} more {rest:,}" if rest else ""), highlight=False)
    console.print(
        f"Tokens: {tokens['all']:,}, of which {tokens['held_out']:,} held out for evaluation", highlight=False
    )
    if ledger["clock_struck"]:
        console.print(
            f"[yellow]The clock decided on {ledger['clock_struck']} pages: another machine might have kept them."
        )
    if not records["kept"]:
        console.print(
            "[yellow]Nothing was kept: the first rules above took everything. Is it the right crawl, and do the "
            "recipe's identify.languages and limits suit it?"
        )
    console.print(
        f"Documents, tokens, rejected/ with reasons, and ledger.json are in {output}; "
        f"gristmill why {output} URL says what became of a page.",
        highlight=False,
        soft_wrap=True,
    )


def _largest_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
