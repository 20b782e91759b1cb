"""What a person sees of a run: lines where the output is no terminal, a bar and the latest figures on one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from trainer.metrics.console import Display


def shown(*lines: dict, terminal: bool = False) -> str:
    out = io.StringIO()
    with Display(Console(file=out, force_terminal=terminal, width=200), 3, 9) as display:
        display.say("It begins.")
        for line in lines:
            display.step(line["step"])
            display.show(line)
    return out.getvalue()


TRAINED = {"step": 4, "loss": 2.34567, "tokens_per_second": 12345.6}


def test_a_line_a_record_with_the_latest_of_each_kind() -> None:
    evaluated = {"step": 4, "held_out_loss": 3.25, "short_loss": 1.5, "gate": "long"}
    skipped = {"step": 5, "loss": None, "tokens_per_second": 10.0, "mfu": 0.4321}
    assert shown(TRAINED, evaluated, skipped).splitlines() == [
        "It begins.",
        "step 4/9  loss 2.346  12,346 tokens/s",
        "step 4/9  loss 2.346  held out 3.250  short_loss 1.500  12,346 tokens/s",
        "step 5/9  all updates skipped  held out 3.250  short_loss 1.500  10 tokens/s  MFU 43.2%",
    ]


def test_an_evaluation_before_any_step_stands_alone() -> None:
    assert shown({"step": 3, "held_out_loss": 4.0}).splitlines()[1:] == ["step 3/9  held out 4.000"]


@pytest.mark.parametrize("step", [4, 9])
def test_a_terminal_has_a_bar_with_the_figures(step: int) -> None:
    found = shown({**TRAINED, "step": step}, terminal=True)
    assert "It begins." in found and f"{step}/9" in found and "loss 2.346  12,346 tokens/s" in found
    assert f"step {step}/9  loss" not in found
