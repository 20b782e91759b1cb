"""Preferences of a round: who writes the responses, who compares them, and what is held out."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.collecting import collect

NAMES = [f"say {n}" for n in range(40)]


def message(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def setting(asked: list[Any], annotator: Any, held_out: float = 0.25, people: str | None = None) -> Any:
    """Writers that say who they are, as often as they are asked."""

    def sample(model: str, prompts: Any, samples: int, purpose: str, directory: Path) -> None:
        asked.append((model, len(prompts), samples, purpose, directory.name))
        directory.mkdir(parents=True)
        rows = [
            {
                "prompt_id": name, "messages": [message("user", name)],
                "responses": [
                    {"message": message("assistant", f"{model} {n}"), "finish_reason": "stop"} for n in range(samples)
                ],
            }
            for name in prompts
        ]  # fmt: skip
        write_rows(directory / "responses.jsonl", rows)

    shares = {"preference": 0.5, "policy": 0.3, "dev": 0.1, "test": 0.1}
    config = SimpleNamespace(collect=SimpleNamespace(held_out=held_out), splits=SimpleNamespace(shares=shares))
    return SimpleNamespace(sample=sample, annotator=annotator, people=people, config=config)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("writers", "calls", "responses"),
    [
        (["one"], [("one", 40, 2, "round 3 responses-1", "responses-1")], ["one 0", "one 1"]),
        (
            ["one", "two"],
            [
                ("one", 40, 1, "round 3 responses-1", "responses-1"),
                ("two", 40, 1, "round 3 responses-2", "responses-2"),
            ],
            ["one 0", "two 0"],
        ),
    ],
)
def test_two_responses_to_each_prompt_are_compared(
    tmp_path: Path, monkeypatch, writers: Any, calls: list[Any], responses: list[str]
) -> None:
    compared: list[list[str]] = []

    def preference_row(row: dict[str, Any], annotator: str) -> dict[str, Any] | str:
        assert annotator == "annotator"
        compared.append([response["message"]["content"] for response in row["responses"]])
        number = len(compared)
        if number % 10 == 0:
            return "equal" if number % 20 else "cut off"
        return {"messages": row["messages"]} | ({"edited": 1} if number % 2 else {})

    monkeypatch.setattr("trainer.posttraining.collecting.preference_row", preference_row)
    asked: list[Any] = []
    found = collect(setting(asked, "annotator"), 3, NAMES, writers, tmp_path)  # type: ignore[arg-type]
    assert asked == calls and compared == [responses] * 40
    train, apart = read(tmp_path / "preferences.jsonl"), read(tmp_path / "held-out.jsonl")
    counts = found.counts
    assert counts["refused"] == {"cut off": 2, "equal": 2} and counts["prompts"] == 40
    assert (counts["pairs"], counts["held_out"]) == (len(train), len(apart)) and len(train) + len(apart) == 36
    assert 2 <= len(apart) <= 18  # about a quarter of 36
    assert counts["edited"] == sum("edited" in row for row in train) > 0
    files = [f"responses-{number}/responses.jsonl" for number in range(1, len(writers) + 1)]
    assert list(found.files) == ["preferences.jsonl", "held-out.jsonl", *files]
    # By the prompt alone: held out in one round is held out in all.
    monkeypatch.setattr(
        "trainer.posttraining.collecting.preference_row", lambda row, annotator: {"messages": row["messages"]}
    )
    collect(setting([], "annotator"), 4, NAMES, writers, tmp_path / "again")  # type: ignore[arg-type]
    again = {row["messages"][0]["content"] for row in read(tmp_path / "again" / "held-out.jsonl")}
    assert {row["messages"][0]["content"] for row in apart} <= again
    assert not again & {row["messages"][0]["content"] for row in train}


def test_where_nothing_can_be_told_apart_the_round_ends(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("trainer.posttraining.collecting.preference_row", lambda row, annotator: "equal")
    with pytest.raises(TrainerError, match="of 40 comparisons no preference came"):
        collect(setting([], "annotator"), 3, NAMES, ["one"], tmp_path)  # type: ignore[arg-type, list-item]


def test_people_are_waited_for_and_their_rows_are_taken(tmp_path: Path, monkeypatch) -> None:
    people = str(tmp_path / "people-{round}.jsonl")
    with pytest.raises(TrainerError, match=r"Round 3 waits for people: .*comparisons.jsonl .* to .*people-03.jsonl"):
        collect(setting([], None, people=people), 3, NAMES, ["one"], tmp_path / "a")  # type: ignore[arg-type, list-item]
    assert len(read(tmp_path / "a" / "comparisons.jsonl")) == 40
    rows = [{"messages": [message("user", name)], "chosen": "a", "rejected": "b"} for name in NAMES]
    write_rows(tmp_path / "people-03.jsonl", rows)
    pools = iter(["preference", "policy"] * 20)
    monkeypatch.setattr("trainer.posttraining.collecting.pool_of", lambda prompt, shares: next(pools))
    found = collect(setting([], None, people=people, held_out=0.0), 3, NAMES, ["one"], tmp_path / "b")  # type: ignore[arg-type, list-item]
    assert read(tmp_path / "b" / "preferences.jsonl") == rows and "comparisons.jsonl" in found.files
    monkeypatch.setattr("trainer.posttraining.collecting.pool_of", lambda prompt, shares: "dev")
    with pytest.raises(TrainerError, match=r"people-03.jsonl:1 has a prompt that models are measured on \(dev\)"):
        collect(setting([], None, people=people), 3, NAMES, ["one"], tmp_path / "c")  # type: ignore[arg-type, list-item]
