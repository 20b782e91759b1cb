"""What ``train eval`` measures, and what it refuses to."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.evaluation.tiny import make
from tokens.tokenizer import TokenizerInfo
from trainer.checkpoint.convert import Trained
from trainer.data.sources import open_data
from trainer.errors import TrainerError
from trainer.evaluation import report
from trainer.evaluation.held_out import Loss
from trainer.evaluation.multiple_choice import Choices


def arguments(**changes: Any) -> argparse.Namespace:
    given = {
        "source": "run",
        "data": None,
        "choices": None,
        "needles": 0,
        "length": None,
        "tokenizer": None,
        "tokens": 99,
    }
    return argparse.Namespace(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "There is nothing to measure by"),
        ({"choices": "x", "needles": 3}, "Needles are hidden in held-out documents. Name --data"),
    ],
)
def test_there_must_be_something_to_measure_by(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TrainerError, match=sentence):
        report.evaluate_run(arguments(**changes))


class Measured:
    """What evaluations are asked for, and what they answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, info: Any) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.losses = {"a": Loss(3.0, 2), "b": Loss(2000.0, 2)}
        self.trained = Trained(make(64), info, 48, Path("run"))
        for name, answer in (
            ("load_model", lambda source, device: self.note(self.trained, "load", source)),
            ("find_tokenizer", lambda trained, name: self.note("words", "tokenizer", name)),
            (
                "held_out_losses",
                lambda model, sources, length, rows, most, ranks: self.note(self.losses, "losses", length, rows, most),
            ),
            (
                "needle_accuracy",
                lambda model, words, hay, length, needles, ranks: self.note(0.5, "needles", words, length, needles),
            ),
            (
                "score_choices",
                lambda model, words, file, ranks: self.note(Choices(4, 0.5, 0.25), "choices", words, file),
            ),
            ("check_mask", lambda length, device: self.note(None, "mask", length)),
            ("choose_device", lambda run: torch.device("cpu")),
        ):
            monkeypatch.setattr(report, name, answer)

    def note(self, answer: Any, *asked: Any) -> Any:
        self.asked.append(asked)
        return answer


@pytest.fixture
def data(shards: str) -> list[str]:
    return [f"a={shards}"]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, data: list[str]) -> Measured:
    return Measured(monkeypatch, open_data(data)[0].shards.tokenizer)


def test_perplexities_by_directory_and_one_loss(measured: Measured, data: list[str]) -> None:
    found = report.evaluate_run(arguments(data=data))
    assert found == {"held_out_loss": 2003 / 4, "perplexity": {"a": math.exp(1.5), "b": math.inf}}
    assert measured.asked == [("load", "run"), ("mask", 48), ("losses", 48, 1, 99)]


def test_needles_and_choices_are_measured_where_they_are_asked_for(measured: Measured, data: list[str]) -> None:
    found = report.evaluate_run(arguments(data=data, needles=7, choices="file", length=32, tokenizer="mine"))
    assert found["needles_found"] == 0.5
    assert found["multiple_choice"] == {"questions": 4, "accuracy": 0.5, "accuracy_by_byte": 0.25}
    assert measured.asked[1:] == [
        ("mask", 32), ("tokenizer", "mine"), ("losses", 32, 1, 99), ("needles", "words", 32, 7), ("choices", "words", "file"),
    ]  # fmt: skip
    assert set(report.evaluate_run(arguments(choices="file"))) == {"multiple_choice"}
    assert measured.asked[-2:] == [("tokenizer", None), ("choices", "words", "file")]


def test_data_of_another_tokenizer_and_without_held_out_documents_are_refused(
    measured: Measured, data: list[str]
) -> None:
    own = measured.trained.tokenizer
    assert own is not None
    measured.trained = measured.trained._replace(tokenizer=TokenizerInfo("other", "cd" * 32, 64, 62, 63))
    with pytest.raises(TrainerError, match="The model was trained on tokens of other, the data is tiny's"):
        report.evaluate_run(arguments(data=data))
    measured.trained = measured.trained._replace(tokenizer=None)
    assert "perplexity" in report.evaluate_run(arguments(data=data))
    measured.losses = {}
    with pytest.raises(TrainerError, match="No document is held out in a="):
        report.evaluate_run(arguments(data=data))
