"""Where the time of one step goes, and its memory: what ``run.profile_step`` writes.

RUN/profile/step-00000020.json.gz          a trace, for https://ui.perfetto.dev or chrome://tracing
RUN/profile/step-00000020-memory.pickle    on a GPU: every allocation, for https://docs.pytorch.org/memory_viz
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

ALLOCATIONS = 200_000
"""The latest so many allocations and releases are kept."""


class StepProfiler:
    """Profiles the step with the number ``step``; nothing without one."""

    def __init__(self, step: int | None, run_dir: Path, device: torch.device) -> None:
        self._step, self._folder, self._device = step, run_dir / "profile", device

    @contextmanager
    def around(self, step: int) -> Iterator[None]:
        """To be entered for the step with the number ``step``."""
        if step != self._step:
            yield
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"step-{step:08d}"
        on_gpu = self._device.type == "cuda"
        if on_gpu:
            torch.cuda.memory._record_memory_history(max_entries=ALLOCATIONS)
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
        with profile(activities=activities, record_shapes=True, profile_memory=True) as found:
            yield
            if on_gpu:
                torch.cuda.synchronize(self._device)
        found.export_chrome_trace(f"{path}.json.gz")
        if on_gpu:
            torch.cuda.memory._dump_snapshot(f"{path}-memory.pickle")
            torch.cuda.memory._record_memory_history(enabled=None)
