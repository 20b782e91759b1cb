"""What a task begins with, and which runs are none."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import MODEL
from trainer.checkpoint import run_tokenizer, store
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining.base import Base, weights_hash


@pytest.fixture
def make(tmp_path: Path, byte_tokenizer):
    """``make(facts, vocab_size=…)``: a run whose checkpoint says this of itself."""

    def make(vocab_size: int = 512, keeps: bool = True, seed: int = 0, name: str = "run", **facts: Any) -> Path:
        model = dataclasses.replace(MODEL, vocab_size=vocab_size)
        weights = Llama(model)
        weights.init_weights(seed)
        identity = {"model": dataclasses.asdict(model.spelled_out())} | facts.pop("identity", {})
        store.save(
            tmp_path / name, 0, {"identity": identity} | facts, {"model": dict(weights.named_parameters())}, keep=1
        )
        if keeps:
            run_tokenizer.keep(tmp_path / name, byte_tokenizer, byte_tokenizer.info)
        return tmp_path / name

    return make


@pytest.mark.parametrize(
    ("facts", "length", "scaled", "task"),
    [
        ({}, 8192, True, None),
        ({"length": 100, "identity": {"task": "sft"}}, 100, True, "sft"),
        ({"rope_scaling": False}, 8192, False, None),
        ({"stages": [{"sequence_length": 50, "rope_scaling": False}], "length": 40}, 50, False, None),
        ({"stages": [{"sequence_length": 50, "rope_scaling": False}, {"sequence_length": 20, "rope_scaling": True}]}, 50, True, None),
    ],
)  # fmt: skip
def test_a_base_is_what_its_run_says(
    make, byte_tokenizer, facts: dict, length: int, scaled: bool, task: str | None
) -> None:
    found = Base.open(make(**facts))
    assert (found.length, found.rope_scaling, found.task) == (length, scaled, task)
    assert found.info == byte_tokenizer.info and found.tokenizer.sha256 == byte_tokenizer.sha256
    assert found.model == MODEL.spelled_out()


def test_shards_say_more_of_a_tokenizer_than_its_file(make, byte_tokenizer) -> None:
    said = dataclasses.asdict(dataclasses.replace(byte_tokenizer.info, name="by shards"))
    assert Base.open(make(tokenizer=said)).info.name == "by shards"
    bare = make(keeps=False, name="bare")
    with pytest.raises(TrainerError, match="does not say what tokenizer it has"):
        Base.open(bare)
    assert Base.open(bare, byte_tokenizer.spec).info == byte_tokenizer.info


def test_what_is_no_base_is_refused(make, byte_tokenizer, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="none holds no checkpoint. Name the directory of a run"):
        Base.open(tmp_path / "none")
    assert byte_tokenizer.vocab_size == 512
    with pytest.raises(
        TrainerError, match="has ids up to 511, but the vocabulary of .* has 511. Name the model's own"
    ):
        Base.open(make(vocab_size=511))


@pytest.mark.parametrize("task", [None, "sft", "reward"])
def test_a_reward_model_is_asked_for_or_not(make, task: str | None) -> None:
    found = Base.open(make(identity={"task": task} if task else {}))
    found.demand(is_reward=task == "reward", purpose="this")
    words = (
        "is none, and this needs a reward model"
        if task != "reward"
        else "is a reward model, and this needs a model that writes"
    )
    with pytest.raises(TrainerError, match=words):
        found.demand(is_reward=task != "reward", purpose="this")


def test_a_tokenizer_goes_along_or_the_disk_is_told(make, tmp_path: Path) -> None:
    found = Base.open(make())
    found.keep_tokenizer(tmp_path / "new")
    assert run_tokenizer.kept_info(tmp_path / "new") == found.info
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match="file cannot be written .* Make room there, or name another"):
        found.keep_tokenizer(tmp_path / "file")


def test_weights_are_told_apart(make) -> None:
    one, same, other = (make(seed=seed, name=name) for seed, name in ((0, "a"), (0, "b"), (1, "c")))
    hashes = [weights_hash(Base.open(run).checkpoint) for run in (one, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]
