"""How often models are right: rates of responses, and of candidates on one set of prompts."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.measuring import check_verifiers, evaluate, rates_of, read_rates


def row(name: str, answer: str, *responses: tuple[str, str]) -> dict[str, Any]:
    found = [{"message": {"role": "assistant", "content": text}, "finish_reason": why} for text, why in responses]
    return {"prompt_id": name, "answer": answer, "verifier": "exact", "messages": [], "responses": found}


ROWS = [
    row("p", "7", ("7", "stop"), ("8", "stop"), ("7", "length"), ("7", "stop")),
    row("q", "7", ("8", "stop")),
    row("r", "7", ("7", "stop")),
]


def test_a_rate_is_the_share_of_right_answers_that_came_to_an_end(tmp_path: Path) -> None:
    assert rates_of(Path(write_rows(tmp_path / "r.jsonl", ROWS))) == [0.5, 0.0, 1.0]
    bare = {key: value for key, value in ROWS[0].items() if key != "verifier"}
    with pytest.raises(TrainerError, match="prompt p"):
        rates_of(Path(write_rows(tmp_path / "bare.jsonl", [bare])))


def test_candidates_answer_the_same_prompts_and_known_ones_are_not_asked(tmp_path: Path) -> None:
    asked: list[Any] = []

    def sample(model: Any, prompts: Any, samples: int, purpose: str, directory: Path) -> None:
        asked.append((model, prompts, samples, purpose))
        directory.mkdir()
        write_rows(directory / "responses.jsonl", ROWS)

    dev = [object()] * 3
    setting: Any = SimpleNamespace(
        pools=SimpleNamespace(dev=dev), config=SimpleNamespace(dev_samples=4), sample=sample
    )
    models: Any = {"incumbent": "one", "sft": "two"}
    found = evaluate(setting, models, {"incumbent": (1.0, 1.0, 0.25)}, tmp_path)
    assert asked == [("two", dev, 4, "dev")]
    assert read_rates(tmp_path) == {"incumbent": [1.0, 1.0, 0.25], "sft": [0.5, 0.0, 1.0]}
    assert list(found.files) == ["rates.json", "sft/responses.jsonl"]
    assert found.counts == {"prompts": 3, "samples": 4, "pass": {"incumbent": 0.75, "sft": 0.5}}
    assert json.loads((tmp_path / "rates.json").read_text())["rates"].keys() == {"incumbent", "sft"}


def test_a_prompt_without_a_verifier_is_told_by_its_place() -> None:
    good: Any = SimpleNamespace(verifier="exact", answer="7", place="f:1")
    check_verifiers([good])
    bad: Any = SimpleNamespace(verifier=None, answer="7", place="f:2")
    with pytest.raises(TrainerError, match="f:2"):
        check_verifiers([good, bad])
