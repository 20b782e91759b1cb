from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.trainer.metrics.test_mfu import parameters
from trainer.config.loader import load_config
from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.config.schema import Config, LearningRate, OptimizerConfig, StageConfig
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.memory import (
    check_mask,
    check_memory,
    estimate_memory,
    fullest_stage,
    host_memory,
    memory_sentence,
)


def test_memory_falls_with_ranks_recomputation_and_shorter_micro_batches():
    config = load_config("llama3-1b")
    stage = dataclasses.replace(config.stages[1], batch_tokens=16 * 8192, micro_batch_rows=2)
    count = parameters(config.model)

    def total(ranks: int = 1, rows: int = 2, **run: object) -> float:
        changed = dataclasses.replace(config, run=dataclasses.replace(config.run, **run))
        one = dataclasses.replace(stage, micro_batch_rows=rows)
        return sum(estimate_memory(changed, one, count, ranks).values())

    assert estimate_memory(config, stage, count, 1)["weights, gradients, optimizer"] == 16 * count
    assert total(8) < total(4) < total(1)
    assert total(rows=1) < total(rows=2) < total(rows=4)
    recomputed = [total(activation_checkpointing=kind) for kind in ("full", "selective", "none")]
    assert recomputed == sorted(recomputed) and recomputed[0] < recomputed[2]
    assert total(8, context_parallel=2) < total(8)
    assert total(8, tensor_parallel=2) < total(8)
    assert total(8, reshard_after_forward=True) < total(8)


def test_what_cannot_fit_says_what_to_change(monkeypatch):
    config = load_config("llama3-8b", ["run.attention=flex"])
    small = dataclasses.replace(config, stages=(dataclasses.replace(config.stages[0], batch_tokens=4096),))

    class Properties:
        total_memory = 80 << 30

    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: Properties)
    gpu = torch.device("cuda", 0)
    with pytest.raises(TrainerError, match=r"about \d+.\d GiB .* The GPU has 80.0. Use more GPUs, or a smaller model"):
        check_memory(small, parameters(config.model), Ranks(0, 1, gpu, None))
    many = dataclasses.replace(
        small, stages=(dataclasses.replace(config.stages[0], batch_tokens=128 * 4096 * 8, micro_batch_rows=None),)
    )
    with pytest.raises(TrainerError, match="Lower the stage's micro_batch_rows"):
        check_memory(many, parameters(config.model), Ranks(0, 8, gpu, None))
    fits = check_memory(small, parameters(load_config("llama3-1b").model), Ranks(0, 1, gpu, None))
    assert fits.startswith("Memory: about ")


def test_what_cannot_fit_the_machine_of_a_cpu_is_refused(monkeypatch):
    monkeypatch.setattr("trainer.metrics.memory.host_memory", lambda: 8 << 30)
    config, ranks = load_config("debug", ["model.vocab_size=8192"]), Ranks(0, 1, torch.device("cpu"), None)
    assert "Memory: about" in check_memory(config, 3_000_000, ranks)
    with pytest.raises(TrainerError, match=r"For each rank this machine has 8.0. Use more GPUs, or a smaller model"):
        check_memory(config, 8_000_000_000, ranks)


def test_ranks_of_one_host_share_its_memory(monkeypatch):
    monkeypatch.setattr("trainer.metrics.memory.host_memory", lambda: 64 << 30)
    config, ranks = load_config("debug", ["model.vocab_size=8192"]), Ranks(0, 4, torch.device("cpu"), None)
    assert "Memory: about" in check_memory(config, 3_000_000_000, ranks)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "8")
    with pytest.raises(TrainerError, match=r"For each rank this machine has 8\.0\. Use more GPUs"):
        check_memory(config, 3_000_000_000, ranks)


@pytest.mark.parametrize(("more", "fits"), [(1.24, True), (1.26, False)])
def test_an_estimate_may_be_wrong_by_a_quarter(monkeypatch, more, fits):
    config, ranks = load_config("debug", ["model.vocab_size=8192"]), Ranks(0, 1, torch.device("cpu"), None)
    needed = sum(fullest_stage(config, 10_000_000, 1)[1].values())
    monkeypatch.setattr("trainer.metrics.memory.host_memory", lambda: int(needed / more))
    if fits:
        check_memory(config, 10_000_000, ranks)
    else:
        with pytest.raises(TrainerError, match="For each rank"):
            check_memory(config, 10_000_000, ranks)


def shape(stage: dict | None = None, ranks: int = 1, **run: object) -> dict[str, int]:
    """The estimate for 1,000 parameters: two layers of width 8, a feed-forward of 16, one of two heads for keys, 10 words."""
    model = ModelConfig(dim=8, num_layers=2, num_heads=2, num_kv_heads=1, ffn_size=16, vocab_size=10)
    settings = {"name": "a", "tokens": 64, "sequence_length": 16, "batch_tokens": 64} | (stage or {})
    config = Config(
        model=model,
        stages=(StageConfig(**settings, learning_rate=LearningRate(shape="constant")),),
        optimizer=OptimizerConfig(peak_lr=1e-3),
        run=RunConfig(**run),  # type: ignore[arg-type]
    )
    return estimate_memory(config, config.stages[0], 1000, ranks)


def test_what_each_part_of_the_estimate_is_made_of():
    """Written out by hand from the docstring's account."""
    kept, selected = 8 * 8 + 8 + 4 * 16, 4 * 8 + 4 + 16
    mask, head = 64 * 16, 64 * 10 * 4 * 3 + 4 * 10 * 8
    plain = shape()
    assert plain == {
        "weights, gradients, optimizer": 16_000,
        "gathered weights": 0,
        "activations": 64 * 4 * 2 * kept + mask,
        "head and loss": head,
    }
    assert shape(attention="flex")["activations"] == 64 * 4 * 2 * kept
    assert shape(attention="flex", activation_checkpointing="selective")["activations"] == 64 * 4 * (
        2 * selected + kept
    )
    assert shape(attention="flex", activation_checkpointing="full")["activations"] == 64 * 4 * (2 * 8 + kept)
    half = shape(attention="flex", precision="bf16")
    assert half["activations"] == 64 * 2 * 2 * kept and half["gathered weights"] == 2000
    fewer = shape({"micro_batch_rows": 1}, attention="flex")
    assert fewer["activations"] == 16 * 4 * 2 * kept and fewer["head and loss"] == 16 * 10 * 4 * 3 + 320
    assert shape({"average_every": 1})["weights, gradients, optimizer"] == 20_000


def test_a_mask_that_the_machine_cannot_hold_is_refused(monkeypatch):
    monkeypatch.setattr("trainer.metrics.memory.host_memory", lambda: 5 * 1000**2)
    check_mask(1000, torch.device("cpu"))
    check_mask(1001, torch.device("cuda", 0))
    with pytest.raises(TrainerError, match="A row of 1,001 tokens needs masks of 0.0 GiB"):
        check_mask(1001, torch.device("cpu"))
    monkeypatch.undo()
    assert host_memory() > 1 << 28


def test_what_ranks_share():
    kept = 8 * 8 + 8 + 4 * 16
    # Four ranks have a row each; their weights are gathered.
    four = shape(ranks=4, attention="flex")
    assert four == {
        "weights, gradients, optimizer": 4_000,
        "gathered weights": 4_000,
        "activations": 16 * 4 * 2 * kept,
        "head and loss": 16 * 10 * 4 * 3 + 4 * 10 * 8,
    }
    assert shape({"average_every": 1}, ranks=4)["weights, gradients, optimizer"] == 5_000
    # Two copies are sharded over two ranks each.
    assert shape(ranks=4, data_parallel_replicas=2) == shape(ranks=4) | {"weights, gradients, optimizer": 8_000}
    # Two share a row, and have half of its tokens; with them each rank has two rows.
    shared = shape(ranks=4, context_parallel=2, attention="flex")
    assert shared == four
    masked = shape(ranks=4, context_parallel=2)
    assert masked["activations"] == four["activations"] + 16 * 16
    # Two share each matrix: each has two rows and half of every width.
    assert shape(ranks=4, tensor_parallel=2, attention="flex") == {
        "weights, gradients, optimizer": 4_000,
        "gathered weights": 2_000,
        "activations": 32 * 4 * 2 * kept // 2,
        "head and loss": 32 * 10 * 4 * 3 // 2 + 4 * 10 * 8 // 2,
    }
    # Given back between the passes, two of the layers and the two ends are gathered at a time.
    assert shape(ranks=4, reshard_after_forward=True)["gathered weights"] == 2 * 4_000 // 2 + 2 * 10 * 8 * 4
    divided = shape(ranks=4, reshard_after_forward=True, tensor_parallel=2, precision="bf16")
    assert divided["gathered weights"] == 2 * 1_000 // 2 + 2 * 10 * 8 * 2 // 2


def test_logits_are_of_a_chunk_of_tokens_at_most():
    long = shape({"tokens": 4096 * 4, "sequence_length": 4096, "batch_tokens": 4096 * 4}, attention="flex")
    assert long["head and loss"] == 2048 * 10 * 4 * 3 + 4 * 10 * 8


def test_the_stage_that_needs_most_is_told_with_its_parts():
    config = load_config("debug", ["model.vocab_size=8192"])
    short = dataclasses.replace(config.stages[0], name="short", sequence_length=16, batch_tokens=16)
    long = dataclasses.replace(config.stages[0], name="long")
    config = dataclasses.replace(config, stages=(short, long, dataclasses.replace(short, name="last")))
    stage, parts = fullest_stage(config, 1_000_000, 1)
    assert (stage.name, parts) == ("long", estimate_memory(config, long, 1_000_000, 1))
    gib = 1 << 30
    assert memory_sentence(short, {"a": 3 * gib, "b": gib // 2}) == (
        "Memory: about 3.5 GiB a rank in the stage short (a 3.0, b 0.5)."
    )


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({}, "Use more GPUs, or a smaller model"),
        ({"ranks": 64, "precision": "bf16"}, "Set run.reshard_after_forward=true or raise run.tensor_parallel"),
        ({"rows": 512}, "Lower the stage's micro_batch_rows"),
        ({"vocab": 10_000_000}, "Use a device with more memory"),
    ],
)
def test_the_remedy_is_that_of_the_largest_part(monkeypatch, changes, remedy):
    monkeypatch.setattr("trainer.metrics.memory.host_memory", lambda: 1 << 20)
    rows = changes.get("rows", 64)
    model = ModelConfig(
        dim=8, num_layers=2, num_heads=2, num_kv_heads=1, ffn_size=16, vocab_size=changes.get("vocab", 10)
    )
    stage = StageConfig(
        name="a",
        tokens=rows * 64,
        sequence_length=64,
        batch_tokens=rows * 64,
        learning_rate=LearningRate(shape="constant"),
    )
    run = RunConfig(precision=changes.get("precision", "fp32"), attention="flex")
    config = Config(model=model, stages=(stage,), optimizer=OptimizerConfig(peak_lr=1e-3), run=run)
    ranks = Ranks(0, changes.get("ranks", 1), torch.device("cpu"), None)
    with pytest.raises(TrainerError, match=remedy):
        check_memory(config, 1_000_000, ranks)
