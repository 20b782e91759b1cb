"""Checkpoints in the background: whole at any moment, and not in the way of the training."""

from __future__ import annotations

import os
import random
import resource
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

from trainer.checkpoint import store
from trainer.checkpoint.background import BackgroundSaver
from trainer.errors import TrainerError


def tensors(value: float, size: int = 1000) -> dict[str, dict[str, torch.Tensor]]:
    return {"model": {"w": torch.full((size,), value)}, "optimizer": {"w.step": torch.tensor(value)}}


def loaded(path: Path, size: int = 1000) -> dict[str, dict[str, torch.Tensor]]:
    found = tensors(-1.0, size)
    store.load(path, found)
    return found


def test_it_saves_what_was_there_when_it_was_asked(tmp_path):
    saver = BackgroundSaver()
    state = tensors(1.0)
    for step in range(1, 6):
        saver.save(tmp_path, step, {"step": step}, state, keep=2)
        saver.wait_for_copy()
        for group in state.values():
            for tensor in group.values():
                tensor += 1
    saver.finish()
    assert [path.name for path in store.steps(tmp_path)] == ["step-00000004", "step-00000005"]
    found = loaded(store.latest(tmp_path).path)
    assert torch.equal(found["model"]["w"], torch.full((1000,), 5.0)) and found["optimizer"]["w.step"] == 5


def test_a_failure_is_raised_where_the_training_asks(tmp_path):
    saver = BackgroundSaver()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))  # as a full disk, in the middle of a file
    try:
        saver.save(tmp_path, 1, {}, tensors(1.0, 100_000), keep=1)
        with pytest.raises(TrainerError, match="cannot be written to .*step-00000001"):
            saver.finish()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    saver.finish()  # once is enough
    saver.save(tmp_path, 2, {"step": 2}, tensors(2.0), keep=1)
    saver.finish()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000002"]


def train_for_ever(run: Path, ready: int) -> None:
    saver, state, step = BackgroundSaver(), tensors(0.0, 200_000), 0
    while True:
        step += 1
        saver.wait_for_copy()
        for group in state.values():
            for tensor in group.values():
                tensor.fill_(float(step))
        saver.save(run, step, {"step": step}, state, keep=2)
        if step == 2:
            os.write(ready, b"x")


def test_a_kill_at_any_moment_leaves_a_whole_checkpoint(tmp_path):
    draw = random.Random(0)
    for number in range(12):
        run = tmp_path / str(number)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                train_for_ever(run, writer)
            finally:
                os._exit(1)
        os.close(writer)
        os.read(reader, 1)
        time.sleep(draw.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        # Whatever bears a step's name is whole, not only the latest.
        for path in store.steps(run):
            step = store.read(path).facts["step"]
            found = loaded(path, 200_000)
            assert torch.equal(found["model"]["w"], torch.full((200_000,), float(step)))
            assert found["optimizer"]["w.step"] == step
        assert store.latest(run).facts["step"] >= 1


def test_training_goes_on_while_a_checkpoint_is_written(tmp_path, monkeypatch):
    write, may_write = store.save, threading.Event()

    def wait_and_write(*arguments, **settings):
        assert may_write.wait(60)
        return write(*arguments, **settings)

    monkeypatch.setattr(store, "save", wait_and_write)
    saver, state = BackgroundSaver(), tensors(1.0)
    saver.save(tmp_path, 1, {"step": 1}, state, keep=1)
    saver.wait_for_copy()  # returns before anything is written
    state["model"]["w"] += 1
    assert store.latest(tmp_path) is None
    may_write.set()
    saver.finish()
    assert torch.equal(loaded(store.latest(tmp_path).path)["model"]["w"], torch.full((1000,), 1.0))
