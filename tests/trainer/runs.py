"""What tests of whole training runs share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch.distributed.checkpoint import FileSystemReader

from trainer.checkpoint import store
from trainer.metrics.run_log import read_metrics
from trainer.training.loop import TrainingLoop


@contextmanager
def stopped_in_step(number: int) -> Iterator[None]:
    """Within it, a run is asked to stop (SIGTERM) while its step ``number`` is under way."""
    original = TrainingLoop.train_step

    def train_step(self):
        if self.state.step == number - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingLoop, "train_step", train_step)
        yield


def figures(run: Path) -> list[dict]:
    """The run's metrics without those that a clock or the device's memory makes."""
    others = ("seconds", "tokens_per_second", "data_stall", "mfu", "memory")
    return [{k: v for k, v in line.items() if k not in others} for line in read_metrics(run)]


def same_state(a: Path, b: Path) -> bool:
    """Whether two runs ended in the same weights, moments, counters, places in their data and losses, to the last
    bit."""
    one, two = store.latest(a), store.latest(b)
    clocks = {"seconds", "window_seconds"}
    facts = [{name: fact for name, fact in saved.facts.items() if name not in clocks} for saved in (one, two)]
    tensors = [_all_tensors(one.path), _all_tensors(two.path)]
    return (
        facts[0] == facts[1]
        and tensors[0].keys() == tensors[1].keys()
        and all(torch.equal(tensors[0][name], tensors[1][name]) for name in tensors[0])
        and figures(a) == figures(b)
    )


def _all_tensors(path: Path) -> dict[str, torch.Tensor]:
    described = FileSystemReader(path).read_metadata().state_dict_metadata
    tensors = {name: torch.empty(entry.size, dtype=entry.properties.dtype) for name, entry in described.items()}
    store.load(path, tensors)
    return {name: tensor.nan_to_num(-1) for name, tensor in tensors.items()}
