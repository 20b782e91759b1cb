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
from trainer.metrics.memory import check_mask, check_memory, estimate_memory, fullest_stage, host_memory


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


def shape(stage: dict | None = None, **run: object) -> dict[str, int]:
    """The estimate for 1,000 parameters: two layers of width 8, a feed-forward of 16, one of two heads for keys, 10 words."""
    model = ModelConfig(dim=8, num_layers=2, num_heads=2, num_kv_heads=1, ffn_size=16, vocab_size=10)
    settings = {"name": "a", "tokens": 64, "sequence_length": 16, "batch_tokens": 64} | (stage or {})
    config = Config(
        model=model,
        stages=(StageConfig(**settings, learning_rate=LearningRate(shape="constant")),),
        optimizer=OptimizerConfig(peak_lr=1e-3),
        run=RunConfig(**run),  # type: ignore[arg-type]
    )
    return estimate_memory(config, config.stages[0], 1000, run.pop("ranks", 1))  # type: ignore[arg-type]


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
