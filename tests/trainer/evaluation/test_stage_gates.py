"""Gates between stages: what is measured when, and what holds a run up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.trainer.evaluation.tiny import ALONE, make
from trainer.data.sources import Source, open_data
from trainer.errors import TrainerError
from trainer.evaluation import stage_gates
from trainer.evaluation.held_out import Loss
from trainer.evaluation.stage_gates import Gates

GATE = {"short_loss_rise": 0.5, "needle_accuracy": 0.75, "needles": 7}


class Measured:
    """What evaluations are asked for, and what they answer."""

    def __init__(self) -> None:
        self.loss, self.accuracy = 2.0, 1.0
        self.losses: list[tuple[int, int, int]] = []
        self.needles: list[tuple[int, int]] = []

    def held_out_losses(
        self, model: object, sources: object, length: int, rows: int, most: int, ranks: object
    ) -> dict:
        self.losses.append((length, rows, most))
        return {"a": Loss(self.loss * 3, 3), "b": Loss(self.loss * 5, 5)}

    def needle_accuracy(
        self, model: object, tokenizer: object, hay: object, length: int, needles: int, ranks: object
    ) -> float:
        self.needles.append((length, needles))
        return self.accuracy


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    found = Measured()
    monkeypatch.setattr(stage_gates, "held_out_losses", found.held_out_losses)
    monkeypatch.setattr(stage_gates, "needle_accuracy", found.needle_accuracy)
    monkeypatch.setattr(stage_gates, "choose_tokenizer", lambda info, name: "a tokenizer")
    return found


@pytest.fixture
def sources(shards: str) -> list[Source]:
    return open_data([f"a={shards}"])


def gates(make_config: Callable, sources: list[Source], *stages: dict[str, Any], **run: Any) -> Gates:
    return Gates(make_config(stages=[{}, *stages], run=run), sources, ALONE)


def walk(found: Gates, *numbers: int) -> tuple[list[dict], list[str]]:
    records: list[dict] = []
    said: list[str] = []
    for number in numbers:
        found.check(make(8), number, records.append, said.append)
    return records, said


def test_a_stage_that_holds_what_it_must_lets_the_next_begin(make_config, sources, measured) -> None:
    long = {"sequence_length": 64, "gate": GATE}
    found = gates(make_config, sources, long, {"sequence_length": 128, "gate": GATE}, evaluation_tokens=999)
    assert walk(found, 0) == ([], []) and measured.losses == []
    assert walk(found, 1) == ([], []) and measured.losses == [(32, 4, 999)]  # before the first stage with a gate
    measured.loss = 2.5
    records, said = walk(found, 2)
    assert records == [{"gate": "stage-1", "short_loss": 2.5, "needle_accuracy": 1.0}]
    assert said == ["The stage stage-1 has met its gate."] and measured.needles == [(64, 7)]
    assert found.state == {"short_loss": 2.0, "passed": ["stage-1"]} and len(measured.losses) == 2
    assert walk(found, 2) == ([], []), "a stage is judged once"
    assert walk(found, 3)[1] == ["The stage stage-2 has met its gate."] and measured.needles[-1] == (128, 7)
    assert len(measured.losses) == 3


@pytest.mark.parametrize(
    ("loss", "accuracy", "missed"),
    [
        (2.5, 0.75, None),
        (2.51, 1.0, r"the held-out loss at 32 tokens is 2.5100, before it was 2.0000\. The run is saved"),
        (2.0, 0.74, r"74% of the needles in 64 tokens are found\. The run"),
        (3.0, 0.5, r"before it was 2.0000 and 50% of the needles"),
    ],
)
def test_what_a_stage_must_hold(
    make_config, sources, measured, loss: float, accuracy: float, missed: str | None
) -> None:
    found = gates(make_config, sources, {"sequence_length": 64, "gate": GATE}, {})
    walk(found, 1)
    measured.loss, measured.accuracy = loss, accuracy
    if missed is None:
        assert len(walk(found, 2)[0]) == 1
        return
    records: list[dict] = []
    with pytest.raises(TrainerError, match=f"stage-1 has not met its gate: .*{missed}"):
        found.check(make(8), 2, records.append, lambda sentence: None)
    assert len(records) == 1 and found.state["passed"] == []


def test_without_gates_nothing_is_measured(make_config, sources, measured) -> None:
    found = gates(make_config, sources, {}, {})
    assert walk(found, 0, 1, 2, 3) == ([], []) and measured.losses == []


def test_needles_are_looked_for_only_where_they_are_wanted(make_config, sources, measured) -> None:
    found = gates(make_config, sources, {"gate": {**GATE, "needle_accuracy": 0}}, {})
    records, _ = walk(found, 1, 2)
    assert records == [{"gate": "stage-1", "short_loss": 2.0}] and measured.needles == []


def test_rows_at_once_are_those_that_training_takes(make_config, sources, measured) -> None:
    config = make_config(stages=[{"micro_batch_rows": 2}, {"gate": GATE}])
    walk(Gates(config, sources, ALONE), 1)
    assert measured.losses[0][:2] == (32, 2)


def test_a_gate_is_judged_by_what_a_checkpoint_knows(make_config, sources, measured) -> None:
    found = gates(make_config, sources, {"gate": GATE}, {})
    found.restore({"short_loss": 1.0, "passed": []})
    with pytest.raises(TrainerError, match="before it was 1.0000"):
        walk(found, 2)
    found.restore(None)
    assert found.state == {"short_loss": 1.0, "passed": []}
    found.restore({"short_loss": 1.0, "passed": ["stage-1"]})
    assert walk(found, 2) == ([], [])


def test_without_held_out_documents_a_gate_cannot_be_judged(make_config, three, measured) -> None:
    with pytest.raises(TrainerError, match="The stage stage-1 has a gate, but no document is held out"):
        gates(make_config, open_data(three), {"gate": GATE})
    gates(make_config, open_data(three), {})
