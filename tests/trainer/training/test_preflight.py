from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.config.schema import LearningRate, StageConfig
from trainer.errors import TrainerError
from trainer.training.preflight import (
    check_attention,
    check_float8,
    check_going_on,
    check_ranks,
    check_tensor_parallel,
    identity,
    tell_passes,
    untrained_vocabulary,
    with_vocabulary,
)

CPU, GPU = torch.device("cpu"), torch.device("cuda")
# A head of 32 x 300 weights.
MODEL = ModelConfig(dim=32, num_layers=1, num_heads=2, num_kv_heads=1, ffn_size=64, vocab_size=300)
RUN = Path("out")


def sources(ids: int) -> list[Any]:
    """Shards of a tokenizer with so many ids."""
    tokenizer = SimpleNamespace(vocab_size=ids, name="words", sha256="ab")
    return [SimpleNamespace(shards=SimpleNamespace(tokenizer=tokenizer, directory="d"))]


def test_a_vocabulary_is_the_tokenizers_or_larger() -> None:
    open_model = dataclasses.replace(MODEL, vocab_size=None)
    assert with_vocabulary(open_model, sources(77)).vocab_size == 77
    assert with_vocabulary(MODEL, sources(300)) == with_vocabulary(MODEL, sources(10)) == MODEL
    with pytest.raises(TrainerError, match="vocab_size is 300, but the shards in d hold ids up to 300 of words"):
        with_vocabulary(MODEL, sources(301))


def test_data_that_are_read_more_than_four_times_are_warned_of() -> None:
    assert tell_passes({"": 4.0}) == ["Passes over the data: all directories 4.00."]
    told, warned = tell_passes({"web": 0.5, "code": 4.01, "books": 9.0})
    assert told == "Passes over the data: web 0.50, code 4.01, books 9.00."
    assert warned.startswith("Warning: code, books will be read more than 4 times")


def test_weights_of_ids_that_never_come_are_warned_of_beyond_a_rounding() -> None:
    assert untrained_vocabulary(MODEL, 45, 96_000) is None  # 255 rows
    warned = untrained_vocabulary(MODEL, 44, 96_000)
    assert warned is not None and warned.startswith(
        "Warning: model.vocab_size is 300, but the tokenizer has 44 ids: 17% of"  # 2 * 256 * 32 of 96,000
    )
    tied = untrained_vocabulary(dataclasses.replace(MODEL, tied_embeddings=True), 44, 96_000)
    assert tied is not None and "44 ids: 9% of" in tied


@pytest.mark.parametrize(("attention", "device", "fits"), [
    ("sdpa", CPU, True), ("sdpa", GPU, True), ("flex", GPU, True), ("varlen", GPU, True), ("flex", CPU, False), ("varlen", CPU, False),
])  # fmt: skip
def test_attention_needs_a_device_that_has_it(attention: Any, device: torch.device, fits: bool) -> None:
    run = RunConfig(attention=attention)
    if fits:
        check_attention(run, device)
    else:
        with pytest.raises(TrainerError, match=f"run.attention is {attention}, which trains on GPUs alone"):
            check_attention(run, device)


def test_float8_needs_whole_blocks_of_sixteen_and_a_gpu_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = RunConfig(float8=True, precision="bf16")
    check_float8(wanted, MODEL, CPU)
    odd = {
        "dim": {"dim": 24, "num_kv_heads": 2},
        "num_kv_heads": {"dim": 32, "num_heads": 4, "num_kv_heads": 1},
        "ffn_size": {"ffn_size": 72},
    }
    for key, changes in odd.items():
        shape = dataclasses.replace(MODEL, **changes)
        check_float8(RunConfig(), shape, GPU)
        with pytest.raises(TrainerError, match=f"multiples of 16, and model.{key} makes one of "):
            check_float8(wanted, shape, CPU)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "A100")
    for capability, fits in (((8, 0), False), ((8, 9), False), ((9, 0), True), ((10, 0), True)):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, found=capability: found)
        if fits:
            check_float8(wanted, MODEL, GPU)
        else:
            with pytest.raises(TrainerError, match="a A100 has no products in float8"):
                check_float8(wanted, MODEL, GPU)


def test_a_run_is_known_by_model_seed_tokenizer_and_data(make_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.training.preflight.fingerprint", lambda found: f"{len(found)} directories")
    config = make_config(model={"vocab_size": 300}, run={"seed": 7})
    found = identity(config, sources(10))
    assert found == {
        "model": dataclasses.asdict(config.model.spelled_out()), "seed": 7, "tokenizer": "ab", "data": "1 directories",
    }  # fmt: skip


def stage(name: str = "a", tokens: int = 64, batch: int = 16, length: int = 8) -> StageConfig:
    rate = LearningRate(shape="constant")
    return StageConfig(name=name, tokens=tokens, sequence_length=length, batch_tokens=batch, learning_rate=rate)


FIRST, SECOND = stage("a"), stage("b")
AFTER_ONE = {"tokens": 32, "stages": [dataclasses.asdict(FIRST)]}
AFTER_TWO = {"tokens": 64 + 32, "stages": [dataclasses.asdict(FIRST), dataclasses.asdict(SECOND)]}


@pytest.mark.parametrize(
    ("facts", "now", "problem"),
    [
        ({}, [FIRST], None),
        ({"stages": [], "tokens": 0}, [], None),
        (AFTER_ONE, [FIRST], None),
        (AFTER_ONE, [FIRST, SECOND], None),
        (AFTER_ONE, [stage(tokens=128)], None),  # the stage under way may become longer,
        (AFTER_ONE, [stage(tokens=32)], None),  # or end where it is
        (AFTER_ONE, [stage(tokens=16)], "only 16 tokens"),
        (AFTER_ONE, [stage("c")], "another stage"),
        (AFTER_ONE, [stage(length=16)], "another sequence_length"),
        (AFTER_ONE, [stage(batch=32)], "another batch_tokens"),
        (AFTER_ONE, [stage("c", batch=32)], "another stage"),
        (AFTER_ONE, [], "another stage"),
        (AFTER_TWO, [FIRST, SECOND], None),
        (AFTER_TWO, [FIRST, stage("b", tokens=32)], None),
        (AFTER_TWO, [FIRST, stage("b", tokens=16)], "only 16 tokens"),
        (AFTER_TWO, [stage("a", tokens=128), SECOND], "other tokens"),
        (AFTER_TWO, [stage("a", tokens=32), SECOND], "other tokens"),
        (AFTER_TWO, [FIRST], "another stage"),
    ],
)
def test_what_was_trained_stays_as_it_was(facts: dict, now: Sequence[StageConfig], problem: str | None) -> None:
    if problem is None:
        check_going_on(facts, {}, now, RUN)
    else:
        with pytest.raises(TrainerError, match=f"for which the configuration now has {problem}. Name a new --output"):
            check_going_on(facts, {}, now, RUN)


def test_another_run_is_refused_and_what_was_not_written_then_is_not_asked_for() -> None:
    now = {"model": 1, "seed": 2, "tokenizer": "x", "data": "d", "task": "sft"}
    check_going_on({"identity": {"model": 1, "data": "d"}}, now, [], RUN)
    with pytest.raises(TrainerError, match="out holds a run that was started with another model, the shards. Name"):
        check_going_on({"identity": now | {"model": 0, "data": "e"}}, now, [], RUN)
    other = {"identity": {"tokenizer": "y"}}
    with pytest.raises(TrainerError, match="started with another the tokenizer"):
        check_going_on(other, now, [], RUN)
    with pytest.raises(TrainerError, match="was imported with another tokenizer than the shards"):
        check_going_on(other | {"imported": True}, now, [], RUN)
    with pytest.raises(TrainerError, match="started with another model"):
        check_going_on({"identity": {"model": 0}, "imported": True}, now, [], RUN)


def test_batches_that_ranks_do_not_divide_are_refused(make_config):
    stages = make_config(stage={"micro_batch_rows": 2}).stages
    check_ranks(stages, 2)
    with pytest.raises(TrainerError, match="4 rows a batch, which 3 ranks do not divide. Make .* multiple of 96"):
        check_ranks(stages, 3)
    with pytest.raises(TrainerError, match="each of 4 ranks has 1 rows, which micro_batch_rows"):
        check_ranks(stages, 4)
    check_ranks(make_config().stages, 4)
    check_ranks(make_config(stage={"micro_batch_rows": 1}).stages, 4)
    check_ranks(stages, 1, shared=16)
    check_ranks(make_config(stage={"sequence_length": 33, "batch_tokens": 33 * 4}).stages, 1)  # no rank shares a row
    with pytest.raises(TrainerError, match="rows of 32, which 32 ranks cannot share: .* a multiple of 64"):
        check_ranks(stages, 1, shared=32)
    with pytest.raises(TrainerError, match="rows of 32, which 3 ranks cannot share: .* a multiple of 6"):
        check_ranks(stages, 1, shared=3)
    check_ranks(stages, 1, shared=2, tensor=16)
    with pytest.raises(TrainerError, match="rows of 32, whose tokens 64 ranks cannot divide: .* a multiple of 64"):
        check_ranks(stages, 1, shared=8, tensor=8)


@pytest.mark.parametrize(
    ("key", "size"), [("num_heads", 6), ("num_kv_heads", 2), ("ffn_size", 42), ("vocab_size", 51)]
)
def test_matrices_that_ranks_do_not_divide_are_refused(key, size):
    shape = {"dim": 24, "num_layers": 1, "num_heads": 12, "num_kv_heads": 4, "ffn_size": 40, "vocab_size": 52}
    if key == "num_heads":
        shape["num_kv_heads"] = 2
    check_tensor_parallel(ModelConfig(**shape), 2)
    with pytest.raises(TrainerError, match=f"model.{key} is {size}, which 4 ranks cannot divide among them") as found:
        check_tensor_parallel(ModelConfig(**shape | {key: size}), 4)
    assert ("Set it to 52, or change run.tensor_parallel" in str(found.value)) == (key == "vocab_size")
