from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.trainer.metrics.test_mfu import parameters
from trainer.config.loader import load_config
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.memory import check_memory, estimate_memory


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
