"""The figures of a run's answers, worked out by hand."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.evaluating import evaluate_run
from trainer.posttraining.generators import Completed, GenerationRequest, Response
from trainer.posttraining.records import Prompt

# Of each prompt two answers; a prompt's right answer is "7".
ANSWERS = {"one": [["7", "7"], ["8", "7..."], ["7", "8"]], "two": [["8", "8"], ["8", "8"], ["7", "8"]]}


class Says:
    def __init__(self, name: str) -> None:
        self.name = name
        self.description = {"model": name}

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        for index, request in enumerate(requests):
            texts = ANSWERS[self.name][int(request.messages[0].content)][: request.samples]
            ends = ["length" if text.endswith("...") else "stop" for text in texts]
            yield Completed(index, [Response(Message("assistant", t), e) for t, e in zip(texts, ends, strict=True)])  # type: ignore[arg-type]


def prompts(count: int) -> list[Prompt]:
    return [Prompt((Message("user", str(n)),), "7", "exact", f"f:{n}") for n in range(count)]


def test_rates_intervals_and_differences(tmp_path: Path) -> None:
    found: dict[str, Any] = evaluate_run(Says, "one", "two", prompts(3), 2, tmp_path / "kept")  # type: ignore[arg-type]
    rates = [1.0, 0.0, 0.5]
    assert (found["prompts"], found["samples"], found["right"]) == (3, 2, 0.5)
    assert found["half_width"] == pytest.approx(1.96 * statistics.stdev(rates) / math.sqrt(3), rel=1e-3)
    assert found["cut_off"] == pytest.approx(1 / 6)
    assert found["mean_characters"] == pytest.approx((5 + 4) / 6)
    assert found["against"]["right"] == pytest.approx(0.5 / 3)
    assert found["against"]["difference"] == pytest.approx(1 / 3)
    assert found["against"]["better_beyond_chance"] is False
    assert (tmp_path / "kept" / "run" / "responses.jsonl").is_file()


def test_one_prompt_has_no_interval_and_no_samples_no_rate() -> None:
    found = evaluate_run(Says, "one", None, prompts(1), 1, None)  # type: ignore[arg-type]
    assert (found["right"], found["half_width"], found["cut_off"]) == (1.0, None, 0.0) and "against" not in found
    with pytest.raises(TrainerError, match="--samples is 0; a rate needs at least 1"):
        evaluate_run(Says, "one", None, prompts(1), 0, None)  # type: ignore[arg-type]
