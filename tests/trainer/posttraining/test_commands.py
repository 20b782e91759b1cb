from __future__ import annotations

import json
from pathlib import Path

import pytest

from gristmill.cli import main
from tests.trainer.posttraining.conftest import write_rows
from trainer.metrics.run_log import read_metrics


def run(*arguments: object) -> int:
    return main(["train", *map(str, arguments)])


def test_check_counts_refuses_and_draws(tmp_path: Path, capsys) -> None:
    ask = {"role": "user", "content": "2+2?"}
    good = {"messages": [ask, {"role": "assistant", "content": "4"}]}
    file = write_rows(tmp_path / "a.jsonl", [good, good, {"messages": [ask, {"role": "assistant", "content": ""}]}])
    assert run("chat", "check", file, "--show", 1) == 0
    out = capsys.readouterr().out
    assert "2 dialogs, 1 of them repeated." in out
    assert f"Refused 1 (empty): the first is {file}:3" in out
    assert "<|start_header_id|>assistant<|end_header_id|>" in out and "4<|eot_id|>" in out

    bad = write_rows(tmp_path / "b.jsonl", [good, {"messages": [ask, ask]}, {"messages": [ask]}])
    assert run("chat", "check", bad) == 1
    captured = capsys.readouterr()
    assert f"{bad}:2: message 2 is the user's" in captured.err and "Refused 1 (no assistant turn)" in captured.out


def test_check_knows_preferences_and_prompts(tmp_path: Path, capsys) -> None:
    pair = {"prompt": "2+2?", "chosen": "4", "rejected": "5", "strength": "better"}
    assert run("chat", "check", write_rows(tmp_path / "a.jsonl", [pair])) == 0
    assert "Strengths: better 1." in capsys.readouterr().out
    rows = [pair, pair | {"strength": "slightly_better"}, pair | {"chosen": "4" * 80, "rejected": "4" * 79 + "5"}]
    write_rows(tmp_path / "c.jsonl", [*rows, pair | {"prompt": "x" * 200}])
    assert run("chat", "check", tmp_path / "c.jsonl", "--length", 200) == 0
    out = capsys.readouterr().out
    assert all(f"Refused 1 ({reason})" in out for reason in ("near-identical", "too long", "strength not used"))
    assert run("chat", "check", write_rows(tmp_path / "b.jsonl", [{"prompt": "2+2?", "answer": "4"}])) == 0
    assert "1 prompts" in capsys.readouterr().out


def test_from_a_base_to_scores(tmp_path: Path, capsys, make_base, dialogs, preferences) -> None:
    base, tiny = make_base(), ["--set", "sequence_length=96", "--set", "batch_rows=2", "--set", "steps=2"]
    assert run("sft", "--base", base, "--data", f"words={dialogs}", "--output", tmp_path / "sft", *tiny) == 0
    assert run("reward", "--base", base, "--data", preferences, "--output", tmp_path / "rm", *tiny) == 0
    assert run("dpo", "--base", tmp_path / "sft", "--data", preferences, "--output", tmp_path / "dpo", *tiny) == 0
    assert run("average", tmp_path / "sft", tmp_path / "dpo", "--output", tmp_path / "mean") == 0
    out = capsys.readouterr().out
    assert "preferences are few" in out and "passes" in out
    assert read_metrics(tmp_path / "dpo")[-1]["step"] == 2

    message = {"role": "assistant", "content": "ax"}
    responses = [{"message": message, "finish_reason": reason} for reason in ("stop", "length", "stop")]
    row = {"prompt_id": "p", "messages": [{"role": "user", "content": "?"}], "responses": responses}
    (tmp_path / "sampled").mkdir()
    write_rows(tmp_path / "sampled" / "responses.jsonl", [row, row])
    assert run("score", tmp_path / "rm", "--rows", tmp_path / "sampled", "--output", tmp_path / "scores.jsonl") == 0
    lines = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    assert lines[0] == lines[1] and lines[0]["prompt_id"] == "p"
    first, cut, last = lines[0]["scores"]
    assert cut is None and first == last != 0
    assert "4 responses to 2 prompts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("task", "row", "sentence"), [
        ("sft", {"messages": [{"role": "bot", "content": "x"}]}, "the role 'bot'"),
        ("sft", {"messages": [{"role": "user", "content": "x"}]}, "no turn of the assistant"),
        ("sft", {"text": "x"}, "the keys text"),
        ("sft", {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y" * 99}]}, "No dialog is left"),
        ("reward", {"prompt": "x", "chosen": "y", "rejected": "y"}, "No preference is left to train on. Refused 1 (equal)"),
        ("dpo", {"prompt": [{"role": "assistant", "content": "x"}], "chosen": "y", "rejected": "z"}, "message 1"),
    ]
)  # fmt: skip
def test_bad_rows_get_a_sentence_before_anything_is_written(tmp_path, capsys, make_base, task, row, sentence) -> None:
    file = write_rows(tmp_path / "a.jsonl", [row])
    code = run(
        task, "--base", make_base(), "--data", file, "--output", tmp_path / "run", "--set", "sequence_length=96"
    )
    error = capsys.readouterr().err
    assert code == 1 and sentence in error and f"{file}:1" in error
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"), [
        (["--set", "epochs=3"], "must be 2 at most"), (["--set", "beta=0"], "beta"), (["--tokenizer", "none"], "no tokenizer"),
        (["--tokenizer", "gristmill-8k"], "is another one"), (["--set", "nlll=1"], "did you mean nll?"),
    ]
)  # fmt: skip
def test_bad_settings_get_a_sentence(tmp_path, capsys, make_base, preferences, arguments, sentence) -> None:
    assert run("dpo", "--base", make_base(), "--data", preferences, "--output", tmp_path / "run", *arguments) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_prompts_that_are_trained_on_are_not_held_out(tmp_path, capsys, make_base, preferences) -> None:
    some = write_rows(tmp_path / "some.jsonl", [json.loads(Path(preferences).read_text().splitlines()[3])])
    arguments = ["--base", make_base(), "--data", preferences, "--held-out", some, "--output", tmp_path / "run"]
    assert run("reward", *arguments, "--set", "held_out=0") == 1
    assert f"{some}:1 is held out, and {preferences}:4 trains on the same prompt" in capsys.readouterr().err
