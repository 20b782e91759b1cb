from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from gristmill.cli import main
from tests.trainer.posttraining.chat_server import choices, served, status
from tests.trainer.posttraining.conftest import write_rows
from trainer.posttraining.demo_tasks import SORT_DIGITS
from trainer.posttraining.evaluating import task_prompts
from trainer.posttraining.verify import verifier_for


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    rows = [{"prompt": f"say {n}", "answer": "a", "verifier": {"constraints": {"max_words": 1}}} for n in range(5)]
    return write_rows(tmp_path / "prompts.jsonl", rows)


def run(*arguments: object) -> int:
    return main(["train", *map(str, arguments)])


def test_sample_score_and_select(tmp_path, capsys, make_base, preferences, prompts) -> None:
    base = make_base()
    sampled = ["--prompts", prompts, "--per-prompt", 4, "--output", tmp_path / "s", "--tokens", 120, "--rows", 8]
    assert run("sample", base, *sampled, "--include-reference") == 0
    assert "4 responses to each of 5 prompts" in capsys.readouterr().out
    rows = [json.loads(line) for line in (tmp_path / "s" / "responses.jsonl").read_text().splitlines()]
    assert [len(row["responses"]) for row in rows] == [5] * 5
    before = (tmp_path / "s" / "responses.jsonl").read_bytes()
    assert run("sample", base, *sampled, "--include-reference") == 0
    assert (tmp_path / "s" / "responses.jsonl").read_bytes() == before
    capsys.readouterr()

    assert run("select", tmp_path / "s", "--output", tmp_path / "best.jsonl", "--pairs", tmp_path / "pairs.jsonl") == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["selected"] == 5 == len((tmp_path / "best.jsonl").read_text().splitlines())
    assert counts["right"] == 1.0

    tiny = ["--set", "sequence_length=160", "--set", "batch_rows=2", "--set", "steps=2"]
    assert run("reward", "--base", base, "--data", preferences, "--output", tmp_path / "rm", *tiny) == 0
    scores = tmp_path / "scores.jsonl"
    assert run("score", tmp_path / "rm", "--rows", tmp_path / "s", "--output", scores) == 0
    capsys.readouterr()
    choosing = ["select", tmp_path / "s", "--output", tmp_path / "b.jsonl", "--scores", scores]
    assert run(*choosing, "--by", "reward", "--minimum", "1e9") == 0
    assert json.loads(capsys.readouterr().out)["selected"] == 0


def test_sample_from_a_server_goes_on_after_it_died(tmp_path, capsys, prompts) -> None:
    call = ["sample", "--prompts", prompts, "--per-prompt", 2, "--output", tmp_path / "s", "--model", "m"]
    with served(lambda body, number: choices("a", "b") if number < 3 else status(401)) as (url, _):
        assert run(*call, "--endpoint", url) == 1
    assert "GRISTMILL_API_KEY" in capsys.readouterr().err
    port = url.rpartition(":")[2]
    done = len((tmp_path / "s" / "unfinished.jsonl").read_text().splitlines())
    assert done == 3
    settings = tmp_path / "s" / "settings.json"
    with served(lambda body, number: choices("a", "b")) as (again, bodies):
        # Another port, else the same server.
        settings.write_text(settings.read_text().replace(port, again.rpartition(":")[2]))
        assert run(*call, "--endpoint", again) == 0
    assert len(bodies) == 2
    assert "The server says that they are of served fp-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sample", "--output", "o"], "Name a RUN of ours, or a server"),
        (["sample", "r", "--output", "o", "--endpoint", "http://x/v1", "--model", "m"], "Name a RUN of ours"),
        (["sample", "--output", "o", "--endpoint", "http://x/v1"], "Name a RUN of ours"),
        (["sample", "r", "--output", "o", "--per-prompt", "0"], "--per-prompt is 0"),
        (["sample", "r", "--output", "o", "--temperature", "-1"], "temperature is -1.0"),
        (["sample", "r", "--output", "o", "--top-p", "0"], "top_p is 0.0"),
        (["sample", "r", "--output", "o"], "r holds no checkpoint"),
        (["sample", "r", "--output", "prompts.jsonl"], "prompts.jsonl is a file, and a directory is to be written"),
        (["evaluate", "r", "--samples", "0"], "--samples is 0"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(
    tmp_path, monkeypatch, capsys, prompts, arguments, words
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments, "--prompts", prompts) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_select_says_what_is_missing(tmp_path, capsys) -> None:
    response = {"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    row = {"prompt_id": "p", "messages": [{"role": "user", "content": "?"}], "responses": [response]}
    write_rows(tmp_path / "responses.jsonl", [row])
    assert run("select", tmp_path, "--output", tmp_path / "x") == 1
    assert "Name --scores FILE" in capsys.readouterr().err
    write_rows(tmp_path / "responses.jsonl", [row | {"verifier": "exact", "answer": "a"}])
    assert run("select", tmp_path, "--output", tmp_path / "x") == 1
    assert "nothing to select" in capsys.readouterr().err


@pytest.mark.parametrize("verifier", ["bogus", {"regex": "("}])
def test_a_verifier_that_cannot_be_is_refused_before_a_response_is_drawn(
    tmp_path, capsys, make_base, verifier
) -> None:
    file = write_rows(tmp_path / "p.jsonl", [{"prompt": "a"}, {"prompt": "b", "verifier": verifier}])
    assert run("sample", make_base(), "--prompts", file, "--output", tmp_path / "s") == 1
    assert "p.jsonl:2: " in capsys.readouterr().err and not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("scores", "more", "words"),
    [
        ({"a": 1}, [], "scores.jsonl:1 has no list of scores"),
        ({"prompt_id": "p", "scores": [1, "x"]}, [], "scores.jsonl:1 has no list of scores"),
        ({"prompt_id": "q", "scores": [1, 2]}, [], "has the scores of other responses"),
        ({"prompt_id": "p", "scores": [1]}, [], "has the scores of other responses"),
        ({"prompt_id": "p", "scores": [1, None]}, ["--minimum", "nan"], "--minimum is no number"),
        ({"prompt_id": "p", "scores": [1, None]}, ["--pairs", "OUT"], "--output and --pairs are both"),
        ({"prompt_id": "p", "scores": [1, None]}, ["--pairs", "SCORES"], "scores.jsonl is read, and writing"),
    ],
)
def test_select_refuses_scores_of_other_responses(tmp_path, capsys, scores, more, words) -> None:
    responses = [{"message": {"role": "assistant", "content": word}, "finish_reason": "stop"} for word in "ab"]
    row = {"prompt_id": "p", "messages": [{"role": "user", "content": "?"}], "responses": responses}
    write_rows(tmp_path / "responses.jsonl", [row])
    file, out = write_rows(tmp_path / "scores.jsonl", [scores]), tmp_path / "x"
    more = [{"OUT": out, "SCORES": file}.get(word, word) for word in more]
    assert run("select", tmp_path, "--scores", file, "--output", out, *more) == 1
    assert words in capsys.readouterr().err and not out.exists()


def test_prompts_longer_than_the_rows_of_training_are_told(tmp_path, capsys, make_base) -> None:
    file = write_rows(tmp_path / "p.jsonl", [{"prompt": "a"}, {"prompt": "b" * 256}])
    call = ["sample", make_base(), "--prompts", file, "--output", tmp_path / "s", "--tokens", 2, "--per-prompt", 1]
    assert run(*call) == 0
    assert "1 of 2 prompts are longer than the 256 tokens" in capsys.readouterr().out


def test_evaluate_looks_at_both_runs_first(tmp_path, capsys, make_base, prompts) -> None:
    kept = tmp_path / "kept"
    call = ["evaluate", make_base(), "--prompts", prompts, "--output", kept, "--against", tmp_path / "none"]
    assert run(*call) == 1 and "none holds no checkpoint" in capsys.readouterr().err and not kept.exists()


def test_evaluate_measures_and_compares(tmp_path, capsys, make_base, prompts) -> None:
    one, two = make_base("one"), make_base("two", seed=1)
    call = ["evaluate", one, "--prompts", prompts, "--samples", 3, "--tokens", 40, "--rows", 8]
    assert run(*call, "--against", two, "--output", tmp_path / "kept") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["prompts"] == 5 and found["samples"] == 3 and 0 <= found["right"] <= 1
    assert found["against"]["difference"] == pytest.approx(found["right"] - found["against"]["right"])
    assert (tmp_path / "kept" / "run" / "responses.jsonl").is_file()
    assert run(*call, "--against", one) == 0
    assert json.loads(capsys.readouterr().out)["against"] == {
        "right": found["right"], "difference": 0.0, "half_width": 0.0, "better_beyond_chance": False,
    }  # fmt: skip


def test_tasks_know_their_truth() -> None:
    for name in ("sort-digits", "two-digit-sums"):
        prompts = task_prompts(name)
        assert len({prompt.prompt_id for prompt in prompts}) == len(prompts) > 8000
        assert all(verifier_for(p.verifier, p.answer, "")([p.answer]) == [1] for p in prompts[::97])
    assert SORT_DIGITS.penalty("7391", "1379") == 0


def test_an_unknown_task_is_refused(capsys) -> None:
    assert run("evaluate", "r", "--task", "chess") == 1
    assert "There is no task 'chess'" in capsys.readouterr().err


def test_rounds_say_what_they_lack(tmp_path, capsys) -> None:
    assert run("rounds", "--config", "rounds", "--output", tmp_path) == 1
    assert "--base and --prompts" in capsys.readouterr().err
    assert run("rounds", "--config", "rounds", "--output", tmp_path, "--set", "select.per_prompt=1") == 1
    assert "choosing the best needs at least 2" in capsys.readouterr().err
