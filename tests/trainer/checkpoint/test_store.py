from __future__ import annotations

import json
import os
import pickle
import resource
from pathlib import Path

import pytest
import torch
import torch.distributed.checkpoint as dcp

from trainer.checkpoint import store
from trainer.errors import TrainerError


def save(run: Path, step: int, keep: int = 2) -> None:
    store.save(run, step, {"step": step}, {"model": {"w": torch.full((2,), float(step))}}, keep)


def weights(path: Path) -> torch.Tensor:
    tensors = {"model": {"w": torch.zeros(2)}}
    store.load(path, tensors)
    return tensors["model"]["w"]


def test_latest_is_loaded_and_the_last_few_are_kept(tmp_path):
    assert store.latest(tmp_path) is None
    for step in (5, 10, 15, 100):
        save(tmp_path, step)
    assert [path.name for path in store.steps(tmp_path)] == ["step-00000015", "step-00000100"]
    found = store.latest(tmp_path)
    assert found.facts["step"] == 100
    assert torch.equal(weights(found.path), torch.full((2,), 100.0))


@pytest.mark.parametrize("moment", ["among the tensors", "before the rename"])
def test_death_while_writing_leaves_the_last_good_one(tmp_path, monkeypatch, moment):
    save(tmp_path, 1)

    class Killed(BaseException):
        pass

    def die(state, checkpoint_id):
        checkpoint_id.mkdir()
        (checkpoint_id / "__0_0.distcp").write_bytes(b"half of it")
        raise Killed

    rename = Path.rename

    def die_renaming(self, target):
        if Path(target).name.startswith("step-"):  # torch renames files of its own
            raise Killed
        return rename(self, target)

    with monkeypatch.context() as patch:
        if moment == "among the tensors":
            patch.setattr(dcp, "save", die)
        else:
            patch.setattr(Path, "rename", die_renaming)
        with pytest.raises(Killed):
            save(tmp_path, 2)
    assert store.latest(tmp_path).facts["step"] == 1
    save(tmp_path, 2)
    assert torch.equal(weights(store.latest(tmp_path).path), torch.full((2,), 2.0))
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["step-00000001", "step-00000002"]


class Payload:
    ran = False

    def __reduce__(self):
        return setattr, (Payload, "ran", True)


def test_code_in_a_checkpoint_does_not_run(tmp_path):
    save(tmp_path, 1)
    path = store.latest(tmp_path).path
    (path / ".metadata").write_bytes(pickle.dumps(Payload()))
    (path / "SHA256SUMS").unlink()  # as an earlier version wrote it
    (path / "facts.json").write_text("{}")
    with pytest.raises(TrainerError, match="step-00000001 cannot be read .*builtins.setattr, which no checkpoint"):
        weights(path)
    assert not Payload.ran


def test_bytes_in_a_checkpoint_are_not_unpickled(tmp_path):
    dcp.save({"model": {"w": Payload()}}, checkpoint_id=tmp_path)
    with pytest.raises(TrainerError, match="BytesStorageMetadata"):
        weights(tmp_path)
    assert not Payload.ran


def test_damage_gets_a_sentence(tmp_path):
    save(tmp_path, 1)
    path = store.latest(tmp_path).path
    tensors = next(path.glob("*.distcp"))
    tensors.write_bytes(tensors.read_bytes()[:50])
    with pytest.raises(TrainerError, match="step-00000001 cannot be read .* Remove it"):
        weights(path)
    (path / "facts.json").write_text("{")
    with pytest.raises(TrainerError, match="step-00000001 cannot be read"):
        store.latest(tmp_path)


@pytest.mark.parametrize("name", ["__0_0.distcp", ".metadata", "facts.json"])
def test_a_flipped_bit_is_refused(tmp_path, name):
    save(tmp_path, 1)
    path = store.latest(tmp_path).path
    content = bytearray((path / name).read_bytes())
    place = content.index(b"1") if name == "facts.json" else len(content) // 2
    content[place] ^= 2
    (path / name).write_bytes(content)
    with pytest.raises(
        TrainerError, match=f"step-00000001 cannot be read .{name} is not what was written, by its sha"
    ):
        weights(store.latest(tmp_path).path)


def test_missing_hashes_are_refused_and_those_of_a_later_format(tmp_path):
    save(tmp_path, 1)
    path = store.latest(tmp_path).path
    (path / "SHA256SUMS").unlink()
    with pytest.raises(TrainerError, match="SHA256SUMS"):
        store.latest(tmp_path)
    (path / "facts.json").write_text('{"format": 99}')
    with pytest.raises(TrainerError, match="format 99, that of a later version: update"):
        store.latest(tmp_path)


def test_a_checkpoint_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    save(tmp_path, 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = {"model": {"w": torch.zeros(100_000)}}
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))  # as a full disk, in the middle of a file
    try:
        with pytest.raises(TrainerError, match="step 2, 400,000 bytes, cannot be written to .*step-00000002 .*free"):
            store.save(tmp_path, 2, {}, big, keep=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000001"]
    save(tmp_path, 2)
    assert store.latest(tmp_path).facts["step"] == 2


def test_permanent_ones_stay(tmp_path):
    for step in range(1, 8):
        store.save(tmp_path, step, {"permanent": step in (1, 4)}, {"model": {"w": torch.zeros(2)}}, keep=2)
    assert [int(path.name[-1]) for path in store.steps(tmp_path)] == [1, 4, 6, 7]


def test_all_of_it_is_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    flushed: list[str] = []
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}").removeprefix(f"{tmp_path}/"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    save(tmp_path, 3)
    written = "checkpoints/tmp-step-00000003"
    assert {f"{written}/facts.json", f"{written}/SHA256SUMS", written, "checkpoints"} <= set(flushed)
    assert flushed[-2:] == [written, "checkpoints"]  # the folder's own entry last, once it is renamed


def test_a_checkpoint_names_its_format(tmp_path):
    save(tmp_path, 3)
    assert json.loads((store.latest(tmp_path).path / "facts.json").read_text()) == {"format": 2, "step": 3}
