"""What a phase still has to do, by the receipts that are there."""

from __future__ import annotations

import pytest

from pipeline.commit import Attempt
from pipeline.phase import Phase
from pipeline.run_state import RunState
from recipes import load


def _phase(map_only: bool) -> Phase:
    return Phase("some", lambda run: ["a", "b", "c"], lambda *arguments: None, map_only, lambda recipe: recipe)


@pytest.mark.parametrize(
    ("map_only", "done", "todo"),
    [
        (True, [], {"a", "b", "c"}),
        (True, ["b"], {"a", "c"}),
        (True, ["a", "b", "c"], set()),
        (True, ["x"], {"a", "b", "c"}),  # a unit of no one: left by a run with other inputs
        (False, [], {"a", "b", "c"}),
        (False, ["b"], {"a", "b", "c"}),
        (False, ["a", "b", "c"], set()),
    ],
)
def test_units_without_a_receipt_are_to_do_and_with_a_shuffle_all(tmp_path, map_only, done, todo) -> None:
    run = RunState(str(tmp_path), load("llama3"), ())
    for unit in done:
        Attempt(run.dir, "some", unit).finish()
    assert _phase(map_only).todo(run) == todo
