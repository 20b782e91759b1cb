"""The rounds of a run as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table


def rounds_table(lines: Sequence[dict[str, Any]]) -> Table:
    """A row a round, of the lines of ``rounds.jsonl``: rates are shares of right answers to the dev prompts."""
    table = Table(
        title="Rounds: share of right answers to the dev prompts (test: of the chosen)", title_justify="left"
    )
    for name in ("round", "pairs", "RM accuracy", "selected right", "before", "SFT", "DPO", "mean", "chosen"):
        table.add_column(name, justify="left" if name == "chosen" else "right")
    table.add_column("better by", justify="right")
    table.add_column("test", justify="right")
    for line in lines:
        rates = line["pass"]
        difference = f"{line['difference']:+.3f} ± {line['half_width']:.3f}"
        table.add_row(
            str(line["round"]), f"{line['pairs']:,}", _share(line["reward_accuracy"]), _share(line["selected_right"]),
            *(_share(rates[name]) for name in ("incumbent", "sft", "dpo", "mean")), line["chosen"], difference,
            _share(line.get("test")),
        )  # fmt: skip
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
