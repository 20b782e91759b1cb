"""What a person sees of a run: progress while it works, the books when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipeline import stages

console = Console()
_SENTENCES = 5


@contextmanager
def phase_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each phase on a terminal, a line for each finished phase elsewhere."""
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, Any] = {}
    finished: set[str] = set()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def progress(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total)
            if done == total and phase not in finished and not console.is_terminal:
                finished.add(phase)
                console.print(f"{phase}: {total} units done", highlight=False)

        yield progress


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
