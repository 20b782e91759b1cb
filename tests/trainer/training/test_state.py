"""What a checkpoint keeps of a run, and what of it a run takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from trainer.checkpoint import store
from trainer.config.schema import OptimizerConfig
from trainer.distributed.ranks import Ranks
from trainer.optim.weight_averaging import Average
from trainer.training.state import TrainingState

ALONE = Ranks(0, 1, torch.device("cpu"), None)
COUNTERS = {
    "step": 3, "tokens": 96, "seconds": 1.5, "window_seconds": 0.5, "window_lengths": 7.0, "averaged": 2,
}  # fmt: skip


def new() -> TrainingState:
    torch.manual_seed(1)
    return TrainingState.new(nn.Linear(2, 1), OptimizerConfig(peak_lr=1.0, skip_sigmas=5.0), ["margin"], ALONE)


def filled() -> TrainingState:
    """After three steps, of which two are in a mean; every tensor has numbers of its own."""
    state = new()
    state.step, state.tokens, state.seconds = 3, 96, 1.5
    state.window.seconds, state.window.lengths, state.window.stall = 0.5, 7.0, 9.0
    state.average = Average(state.model, 2)
    with torch.no_grad():
        for number, tensors in enumerate(state.tensors().values(), 1):
            for place, tensor in enumerate(tensors.values(), 1):
                tensor.fill_(10 * number + place)
    return state


def written(tmp_path: Path, state: TrainingState, **facts: Any) -> store.Checkpoint:
    store.save(tmp_path, state.step, {**state.facts(), **facts}, state.tensors(), keep=1)
    found = store.latest(tmp_path)
    assert found is not None
    return found


def plain(state: TrainingState) -> dict[str, dict[str, Any]]:
    return {
        group: {name: t.nan_to_num(-1).tolist() for name, t in tensors.items()}
        for group, tensors in state.tensors().items()
    }


def test_a_new_state_has_done_nothing() -> None:
    state = new()
    assert state.facts() == dict.fromkeys(COUNTERS, 0)
    assert list(state.window.sums) == ["loss", "labels", "margin"]
    assert list(state.tensors()) == ["model", "optimizer", "guard", "window"]
    # Five standard deviations, and not another number of them.
    taken = [bool(state.guard.step(state.optimizer, torch.tensor(norm))) for norm in [1.0, 2.0] * 64 + [3.9, 4.6]]
    assert taken == [False] * 129 + [True]


def test_all_of_it_comes_back(tmp_path: Path) -> None:
    state = filled()
    assert state.facts() == COUNTERS
    again = new()
    again.restore(written(tmp_path, state), ALONE)
    assert again.facts() == COUNTERS and again.window.stall == 0
    assert plain(again) == plain(state)


def test_a_state_without_a_mean_comes_back_without_one(tmp_path: Path) -> None:
    state = filled()
    state.average = None
    again = new()
    again.restore(written(tmp_path, state), ALONE)
    assert again.average is None and again.facts() == COUNTERS | {"averaged": 0}


def test_an_import_has_weights_alone_and_no_counters(tmp_path: Path) -> None:
    state, again = filled(), new()
    before = plain(again)
    store.save(tmp_path, 0, {"imported": True}, {"model": state.tensors()["model"]}, keep=1)
    found = store.latest(tmp_path)
    assert found is not None
    again.restore(found, ALONE)
    assert again.facts() == dict.fromkeys(COUNTERS, 0)
    assert plain(again) == before | {"model": plain(state)["model"]}


def test_what_was_summed_up_is_left_to_the_first_rank(tmp_path: Path) -> None:
    saved, second = written(tmp_path, filled()), new()
    second.restore(saved, Ranks(1, 2, torch.device("cpu"), None))
    assert [tensor.item() for tensor in second.window.sums.values()] == [0, 0, 0]
    assert second.step == 3


@pytest.mark.parametrize("imported", [False, True])
def test_a_branch_has_weights_and_moments_and_no_counters(tmp_path: Path, imported: bool) -> None:
    state, again = filled(), new()
    before = plain(again)
    again.branch(written(tmp_path, state, imported=imported))
    assert again.facts() == dict.fromkeys(COUNTERS, 0) and again.average is None
    taken = ("model",) if imported else ("model", "optimizer")
    assert plain(again) == before | {name: plain(state)[name] for name in taken}
