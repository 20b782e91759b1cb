"""GGUF files as llama.cpp itself runs them (PyPI's ``xllamacpp`` has it compiled): ids, answers and where they end."""

from __future__ import annotations

import json
import math
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.posttraining.conftest import make_run, write_rows
from tokens.tokenizer import load
from trainer.checkpoint.convert import find_tokenizer, load_model
from trainer.checkpoint.gguf_file import export_gguf
from trainer.config.loader import parse
from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.model.generate import generate_ids
from trainer.posttraining import sft
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.settings import SftConfig

xllamacpp = pytest.importorskip("xllamacpp", reason="llama.cpp is not installed (pip install xllamacpp)")
pytest.importorskip("gguf", reason="the package gguf is not installed")

SAID = {"a": "ab", "b": "ba"}
Post = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def post(run: Path) -> Post:
    """llama.cpp's server over the run's GGUF file: a function that posts to one of its paths."""
    file = run.parent / "model.gguf"
    export_gguf(run, file)
    options = xllamacpp.CommonParams()
    options.model.path, options.n_ctx, options.n_parallel, options.use_jinja = str(file), 512, 1, True
    options.cpuparams.n_threads, options.warmup, options.port = 1, False, 0
    server = xllamacpp.Server(options)

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return post


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A model of ours that has learnt to answer each of two letters with its own word, on the built-in tokenizer."""
    folder, tokenizer = tmp_path_factory.mktemp("llama_cpp"), load()
    shape = ModelConfig(
        dim=32, num_layers=2, num_heads=2, num_kv_heads=1, ffn_multiple_of=8, vocab_size=tokenizer.vocab_size,
        rope_scaling=RopeScaling(factor=4, original_length=16),
    )  # fmt: skip
    rows = [
        {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]}
        for asked, answer in SAID.items()
    ]
    config = parse(SftConfig, {
        "sequence_length": 64, "batch_rows": 2, "epochs": 60, "optimizer": {"peak_lr": 2e-2},
        "schedule": {"shape": "constant"}, "run": {"device": "cpu", "checkpoint_every": 1000, "evaluate_every": 1000},
    })  # fmt: skip
    data = write_rows(folder / "rows.jsonl", rows)
    sft.train(config, make_run(folder / "base", tokenizer, shape), [data], folder / "run")
    return folder / "run"


def test_dialogs_have_our_ids_and_answers_end(run: Path, post: Post) -> None:
    trained = load_model(run)
    chat = ChatFormat(find_tokenizer(trained, None))
    first = [{"role": "user", "content": "a"}]
    for asked in (
        first,
        [{"role": "system", "content": "Say it."}, {"role": "user", "content": "b \n c"}],
        [*first, {"role": "assistant", "content": "ab"}, {"role": "user", "content": "b"}],
    ):
        ours = chat.encode_prompt([Message(turn["role"], turn["content"]) for turn in asked]).tolist()
        written = post("/apply-template", {"messages": asked})["prompt"]
        read = post("/tokenize", {"content": written, "add_special": True, "parse_special": True})
        assert read["tokens"] == ours
        answer = post("/v1/chat/completions", {"messages": asked, "temperature": 0, "max_tokens": 8})
        expected = list(generate_ids(trained.model, ours, 8, chat.stop_ids))
        assert answer["choices"][0]["message"]["content"] == chat.tokenizer.decode(expected)
        assert answer["usage"]["prompt_tokens"] == len(ours)
    answer = post("/v1/chat/completions", {"messages": first, "temperature": 0, "max_tokens": 8})
    assert answer["choices"][0]["message"]["content"] == "ab" and answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "text",
    ["  Two\n\n words\t 1234567", "it's they'LL", "Zürich 東京 \U0001f600 é", "x<|eot_id|>", "a\r\n \n\n b", "½²"],
)
def test_texts_have_our_ids(text: str, run: Path, post: Post) -> None:
    tokenizer = find_tokenizer(load_model(run), None)
    read = post("/tokenize", {"content": text, "add_special": True, "parse_special": False})
    assert read["tokens"] == [tokenizer.bos_id, *tokenizer.encode(text).tolist()]


@torch.no_grad()
def test_probabilities_are_ours(run: Path, post: Post) -> None:
    trained = load_model(run)
    ids = [find_tokenizer(trained, None).bos_id, *range(300, 360)]  # behind the place where RoPE is scaled
    found = post("/completion", {"prompt": ids, "n_predict": 1, "temperature": 0, "n_probs": 20})
    hidden = trained.model.logits(torch.tensor([ids]), torch.arange(len(ids))[None])[0, -1].float()
    ours = hidden.log_softmax(-1)
    likeliest = found["completion_probabilities"][0]["top_logprobs"]
    assert len(likeliest) == 20
    for token in likeliest:
        assert math.isclose(token["logprob"], ours[token["id"]].item(), abs_tol=5e-3)  # its cache is in fp16
