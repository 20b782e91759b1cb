from __future__ import annotations

import pickle

import pytest
import torch

from trainer import checkpoint
from trainer.errors import TrainerError


def test_latest_is_loaded_and_the_last_few_are_kept(tmp_path):
    assert checkpoint.load_latest(tmp_path) is None
    for step in (5, 10, 15, 100):
        checkpoint.save(tmp_path, step, {"step": step, "weights": torch.full((2,), float(step))}, keep=2)
    assert [path.name for path in checkpoint.steps(tmp_path)] == ["step-00000015", "step-00000100"]
    state = checkpoint.load_latest(tmp_path)
    assert state["step"] == 100 and torch.equal(state["weights"], torch.full((2,), 100.0))


@pytest.mark.parametrize("moment", ["in torch.save", "before the rename"])
def test_death_while_writing_leaves_the_last_good_one(tmp_path, monkeypatch, moment):
    checkpoint.save(tmp_path, 1, {"step": 1}, keep=2)

    class Killed(BaseException):
        pass

    def die(state, file):
        file.write(b"half of it")
        raise Killed

    def die_renaming(self, target):
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "in torch.save":
            patch.setattr(torch, "save", die)
        else:
            patch.setattr("pathlib.Path.rename", die_renaming)
        with pytest.raises(Killed):
            checkpoint.save(tmp_path, 2, {"step": 2}, keep=2)
    assert checkpoint.load_latest(tmp_path) == {"step": 1}
    checkpoint.save(tmp_path, 2, {"step": 2}, keep=2)
    assert checkpoint.load_latest(tmp_path) == {"step": 2}
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["step-00000001", "step-00000002"]


class Payload:
    ran = False

    def __reduce__(self):
        return setattr, (Payload, "ran", True)


def test_code_in_a_checkpoint_does_not_run(tmp_path):
    folder = tmp_path / "checkpoints" / "step-00000001"
    folder.mkdir(parents=True)
    with (folder / "state.pt").open("wb") as file:
        torch.save({"step": Payload()}, file, pickle_module=pickle)
    with pytest.raises(TrainerError, match="step-00000001 cannot be read"):
        checkpoint.load_latest(tmp_path)
    assert not Payload.ran
