"""What the commands of post-training may be told, and what they hand on: with everything else in place of the work."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.arguments import namespace, refusal, values
from trainer.errors import TrainerError
from trainer.posttraining.commands import add_commands

CHECK = {
    "files": ["f"], "show": 1, "train": "last", "length": 8192, "tokenizer": None, "from_value": False,
    "run": "run_chat_check",
}  # fmt: skip
TASK = {
    "base": "b", "data": ["d"], "held_out": [], "output": "o", "overrides": [], "tokenizer": None, "from_value": False,
    "run": "run_task",
}  # fmt: skip
AVERAGE = {"sources": ["a", "b"], "output": "o", "tokenizer": None, "run": "run_average"}
SCORE = {"source": "rm", "rows": "r", "output": "o", "batch_rows": 8, "tokenizer": None, "run": "run_score"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chat check f", CHECK),
        (
            "chat check f g --show 0 --train all --length 0 --tokenizer t --from-value",
            CHECK | {"files": ["f", "g"], "show": 0, "train": "all", "length": 0, "tokenizer": "t", "from_value": True},
        ),
        ("sft --base b --data d --output o", TASK | {"task": "sft", "config": "sft-toy"}),
        ("sft --base b --data d --output o --from-value", TASK | {"task": "sft", "config": "sft-toy", "from_value": True}),
        ("reward --base b --data d --output o", TASK | {"task": "reward", "config": "reward-toy"}),
        (
            "dpo --base b --data d e --output o --config dpo --held-out h i --set a=1 --set b=2 --tokenizer t",
            TASK
            | {"task": "dpo", "config": "dpo", "data": ["d", "e"], "held_out": ["h", "i"], "overrides": ["a=1", "b=2"]}
            | {"tokenizer": "t"},
        ),
        ("average a b --output o", AVERAGE),
        ("average a b --output o --tokenizer t", AVERAGE | {"tokenizer": "t"}),
        ("score rm --rows r --output o", SCORE),
        ("score rm --rows r --output o --batch-rows 0 --tokenizer t", SCORE | {"batch_rows": 0, "tokenizer": "t"}),
    ],
)  # fmt: skip
def test_what_the_commands_are_told(line: str, expected: dict[str, Any]) -> None:
    assert values(add_commands, line) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("chat", "the following arguments are required: COMMAND"),
        ("chat check", "the following arguments are required: FILE"),
        ("chat check f --show -1", "-1 must be at least 0"),
        ("chat check f --show many", "invalid number value: 'many'"),
        ("chat check f --train some", "invalid choice: 'some'"),
        ("sft --data d --output o", "required: --base"),
        ("sft --base b --output o", "required: --data"),
        ("sft --base b --data d", "required: --output"),
        ("dpo --base b --data d --output o --from-value", "unrecognized arguments: --from-value"),
        ("average a", "required: --output"),
        ("score rm --output o", "required: --rows"),
        ("score rm --rows r", "required: --output"),
    ],
)
def test_what_cannot_be_is_refused(line: str, words: str, capsys) -> None:
    assert words in refusal(add_commands, line, capsys)


def run(line: str) -> int:
    args = namespace(add_commands, line)
    return args.run(args)


@pytest.mark.parametrize(("lengths", "code"), [([3], 0), ([], 1)])
def test_a_check_hands_on_what_it_was_told(monkeypatch, capsys, lengths: list[int], code: int) -> None:
    asked: list[Any] = []
    found = SimpleNamespace(sentences=lambda: ["[2 dialogs]"], shown=["one", "two"], fatal=[], lengths=lengths)
    monkeypatch.setattr("tokens.tokenizer.load", lambda name: name)
    monkeypatch.setattr("trainer.posttraining.chat.ChatFormat", lambda tokenizer: f"chat of {tokenizer}")
    monkeypatch.setattr("trainer.posttraining.chat_check.check", lambda *rest: asked.append(rest) or found)
    assert run("chat check f --show 3 --length 50 --from-value") == code
    assert asked == [(["f"], "chat of gristmill-8k", 3, "last", True, 50)]
    out = capsys.readouterr().out
    assert "[2 dialogs]" in out and "row 1: " in out and "row 2: " in out and "row 0" not in out
    run("chat check f --tokenizer t")
    assert asked[1][1] == "chat of t"
    found.fatal = ["No row is whole."]
    with pytest.raises(TrainerError, match="No row is whole"):
        run("chat check f")


@pytest.mark.parametrize("task", ["sft", "reward", "dpo"])
@pytest.mark.parametrize("rank", [None, "0", "1"])
def test_a_task_hands_on_what_it_was_told_and_one_rank_speaks(
    monkeypatch, capsys, task: str, rank: str | None
) -> None:
    asked: list[Any] = []
    output = f"a folder with a long name {'x' * 200}"
    summary = SimpleNamespace(finished=True, loss_start=2.0, loss_end=1.0, steps=1234, seconds=5.0)

    def train(*rest: Any, **where: Any) -> Any:
        asked.append((rest, where))
        return summary

    monkeypatch.delenv("RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("RANK", rank)
    for other in ("sft", "reward", "dpo"):
        monkeypatch.setattr(
            f"trainer.posttraining.{other}.train", train if other == task else lambda *a, **b: pytest.fail("another")
        )
    monkeypatch.setattr("trainer.config.loader.load_settings", lambda kind, *rest: (kind.__name__, *rest))
    line = f"{task} --base b --data d --output '{output}' --held-out h --set a=1 --tokenizer t"
    assert run(line) == 0
    ((settings, *rest), where) = asked[0]
    assert settings == (f"{task.capitalize()}Config", f"{task}-toy", ["a=1"]) and rest == ["b", ["d"], output]
    expected = {"held_out": ["h"], "tokenizer": "t"} | ({"from_value": False} if task == "sft" else {})
    assert {key: value for key, value in where.items() if key != "console"} == expected
    assert where["console"].quiet == (rank == "1")
    told = f"Loss 2.000 -> 1.000 in 1,234 steps and 5 s. All of it is in {output}.\n"
    assert capsys.readouterr().out == ("" if rank == "1" else told)


@pytest.mark.parametrize(
    ("finished", "start", "end"), [(False, 2.0, 1.0), (True, None, 1.0), (True, 2.0, None)]
)  # fmt: skip
def test_a_run_without_losses_or_an_end_tells_none(monkeypatch, capsys, finished: bool, start: Any, end: Any) -> None:
    summary = SimpleNamespace(finished=finished, loss_start=start, loss_end=end, steps=1, seconds=5.0)
    monkeypatch.setattr("trainer.posttraining.dpo.train", lambda *rest, **where: summary)
    monkeypatch.setattr("trainer.config.loader.load_settings", lambda *rest: None)
    monkeypatch.delenv("RANK", raising=False)
    assert run("dpo --base b --data d --output o") == 0 and capsys.readouterr().out == ""


def test_a_mean_is_of_the_runs_that_were_named(monkeypatch, capsys, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.posttraining.averaging.average", lambda *rest: asked.append(rest))
    assert run(f"average a b --output {tmp_path}/o --tokenizer t") == 0
    assert asked == [(["a", "b"], tmp_path / "o", "t")] and "the mean of 2 runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "rows"), [("", 8), ("--batch-rows 1", 1), ("--batch-rows 0", 1), ("--batch-rows 3", 3)]
)
def test_scores_are_of_the_rows_that_were_named(monkeypatch, capsys, tmp_path: Path, given: str, rows: int) -> None:
    asked: list[Any] = []

    def scorer(source: str, device: Any, tokenizer: str | None, rows: int) -> str:
        asked.append((source, str(device), tokenizer, rows))
        return "scorer"

    monkeypatch.setattr("trainer.posttraining.scoring.Scorer", scorer)
    monkeypatch.setattr("trainer.distributed.ranks.choose_device", lambda run: "device")
    monkeypatch.setattr("trainer.posttraining.scoring.score_file", lambda *rest: asked.append(rest) or (1200, 4800))
    assert run(f"score rm --rows {tmp_path} --output {tmp_path}/o --tokenizer t {given}") == 0
    assert asked == [("rm", "device", "t", rows), ("scorer", tmp_path, tmp_path / "o")]
    assert "the scores of 4,800 responses to 1,200 prompts" in capsys.readouterr().out
    (tmp_path / "responses.jsonl").write_text(json.dumps({}))
    with pytest.raises(TrainerError, match="responses.jsonl is read, and writing would replace it"):
        run(f"score rm --rows {tmp_path} --output {tmp_path}/responses.jsonl")
