"""An export measured by lm-evaluation-harness: the same figures as ours, to the last digit."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest
import torch

from tests.trainer.evaluation.tiny import ALONE, TOKENIZER
from trainer.checkpoint import store
from trainer.checkpoint.convert import export_model, load_model
from trainer.config.model_config import ModelConfig
from trainer.evaluation.multiple_choice import score_choices
from trainer.model.llama import Llama

WORDS = "mill river wheel stone grain flour sack miller water turns grinds slowly every morning old wooden".split()


@pytest.fixture
def run(tmp_path) -> Path:
    """A run with a model of random weights, large enough that every token counts."""
    model = Llama(ModelConfig(dim=32, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=TOKENIZER.vocab_size))
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    facts = {
        "identity": {"model": json.loads(json.dumps(model.config, default=vars))},
        "tokenizer": dataclasses.asdict(TOKENIZER.info),
        "length": 256,
    }
    tensors = {"model": {name: parameter.detach() for name, parameter in model.named_parameters()}}
    store.save(tmp_path / "run", 0, facts, tensors, keep=1)
    return tmp_path / "run"


@pytest.fixture
def questions(tmp_path) -> Path:
    draw = random.Random(1)
    lines = []
    for _ in range(40):
        question = " ".join(draw.choices(WORDS, k=draw.randrange(3, 9)))
        choices = [" ".join(draw.choices(WORDS, k=draw.randrange(1, 5))) for _ in range(4)]
        lines.append(json.dumps({"question": question.capitalize(), "choices": choices, "answer": draw.randrange(4)}))
    (tmp_path / "questions.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path / "questions.jsonl"


def test_its_accuracies_are_ours(run, questions, tmp_path, monkeypatch):
    lm_eval = pytest.importorskip("lm_eval", reason="lm-evaluation-harness is not installed (pip install lm-eval)")
    huggingface = pytest.importorskip("lm_eval.models.huggingface", reason="lm-eval lacks its extra hf")
    tasks = pytest.importorskip("lm_eval.tasks")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    export_model(run, tmp_path / "hf")
    task = {
        "task": "mill",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(questions)}, "cache_dir": str(tmp_path / "cache")},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "{{question}}",
        "doc_to_choice": "{{choices}}",
        "doc_to_target": "{{answer}}",
        "metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}],
    }
    theirs = lm_eval.simple_evaluate(
        model=huggingface.HFLM(pretrained=str(tmp_path / "hf"), device="cpu", batch_size=4, dtype="float32"),
        tasks=[task],
        task_manager=tasks.TaskManager(include_defaults=False),
        bootstrap_iters=0,
    )["results"]["mill"]
    ours = score_choices(load_model(run).model, TOKENIZER, questions, ALONE)
    assert 0 < ours.accuracy < 1 and ours.accuracy != ours.accuracy_by_byte
    assert (theirs["acc,none"], theirs["acc_norm,none"]) == (ours.accuracy, ours.accuracy_by_byte)
