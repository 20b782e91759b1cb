"""The rounds of a run as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table


def table_of_rounds(lines: Sequence[dict[str, Any]]) -> Table:
    """A row a round, of the lines of ``rounds.jsonl``: the rates of the model before, and of the three that the
    round has made; by how much the best of the three differs from the one before, with its 95 % interval."""
    title = "Right answers to the dev prompts; pick: of those selected; test: of the chosen"
    table = Table(title=title, box=box.SIMPLE, collapse_padding=True, pad_edge=False)
    for name in ("round", "pairs", "RM", "pick", "was", "SFT", "DPO", "mean"):
        table.add_column(name, justify="right")
    table.add_column("chosen", no_wrap=True)
    table.add_column("by", justify="right", no_wrap=True)
    table.add_column("test", justify="right")
    for line in lines:
        rates = line["pass"]
        table.add_row(
            str(line["round"]), str(line["pairs"]), _share(line["reward_accuracy"]), _share(line["selected_right"]),
            *(_share(rates[name]) for name in ("incumbent", "sft", "dpo", "mean")),
            "(before)" if line["chosen"] == "incumbent" else line["chosen"],
            f"{line['difference']:+.3f}±{_share(line['half_width'])}", _share(line.get("test")),
        )  # fmt: skip
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".lstrip("0")
