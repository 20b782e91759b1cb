"""What a person sees of a run that is done: the books, and what they cost."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline import stages

console = Console()
_SENTENCES = 5


def print_ledger(ledger: dict[str, Any], output: str) -> None:
    """The books of a run as a table a person can take in at a glance."""
    # Beam is loaded with it, which takes seconds: whoever has a ledger has it already.
    from pipeline.reports.failures import by_error

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
        for failure in by_error(output)[:_SENTENCES]:
            files = "1 file" if failure.files == 1 else f"{failure.files:,} files"
            where = f", in {files}, such as {failure.such_as}" if failure.files else ""
            table.add_row(escape(f"  {failure.sentence}{where}"), f"{failure.records:,}", "")
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


def print_costs(timings: dict[str, Any], ledger: dict[str, Any]) -> None:
    """What each phase took, and what that is for each record: of the last start of a phase that was continued."""
    # pyarrow is loaded with it: whoever has costs has it already.
    from pipeline.timings import one_by_one

    phases = [phase for phase in timings["phases"] if "seconds" in phase]
    summed = one_by_one(phases)
    read = ledger["records"]["read"]
    seconds = sum(phase["seconds"] for phase in summed)
    cpu = sum(phase.get("cpu_seconds", 0) for phase in summed)
    table = Table("phase", "seconds", "CPU s", "share", "ms a record")
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [
        (phase["phase"] + (", beside" if phase.get("beside") else ""), phase["seconds"], phase.get("cpu_seconds", 0))
        for phase in phases
    ]
    for name, wall, spent in [*rows, ("all", seconds, cpu)]:
        share = f"{spent / cpu:.0%}" if cpu else ""
        table.add_row(name, f"{wall:,.1f}", f"{spent:,.1f}", share, f"{1000 * spent / read:,.2f}" if read else "")
    console.print(table)
    if seconds and read:
        console.print(
            f"{seconds:,.0f} s in phases, {read / seconds:,.0f} records a second; at the most "
            f"{timings['driver_peak_mib']:,} MiB in the driver. CPU time is that of this machine.",
            highlight=False,
        )


def print_report(path: str) -> None:
    console.print(f"Report: {path}", highlight=False, soft_wrap=True, markup=False)


def _largest_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
