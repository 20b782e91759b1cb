"""What holds for all tasks: micro-batches and ranks change nothing, and a run goes on to the bit."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch.distributed.checkpoint import FileSystemReader

from tests.trainer.runs import figures, same_state, stopped_in_step
from trainer.checkpoint import store
from trainer.errors import TrainerError
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.base import weights_hash
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig

TASKS = {"sft": (sft, SftConfig), "reward": (reward, RewardConfig), "dpo": (dpo, DpoConfig)}
RANKS = Path(__file__).with_name("ranks.py")


def data_of(name: str, request) -> str:
    return request.getfixturevalue("dialogs" if name == "sft" else "preferences")


def weights(run: Path) -> dict[str, torch.Tensor]:
    path = store.latest(run).path
    described = FileSystemReader(path).read_metadata().state_dict_metadata
    found = {name: torch.empty(entry.size) for name, entry in described.items() if name.startswith("model.")}
    store.load(path, {"model": {name.removeprefix("model."): tensor for name, tensor in found.items()}})
    return found


def assert_close(one: Path, other: Path) -> None:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    for name in a:
        torch.testing.assert_close(a[name], b[name], atol=2e-5, rtol=0, msg=name)
    for line, other_line in zip(figures(one), figures(other), strict=True):
        for name, value in line.items():
            if isinstance(value, float):
                assert other_line[name] == pytest.approx(value, abs=2e-4), (name, line, other_line)


@pytest.mark.parametrize("name", TASKS)
def test_micro_batches_change_nothing(tmp_path, make_base, make_settings, request, name: str) -> None:
    module, config = TASKS[name]
    base, data = make_base(), data_of(name, request)
    for rows in (8, 2):
        settings = make_settings(
            config, batch_rows=8, micro_batch_rows=rows, steps=3, held_out=0.2, optimizer={"eps": 1e-3}
        )
        module.train(settings, base, [data], tmp_path / f"{rows}")
    assert_close(tmp_path / "8", tmp_path / "2")


@pytest.mark.parametrize("name", TASKS)
def test_a_run_that_was_stopped_goes_on_to_the_bit(tmp_path, make_base, make_settings, request, name: str) -> None:
    module, config = TASKS[name]
    base, data = make_base(), data_of(name, request)
    settings = make_settings(config, batch_rows=2, steps=4, held_out=0.2)
    assert module.train(settings, base, [data], tmp_path / "whole").finished
    with stopped_in_step(3):
        assert not module.train(settings, base, [data], tmp_path / "halves").finished
    assert module.train(settings, base, [data], tmp_path / "halves").finished
    assert same_state(tmp_path / "whole", tmp_path / "halves")
    hashes = {weights_hash(store.latest(tmp_path / run)) for run in ("whole", "halves")}
    assert len(hashes) == 1 and hashes != {weights_hash(store.latest(base))}
    before = store.latest(tmp_path / "halves").path.stat().st_mtime_ns
    assert module.train(settings, base, [data], tmp_path / "halves").finished
    assert store.latest(tmp_path / "halves").path.stat().st_mtime_ns == before


def test_a_run_does_not_go_on_with_other_data_or_another_base(tmp_path, make_base, make_settings, dialogs) -> None:
    base, settings = make_base(), make_settings(SftConfig, steps=1)
    sft.train(settings, base, [dialogs], tmp_path / "run")
    with pytest.raises(TrainerError, match="another base"):
        sft.train(settings, make_base("other", seed=1), [dialogs], tmp_path / "run")
    with pytest.raises(TrainerError, match="another the shards|another data|another"):
        sft.train(dataclasses.replace(settings, train="all", sequence_length=80), base, [dialogs], tmp_path / "run")
    with pytest.raises(TrainerError, match="the base itself"):
        sft.train(settings, base, [dialogs], base)


def test_mixtures_repeat_and_leave_out(tmp_path, make_base, make_settings, dialogs) -> None:
    lines = Path(dialogs).read_text().splitlines(keepends=True)
    for name, part in (("a", lines[:10]), ("b", lines[10:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(part))
    data = [f"{name}={tmp_path / name}.jsonl" for name in "ab"]
    base = make_base()
    out = StringIO()
    settings = make_settings(SftConfig, steps=1, mixture={"a": 2.5, "b": 0.1})
    sft.train(settings, base, data, tmp_path / "run", console=Console(file=out, width=300))
    assert "a 10 x 2.5, b 30 x 0.1" in out.getvalue()
    with pytest.raises(TrainerError, match="mixture names c"):
        sft.train(make_settings(SftConfig, mixture={"c": 1.0}), base, data, tmp_path / "other")


def test_two_ranks_train_as_one(tmp_path, make_base, make_settings, dialogs, preferences) -> None:
    """Which shard the weights, and which share each matrix."""
    base = make_base(has_unseen=True)
    jobs = []
    for name, (module, config) in TASKS.items():
        data = dialogs if name == "sft" else preferences
        settings = make_settings(
            config, batch_rows=4, micro_batch_rows=2, steps=2, held_out=0.2, optimizer={"eps": 1e-3}
        )
        module.train(settings, base, [data], tmp_path / name)
        for ranks in (1, 2):
            run = dataclasses.replace(settings.run, tensor_parallel=ranks)
            output = str(tmp_path / f"{name}-{ranks}")
            divided = dataclasses.asdict(dataclasses.replace(settings, run=run))
            jobs.append({"task": name, "config": divided, "base": str(base), "data": data, "output": output})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*command, str(RANKS), str(tmp_path / "jobs.json")], check=False, capture_output=True, text=True, timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for job in jobs:
        assert_close(tmp_path / job["task"], Path(job["output"]))
