"""The table of rounds, cell by cell."""

from __future__ import annotations

from typing import Any

from trainer.posttraining.rounds_table import table_of_rounds


def line(**changes: Any) -> dict[str, Any]:
    rates = {"incumbent": 0.5, "sft": 0.625, "dpo": 1.0, "mean": 0.0}
    return {
        "round": 1, "pairs": 30, "reward_accuracy": 0.75, "selected_right": None, "pass": rates, "chosen": "dpo",
        "difference": 0.125, "half_width": 0.0625, "test": 0.5, **changes,
    }  # fmt: skip


def test_a_round_is_a_row_of_rates_without_their_zeros() -> None:
    table = table_of_rounds([line(), line(round=2, chosen="incumbent", difference=-0.25, test=None)])
    names = [column.header for column in table.columns]
    assert names == ["round", "pairs", "RM", "pick", "was", "SFT", "DPO", "mean", "chosen", "by", "test"]
    first, second = zip(*(list(column.cells) for column in table.columns), strict=True)
    assert first == ("1", "30", ".750", "", ".500", ".625", "1.000", ".000", "dpo", "+0.125±.062", ".500")
    assert second[8:] == ("(before)", "-0.250±.062", "") and second[0] == "2"
    assert [column.justify for column in table.columns] == ["right"] * 8 + ["left"] + ["right"] * 2
    assert [column.header for column in table.columns if column.no_wrap] == ["chosen", "by"]
    assert not table.pad_edge and table.collapse_padding
