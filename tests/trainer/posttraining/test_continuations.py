"""Plain texts written in batches are those that are written one by one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests.trainer.posttraining.conftest import make_run
from tokens.tokenizer import Tokenizer
from trainer.checkpoint.convert import load_model
from trainer.cli import add_commands
from trainer.errors import TrainerError
from trainer.model.generate import generate_ids
from trainer.posttraining.continuations import read_texts, write_on
from trainer.posttraining.engine import Engine, EngineOptions
from trainer.posttraining.slots import Sampling

TEXTS = ["a", "Once upon a time", "", "a", "x" * 90]


def generate(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    chosen = parser.parse_args(["generate", *arguments])
    return chosen.run(chosen)


def test_the_likeliest_texts_are_those_written_one_by_one(tmp_path: Path, byte_tokenizer: Tokenizer) -> None:
    run = make_run(tmp_path / "run", byte_tokenizer)
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps({"prompt": text}) + "\n" for text in TEXTS))
    out = tmp_path / "out.jsonl"
    more = ["--temperature", "0", "--tokens", "12", "--rows", "3"]
    assert generate(str(run), "--prompts", str(tmp_path / "prompts.jsonl"), "--output", str(out), *more) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    model = load_model(run).model
    for text, row in zip(TEXTS, rows, strict=True):
        prompt = [byte_tokenizer.bos_id, *byte_tokenizer.encode(text).tolist()]
        ids = list(generate_ids(model, prompt, 12, frozenset({byte_tokenizer.eos_id})))
        reason = "length" if len(ids) == 12 else "stop"
        assert row == {"prompt": text, "completions": [{"text": byte_tokenizer.decode(ids), "finish_reason": reason}]}


def test_drawn_texts_differ_by_place_and_not_by_the_rows_at_once(tmp_path: Path, byte_tokenizer: Tokenizer) -> None:
    model = load_model(make_run(tmp_path / "run", byte_tokenizer)).model
    drawn = [
        list(write_on(Engine(model, EngineOptions(rows)), byte_tokenizer, ["a", "b", "a"], 2, Sampling(8, seed=3)))
        for rows in (1, 4)
    ]
    assert drawn[0] == drawn[1]
    texts = [one["text"] for row in drawn[0] for one in row["completions"]]
    assert len(set(texts)) == 6


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="needs --output"):
        generate(str(tmp_path), "--prompts", "x.jsonl")
    (tmp_path / "bad.jsonl").write_text('{"prompt": "a"}\n{"text": "b"}\n')
    with pytest.raises(TrainerError, match=r"bad.jsonl:2 has no text"):
        read_texts(tmp_path / "bad.jsonl")
