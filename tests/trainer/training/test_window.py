from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import connect
from trainer.training.window import MetricsWindow

RANKS = connect(RunConfig(device="cpu"))
KEPT, SKIPPED = torch.tensor(False), torch.tensor(True)


def sums(loss: float, accuracy: float) -> dict[str, torch.Tensor]:
    return {"loss": torch.tensor(loss), "accuracy": torch.tensor(accuracy)}


def test_means_weigh_steps_by_their_counts_and_leave_out_skipped_ones():
    window = MetricsWindow.empty(["accuracy"], torch.device("cpu"))
    window.add(sums(6.0, 1.0), 2, KEPT)
    window.add(sums(float("nan"), 8.0), 8, SKIPPED)
    window.add(sums(10.0, 3.0), 6, KEPT)
    assert window.means(RANKS) == {"loss": 2.0, "accuracy": 0.5}


@pytest.mark.parametrize(("shard", "left"), [(0, 6.0), (1, 0.0)])
def test_what_ranks_have_together_is_left_to_the_first_of_them(shard: int, left: float) -> None:
    window = MetricsWindow.empty(["accuracy"], torch.device("cpu"))
    window.add(sums(3.0, 1.0), 2, KEPT)
    others: Any = SimpleNamespace(sum=lambda tensor: tensor * 2, shard_rank=shard)
    window.gather(others)
    assert window.sums == {"loss": left, "labels": left * 2 / 3, "accuracy": left / 3}


def test_a_window_of_skipped_steps_has_no_means_and_clearing_forgets_all():
    window = MetricsWindow.empty(["accuracy"], torch.device("cpu"))
    window.add(sums(6.0, 1.0), 2, SKIPPED)
    assert window.means(RANKS) == {"loss": None, "accuracy": None}
    window.add(sums(6.0, 1.0), 2, KEPT)
    window.seconds, window.lengths, window.stall = 1.0, 2.0, 3.0
    window.clear()
    assert window == MetricsWindow.empty(["accuracy"], torch.device("cpu"))
