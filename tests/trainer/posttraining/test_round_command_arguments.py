"""What the commands of rounds may be told, and what they hand on: with everything else in place of the work."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.trainer.arguments import namespace, refusal, values
from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.round_commands import add_round_commands, open_generator

ADD = add_round_commands
SAMPLING = {
    "temperature": 1.0, "top_p": 1.0, "tokens": 1024, "seed": 0, "rows": 64, "tokens_in_flight": None, "tokenizer": None,
}  # fmt: skip
SET = "--temperature 0.5 --top-p 0.7 --tokens 9 --seed 3 --rows 5 --tokens-in-flight 77 --tokenizer t"
WAS_SET = {
    "temperature": 0.5, "top_p": 0.7, "tokens": 9, "seed": 3, "rows": 5, "tokens_in_flight": 77, "tokenizer": "t",
}  # fmt: skip
SAMPLE = SAMPLING | {
    "source": None, "endpoint": None, "model": None, "prompts": ["p"], "per_prompt": 10, "output": "o",
    "include_reference": False, "run": "run_sample",
}  # fmt: skip
SELECT = {
    "source": "d", "scores": None, "output": "o", "pairs": None, "by": "verifier_first", "minimum": None,
    "run": "run_select",
}  # fmt: skip
EVALUATE = SAMPLING | {
    "source": "r", "prompts": None, "task": None, "samples": 8, "against": None, "output": None, "run": "run_evaluate",
}  # fmt: skip
ROUNDS = {"config": "c", "output": "o", "base": None, "prompts": None, "overrides": [], "run": "run_rounds_command"}
DEMO = {"output": "o", "task": "sort-digits", "rounds": 3, "run": "run_demo"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sample --prompts p --output o", SAMPLE),
        (
            f"sample r --prompts p q --output o --per-prompt 4 --include-reference {SET}",
            SAMPLE | WAS_SET | {"source": "r", "prompts": ["p", "q"], "per_prompt": 4, "include_reference": True},
        ),
        ("sample --endpoint u --model m --prompts p --output o", SAMPLE | {"endpoint": "u", "model": "m"}),
        ("select d --output o", SELECT),
        (
            "select d --output o --scores s --pairs p --by reward --minimum 0.5",
            SELECT | {"scores": "s", "pairs": "p", "by": "reward", "minimum": 0.5},
        ),
        ("evaluate r --task t", EVALUATE | {"task": "t"}),
        (
            f"evaluate r --prompts p q --samples 3 --against a --output o {SET}",
            EVALUATE | WAS_SET | {"prompts": ["p", "q"], "samples": 3, "against": "a", "output": "o"},
        ),
        ("rounds --config c --output o", ROUNDS),
        (
            "rounds --config c --output o --base b --prompts p q --set x=1 --set y=2",
            ROUNDS | {"base": "b", "prompts": ["p", "q"], "overrides": ["x=1", "y=2"]},
        ),
        ("demo-rounds --output o", DEMO),
        ("demo-rounds --output o --task two-digit-sums --rounds 1", DEMO | {"task": "two-digit-sums", "rounds": 1}),
    ],
)  # fmt: skip
def test_what_the_commands_are_told(line: str, expected: dict[str, Any]) -> None:
    assert values(ADD, line) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sample --output o", "required: --prompts"),
        ("sample --prompts p", "required: --output"),
        ("select d", "required: --output"),
        ("select d --output o --by chance", "invalid choice: 'chance'"),
        ("evaluate r", "one of the arguments --prompts --task is required"),
        ("evaluate r --task t --prompts p", "not allowed with argument"),
        ("rounds --output o", "required: --config"),
        ("rounds --config c", "required: --output"),
        ("demo-rounds", "required: --output"),
    ],
)
def test_what_cannot_be_is_refused(line: str, words: str, capsys) -> None:
    assert words in refusal(ADD, line, capsys)


def run(line: str) -> int:
    args = namespace(ADD, line)
    return args.run(args)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("sample --prompts p --output o", None),
        ("sample r --prompts p --output o --model m", None),
        ("sample --prompts p --output o --model m", None),
        ("sample --prompts p --output o --endpoint u", None),
        ("sample r --prompts p --output o --endpoint u --model m", None),
        ("sample r --prompts p --output o", "own"),
        ("sample --prompts p --output o --endpoint http://u/v1 --model m", "server"),
    ],
)
def test_a_generator_is_a_run_or_a_server(monkeypatch, line: str, named: str | None) -> None:
    asked: dict[str, Any] = {}

    def server(*rest: Any, **more: Any) -> str:
        asked["server"] = (*rest, more)
        return "server"

    def load(*rest: Any) -> str:
        asked["own"] = rest
        return "own"

    monkeypatch.setenv("GRISTMILL_API_KEY", "secret")
    monkeypatch.setattr("trainer.posttraining.http_generator.HTTPGenerator", server)
    monkeypatch.setattr("trainer.posttraining.generators.OwnModel.load", load)
    monkeypatch.setattr("trainer.distributed.ranks.choose_device", lambda run: "device")
    args = namespace(ADD, f"{line} {SET}")
    if named is None:
        with pytest.raises(TrainerError, match="Name a RUN of ours, or a server"):
            open_generator(args)
        return
    assert open_generator(args) == named and set(asked) == {named}
    where, (sampling,) = asked[named], [part for part in asked[named] if hasattr(part, "top_p")]
    found = (sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.seed, sampling.purpose)
    assert found == (9, 0.5, 0.7, 3, "")
    if named == "server":
        assert (*where[:2], where[-1]) == ("http://u/v1", "m", {"api_key": "secret"})
    else:
        assert (where[0], where[3], where[4]) == ("r", "t", "device") and tuple(where[2])[:2] == (5, 77)


def response(text: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}


@pytest.fixture
def sampled(tmp_path: Path) -> Path:
    """Two prompts: to the first are two responses, to the second one."""
    rows = [
        {"prompt_id": name, "messages": [], "responses": [response(text) for text in texts]}
        for name, texts in (("p", "ab"), ("q", "a"))
    ]
    write_rows(tmp_path / "responses.jsonl", rows)
    return tmp_path


@pytest.mark.parametrize("pairs", [True, False])
def test_a_selection_is_written_where_it_was_told(monkeypatch, capsys, sampled: Path, pairs: bool) -> None:
    asked: list[Any] = []
    selection = SimpleNamespace(dialogs=[{"d": 1}], pairs=[{"p": 1}], counts={"selected": 1})
    monkeypatch.setattr("trainer.posttraining.selecting.select", lambda *rest: asked.append(rest[1:]) or selection)
    more = f"--pairs {sampled}/pairs" if pairs else ""
    assert run(f"select {sampled} --output {sampled}/o --scores s --by reward --minimum 0.5 {more}") == 0
    assert asked == [(Path("s"), "reward", 0.5)]
    assert json.loads((sampled / "o").read_text()) == {"d": 1}
    assert (sampled / "pairs").exists() == pairs
    assert capsys.readouterr().out == '{\n  "selected": 1\n}\n'


def test_a_selection_without_scores_needs_a_verifier_in_some_row(monkeypatch, sampled: Path) -> None:
    asked: list[Any] = []
    selection = SimpleNamespace(dialogs=[], pairs=[], counts={})
    monkeypatch.setattr("trainer.posttraining.selecting.select", lambda *rest: asked.append(rest[1:]) or selection)
    rows = [json.loads(line) for line in (sampled / "responses.jsonl").read_text().splitlines()]
    write_rows(sampled / "responses.jsonl", [rows[0], rows[1] | {"verifier": "exact"}])
    assert run(f"select {sampled} --output {sampled}/o") == 0 and asked == [(None, "verifier_first", None)]
    with pytest.raises(TrainerError, match="responses.jsonl is read, and writing would replace it"):
        run(f"select {sampled} --output {sampled}/responses.jsonl")


def test_an_evaluation_hands_on_what_it_was_told(monkeypatch, capsys, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.posttraining.evaluating.task_prompts", lambda name: f"prompts of {name}")
    monkeypatch.setattr("trainer.checkpoint.convert.checkpoint_of", asked.append)
    monkeypatch.setattr(
        "trainer.posttraining.evaluating.evaluate_run", lambda *rest: asked.append(rest[1:]) or {"right": 0.5}
    )
    assert run(f"evaluate r --task t --samples 3 --against a --output {tmp_path}/o") == 0
    assert asked == ["a", ("r", "a", "prompts of t", 3, tmp_path / "o")]
    assert capsys.readouterr().out == '{\n  "right": 0.5\n}\n'
    asked.clear()
    assert run("evaluate r --task t") == 0
    assert asked == [("r", None, "prompts of t", 8, None)]


def test_refused_prompts_are_told_and_none_left_is_an_error(monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setattr("trainer.posttraining.evaluating.evaluate_run", lambda *rest: {"prompts": len(rest[3])})
    some = write_rows(tmp_path / "p.jsonl", [{"prompt": "a", "answer": "b", "verifier": "exact"}, {"prompt": ""}])
    assert run(f"evaluate r --prompts {some}") == 0
    out = capsys.readouterr().out
    assert "Refused 1" in out and '"prompts": 1' in out
    none = write_rows(tmp_path / "q.jsonl", [{"prompt": ""}])
    with pytest.raises(TrainerError, match="q.jsonl: no prompt is left"):
        run(f"evaluate r --prompts {none}")


@pytest.fixture
def rounds(monkeypatch) -> dict[str, Any]:
    """What rounds were asked, in place of doing them."""
    asked: dict[str, Any] = {}

    def load_settings(kind: type, config: str, overrides: list[str]) -> Any:
        asked.update(kind=kind.__name__, config=config, overrides=overrides)
        return SimpleNamespace(data=SimpleNamespace(task=asked.get("task")))

    def run_rounds(setting: Any, output: Path, console: Any) -> list[dict[str, Any]]:
        asked["output"] = output
        if "stopped" in asked:
            raise asked["stopped"]
        return [{"model": "one"}, {"model": "two"}, {"model": "three"}]

    monkeypatch.setattr("trainer.config.loader.load_settings", load_settings)
    monkeypatch.setattr("trainer.posttraining.round_start.open_setting", lambda *rest: "setting")
    monkeypatch.setattr("trainer.posttraining.rounds.run_rounds", run_rounds)
    monkeypatch.setattr("trainer.posttraining.rounds_table.table_of_rounds", lambda lines: f"{len(lines)} lines")
    monkeypatch.setattr(torch, "set_num_threads", lambda number: asked.update(threads=number))
    return asked


@pytest.mark.parametrize(
    ("line", "config", "overrides"),
    [
        ("rounds --config c --output o", "c", []),
        ("rounds --config c --output o --set x=1", "c", ["x=1"]),
        (
            "rounds --config c --output o --base b --prompts p q --set x=1", "c",
            ['data.base="b"', 'data.prompts=["p", "q"]', "x=1"],
        ),
        ("demo-rounds --output o --rounds 2", "rounds-toy", ["rounds=2", 'data.task="sort-digits"']),
    ],
)  # fmt: skip
def test_rounds_are_told_their_settings(rounds, capsys, line: str, config: str, overrides: list[str]) -> None:
    assert run(line) == 0
    assert (rounds["kind"], rounds["config"], rounds["overrides"]) == ("RoundsConfig", config, overrides)
    out = capsys.readouterr().out
    assert rounds["output"] == Path("o") and "threads" not in rounds
    assert "3 lines" in out and "The chosen model is three. All of it is in o." in out


def test_small_matrices_get_one_thread(rounds) -> None:
    rounds["task"] = "sort-digits"
    assert run("demo-rounds --output o") == 0 and rounds["threads"] == 1


def test_rounds_that_were_stopped_say_so_and_end_well(rounds, capsys) -> None:
    from trainer.posttraining.rounds import StoppedError

    words = f"Stopped in {'a long name ' * 20}."
    rounds["stopped"] = StoppedError(words)
    assert run("rounds --config c --output o") == 0
    assert capsys.readouterr().out == f"{words}\n"
