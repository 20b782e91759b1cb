"""The commands about a model: what may be said to them, and what they hand on."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.trainer.arguments import namespace, refusal, values
from trainer.errors import TrainerError
from trainer.model_commands import add_model_commands

ADD = add_model_commands
GENERATE = {
    "source": "r", "prompt": None, "prompts": None, "chat": False, "system": None, "output": None, "samples": 1,
    "rows": 64, "tokens": 200, "temperature": 0.6, "top_p": 0.9, "seed": 0, "tokenizer": None, "run": "run_generate",
}  # fmt: skip
EVAL = {
    "source": "r", "data": [], "tokens": 1_048_576, "length": None, "needles": 0, "choices": None, "tokenizer": None,
    "run": "run_eval",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import s o", {"source": "s", "output": "o", "tokenizer": None, "run": "run_import"}),
        ("import s o --tokenizer t", {"source": "s", "output": "o", "tokenizer": "t", "run": "run_import"}),
        ("export r o", {"source": "r", "output": "o", "gguf": False, "dtype": "fp32", "tokenizer": None, "run": "run_export"}),
        (
            "export r o --gguf --dtype bf16 --tokenizer t",
            {"source": "r", "output": "o", "gguf": True, "dtype": "bf16", "tokenizer": "t", "run": "run_export"},
        ),
        ("eval r", EVAL),
        (
            "eval r --data a=x y --tokens 1 --length 2 --needles 0 --choices f --tokenizer t",
            EVAL | {"data": ["a=x", "y"], "tokens": 1, "length": 2, "choices": "f", "tokenizer": "t"},
        ),
        ("eval r --needles 3", EVAL | {"needles": 3}),
        ("generate r --prompt a", GENERATE | {"prompt": "a"}),
        ("generate r --chat --system s", GENERATE | {"chat": True, "system": "s"}),
        (
            "generate r --prompts f --output o --samples 1 --rows 1 --tokens 1 --temperature 0 --top-p 1 --seed 7 --tokenizer t",
            GENERATE
            | {"prompts": "f", "output": "o", "samples": 1, "rows": 1, "tokens": 1, "temperature": 0, "top_p": 1.0}
            | {"seed": 7, "tokenizer": "t"},
        ),
    ],
)  # fmt: skip
def test_what_the_commands_are_told(line: str, expected: dict[str, Any]) -> None:
    assert values(ADD, line) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import s", "the following arguments are required: RUN"),
        ("export r o --dtype fp16", "invalid choice: 'fp16'"),
        ("eval r --tokens 0", "0 must be at least 1"),
        ("eval r --length 1", "1 must be at least 2"),
        ("eval r --needles -1", "-1 must be at least 0"),
        ("generate r", "one of the arguments --prompt --prompts --chat is required"),
        ("generate r --prompt a --chat", "not allowed with argument"),
        ("generate r --prompt a --samples 0", "0 must be at least 1"),
        ("generate r --prompt a --rows 0", "0 must be at least 1"),
        ("generate r --prompt a --tokens 0", "0 must be at least 1"),
        ("generate r --prompt a --temperature -0.1", "-0.1 must be at least 0"),
        ("generate r --prompt a --top-p 0", "0 must be more than 0 and at most 1"),
        ("generate r --prompt a --top-p 1.1", "1.1 must be more than 0 and at most 1"),
    ],
)
def test_what_cannot_be_is_refused(line: str, words: str, capsys) -> None:
    assert words in refusal(ADD, line, capsys)


def run(line: str) -> int:
    args = namespace(ADD, line)
    return args.run(args)


@pytest.mark.parametrize("kept", [None, object()])
def test_an_import_says_how_to_go_on_and_whether_the_tokenizer_is_known(monkeypatch, capsys, kept) -> None:
    asked: list[Any] = []
    config = SimpleNamespace(num_layers=4, dim=32)
    monkeypatch.setattr("trainer.checkpoint.convert.import_model", lambda *rest: asked.append(rest) or config)
    monkeypatch.setattr("trainer.checkpoint.run_tokenizer.kept_info", lambda path: kept)
    assert run("import src out --tokenizer t") == 0
    out = capsys.readouterr().out
    assert asked == [("src", "out", "t")]
    assert "out begins with a Llama of 4 layers, width 32." in out
    assert "--data DIR --output out\n" in out
    assert ("No tokenizer that can be read lies in src" in out) == (kept is None)


@pytest.mark.parametrize("with_tokenizer", [True, False])
def test_an_export_says_whether_the_tokenizer_went_along(monkeypatch, capsys, with_tokenizer: bool) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.checkpoint.convert.export_model", lambda *rest: asked.append(rest) or with_tokenizer)
    assert run("export r out --dtype bf16 --tokenizer t") == 0
    assert asked == [("r", "out", "bf16", "t")]
    out = capsys.readouterr().out
    assert out.startswith(f"out holds the model{' and its tokenizer' if with_tokenizer else ''}: AutoModel")
    assert ("Its tokenizer is not there" in out) != with_tokenizer


def test_an_export_for_llama_cpp_is_another(monkeypatch, capsys) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.checkpoint.gguf_file.export_gguf", lambda *rest: asked.append(rest))
    monkeypatch.setattr("trainer.checkpoint.convert.export_model", lambda *rest: pytest.fail("the other was asked"))
    assert run("export r out.gguf --gguf") == 0
    assert asked == [("r", "out.gguf", "fp32", None)] and "llama-cli -m out.gguf" in capsys.readouterr().out


@pytest.mark.parametrize(("rank", "speaks"), [(None, True), ("0", True), ("1", False)])
def test_one_rank_tells_the_figures(monkeypatch, capsys, rank: str | None, speaks: bool) -> None:
    figures = {"held_out_loss": 1.5, "perplexity": {"web": float("inf")}}
    monkeypatch.setattr("trainer.evaluation.report.evaluate_run", lambda args: figures)
    monkeypatch.delenv("RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("RANK", rank)
    assert run("eval r") == 0
    expected = {"held_out_loss": 1.5, "perplexity": {"web": None}}
    assert capsys.readouterr().out == (json.dumps(expected, indent=2) + "\n" if speaks else "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("generate r --prompt a --system s", "--system is what a model is told"),
        ("generate r --prompt a --output o", "--output goes with --prompts alone"),
        ("generate r --prompts f", "--prompts FILE needs --output FILE"),
        ("generate r --prompts f --output o --system s", "it needs --chat"),
    ],
)
def test_options_that_belong_together(line: str, words: str) -> None:
    with pytest.raises(TrainerError, match=words):
        run(line)


@pytest.fixture
def model(monkeypatch) -> Any:
    """A model and its tokenizer, whose ids are letters: a is 1."""
    tokenizer = SimpleNamespace(bos_id=100, eos_id=101, encode=lambda text: np.array([ord(c) - 96 for c in text]))
    trained = SimpleNamespace(model=object(), length=77, tokenizer=tokenizer)
    monkeypatch.setattr("trainer.checkpoint.convert.load_model", lambda source, device: trained)
    monkeypatch.setattr("trainer.checkpoint.convert.find_tokenizer", lambda found, file: tokenizer)
    monkeypatch.setattr(
        "trainer.data.tokenizer.decode_as_they_come", lambda tokenizer, ids: (chr(96 + id) for id in ids)
    )
    return trained


def test_a_text_is_its_prompt_and_what_follows(model, monkeypatch, capsys) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.model.generate.generate_ids", lambda *rest: asked.append(rest) or iter([3, 4]))
    assert run("generate r --prompt ab --tokens 9 --temperature 0.5 --top-p 0.7 --seed 3") == 0
    assert asked == [(model.model, [100, 1, 2], 9, frozenset({101}), 0.5, 0.7, 3)]
    assert capsys.readouterr().out == "abcd\n"


def test_a_talk_is_as_it_was_told(model, monkeypatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("trainer.posttraining.conversation.Speaker.of", lambda *rest: asked.append(rest) or speaker)
    speaker = SimpleNamespace(_replace=lambda **changes: asked.append(changes) or "speaker")
    monkeypatch.setattr("trainer.posttraining.conversation.talk", lambda *rest: asked.append(rest) or 5)
    assert run("generate r --chat --system s --tokens 9 --temperature 0 --top-p 0.7 --seed 3") == 5
    assert asked[0] == (model.model, model.tokenizer, 77, 9)
    assert asked[1:] == [{"temperature": 0.0, "top_p": 0.7, "seed": 3}, ("speaker", "s")]


def test_many_prompts_are_written_to_a_file(model, monkeypatch, capsys) -> None:
    monkeypatch.setattr("trainer.posttraining.continuations.write_file", lambda *rest: f"{rest[2].prompts} is done.")
    assert run("generate r --prompts f --output o") == 0
    assert capsys.readouterr().out == "f is done.\n"
