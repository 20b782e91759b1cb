"""The rounds of a run as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table


def rounds_table(lines: Sequence[dict[str, Any]]) -> Table:
    """A row a round, of the lines of ``rounds.jsonl``: the rates of the model before, and of the three that the
    round has made; by how much the best of the three differs from the one before, with its 95 % interval."""
    table = Table(
        title="Share of right answers to the dev prompts; test: of the chosen", box=box.SIMPLE, padding=(0, 1)
    )
    for name in ("round", "pairs", "RM right", "selected right", "before", "SFT", "DPO", "mean"):
        table.add_column(name, justify="right")
    table.add_column("chosen", no_wrap=True)
    table.add_column("better by", justify="right", no_wrap=True)
    table.add_column("test", justify="right")
    for line in lines:
        rates = line["pass"]
        table.add_row(
            str(line["round"]), str(line["pairs"]), _share(line["reward_accuracy"]), _share(line["selected_right"]),
            *(_share(rates[name]) for name in ("incumbent", "sft", "dpo", "mean")),
            "(before)" if line["chosen"] == "incumbent" else line["chosen"],
            f"{line['difference']:+.3f}±{line['half_width']:.3f}", _share(line.get("test")),
        )  # fmt: skip
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".lstrip("0")
