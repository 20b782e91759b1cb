"""Which checkpoints stay for good, how many will lie on the disk, and when a run is warned of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.checkpoint import store
from trainer.config.run_config import RunConfig
from trainer.config.schema import LearningRate, StageConfig
from trainer.distributed.ranks import Ranks
from trainer.training.saving import Saving, checkpoints_to_come, state_bytes

ALONE = Ranks(0, 1, torch.device("cpu"), None)
# Two stages of four steps, of 10 tokens and of 20.
STAGES = [
    StageConfig(name=name, tokens=4 * tokens, sequence_length=10, batch_tokens=tokens, learning_rate=LearningRate(shape="constant"))
    for name, tokens in (("first", 10), ("second", 20))
]  # fmt: skip


def run(every: int = 2, keep: int = 3, keep_every: int | None = None) -> RunConfig:
    return RunConfig(checkpoint_every=every, keep_checkpoints=keep, keep_every=keep_every)


@pytest.mark.parametrize(
    ("settings", "step", "tokens", "there", "expected"),
    [
        (run(), 0, 0, 0, 6),  # three, one that is written, and two ends of stages
        (run(keep=1), 0, 0, 0, 4),
        (run(), 0, 0, 3, 3),
        (run(), 0, 0, 4, 2),
        (run(), 0, 0, 9, 2),
        (run(keep_every=4), 0, 0, 0, 8),
        (run(keep=9, keep_every=4), 0, 0, 0, 4 + 2 + 2),  # no more than are written at all
        (run(every=8), 0, 0, 0, 1 + 2),
        (run(every=9), 0, 0, 0, 2),
        (run(), 3, 30, 0, 2 + 2),
        (run(), 4, 40, 0, 2 + 1),
        (run(), 7, 100, 0, 0 + 1),
        (run(), 8, 120, 0, 0),
    ],
)
def test_checkpoints_to_come(settings: RunConfig, step: int, tokens: int, there: int, expected: int) -> None:
    assert checkpoints_to_come(STAGES, settings, step, tokens, there) == expected


def test_without_a_past_all_are_to_come() -> None:
    assert checkpoints_to_come(STAGES, run()) == 6


@pytest.mark.parametrize(
    ("step", "tokens", "keep_every", "stays"),
    [
        (2, 20, None, False),
        (4, 40, None, True),
        (8, 120, None, True),
        (5, 60, None, False),
        (6, 80, 2, True),
        (5, 60, 2, False),
    ],
)
def test_ends_of_stages_and_every_so_many_stay_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, tokens: int, keep_every: int | None, stays: bool
) -> None:
    saved: list[tuple[Any, ...]] = []
    monkeypatch.setattr(store, "save", lambda *arguments: saved.append(arguments))
    saving = Saving(tmp_path, STAGES, run(keep_every=keep_every), ALONE)
    saving.before_update()
    saving.save(step, tokens, {"seen": 1}, {})
    saving.finish()
    assert saved == [(tmp_path, step, {"seen": 1, "permanent": stays}, {}, 3)]


def test_a_disk_without_room_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {"model": {"a": torch.zeros(10)}}
    size = store.size_of(tensors)
    saving = Saving(tmp_path, STAGES, run(), ALONE)
    monkeypatch.setattr(store, "free_bytes", lambda path: 6 * size)
    assert saving.warning_of_disk(0, 0, tensors) is None
    monkeypatch.setattr(store, "free_bytes", lambda path: 6 * size - 1)
    said = saving.warning_of_disk(0, 0, tensors)
    assert said is not None and said.startswith(
        f"Warning: 6 checkpoints of {size:,} bytes are to come, and the disk of"
    )
    assert saving.warning_of_disk(4, 40, tensors) is None
    monkeypatch.setattr(store, "steps", lambda path: [2, 4, 6])
    assert saving.warning_of_disk(0, 0, tensors) is None


def test_a_checkpoint_has_weights_two_moments_and_perhaps_a_mean() -> None:
    assert (state_bytes(10, averaged=False), state_bytes(10, averaged=True)) == (120, 160)
