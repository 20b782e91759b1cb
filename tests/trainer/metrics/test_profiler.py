from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from trainer.metrics.profiler import StepProfiler


def test_one_step_is_profiled_and_no_other(tmp_path: Path) -> None:
    profiler = StepProfiler(20, tmp_path, torch.device("cpu"))
    for step in (19, 20, 21):
        with profiler.around(step):
            torch.ones(3) @ torch.ones(3)
    (path,) = (tmp_path / "profile").iterdir()
    assert path.name == "step-00000020.json.gz"
    events = json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]
    ones = [event for event in events if event.get("name") == "aten::ones"]
    assert len(ones) == 2 and "Input Dims" in str(events), "with the shapes"


def test_on_a_gpu_its_memory_is_recorded_for_that_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(torch.cuda.memory, "_record_memory_history", lambda **how: done.append(str(how)))
    monkeypatch.setattr(torch.cuda.memory, "_dump_snapshot", lambda path: done.append(Path(path).name))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append("wait"))
    asked: list[list[ProfilerActivity]] = []
    monkeypatch.setattr(
        "trainer.metrics.profiler.profile", lambda **how: asked.append(how["activities"]) or profile(**how)
    )
    with StepProfiler(2, tmp_path, torch.device("cuda")).around(2):
        done.append("step")
    with StepProfiler(2, tmp_path / "cpu", torch.device("cpu")).around(2):
        pass
    assert asked == [[ProfilerActivity.CPU, ProfilerActivity.CUDA], [ProfilerActivity.CPU]]
    assert done == [
        "{'max_entries': 200000}", "step", "wait", "step-00000002-memory.pickle", "{'enabled': None}"
    ]  # fmt: skip


def test_without_a_step_nothing_is_written(tmp_path: Path) -> None:
    profiler = StepProfiler(None, tmp_path, torch.device("cpu"))
    for step in range(3):
        with profiler.around(step):
            pass
    assert not [*tmp_path.iterdir()]
