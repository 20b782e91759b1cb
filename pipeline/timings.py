"""``timings.json``: what each phase of a run has taken, apart from everything that is the same at each run.

    phases    begin and end (UTC), seconds of wall clock, CPU seconds of this machine's processes, units, rows and bytes written; where it was taken over, no times
    stages    seconds that workers spent in the stages of units that don't depend on each other (:mod:`pipeline.stopwatch`)
    retries   how often stores had to be asked again, by what had gone wrong (:mod:`pipeline.retries`)
    command, host, peak memory of the driver

``beside``: the phase worked beside others, whose times have its seconds in them. A phase that was stopped and continued has the times of its last start. Times lie in ``work/PHASE/time.json`` until then.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pipeline import retries, storage
from pipeline.listing import Manifest
from pipeline.run_state import PARTS, RunState
from pipeline.stages import PHASES
from pipeline.stopwatch import MILLISECONDS, cpu_seconds

NAME = "timings.json"


@contextmanager
def timed(run_dir: str, phase: str, beside: bool = False) -> Iterator[None]:
    """Notes when the block, which runs a phase, began and ended; ``beside``: whether others run at the same time."""
    begin, cpu = datetime.now(UTC), cpu_seconds()
    yield
    end = datetime.now(UTC)
    said = {
        "begin": begin.isoformat(timespec="seconds"),
        "end": end.isoformat(timespec="seconds"),
        "seconds": round((end - begin).total_seconds(), 3),
        "cpu_seconds": round(cpu_seconds() - cpu, 3),
        **({"beside": True} if beside else {}),
    }
    storage.write_bytes(_path(run_dir, phase), storage.dump_json(said))


def one_by_one(phases: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the phases of ``timings.json`` whose times add up to what the run has taken."""
    return [phase for phase in phases if "seconds" in phase and not phase.get("beside")]


def describe(state: RunState) -> dict[str, Any]:
    """What ``timings.json`` says of a run whose phases are done."""
    phases = [state.manifests[phase] for phase in PHASES if phase in state.manifests]
    stages: Counter[str] = Counter()
    asked_again = Counter(retries.take_counts())
    for manifest in state.manifests.values():
        if manifest.phase != PARTS:
            stages.update(manifest.totals(MILLISECONDS))
            asked_again.update(manifest.totals(retries.COUNT))
    return {
        "command": sys.argv,
        "host": platform.node(),
        "driver_peak_mib": _peak_mib(),
        "phases": [
            {"phase": manifest.phase, **_times(state.dir, manifest.phase), **_sizes(manifest)} for manifest in phases
        ],
        "stages": {stage: spent / 1000 for stage, spent in sorted(stages.items())},
        "retries": dict(sorted(asked_again.items())),
    }


def _sizes(manifest: Manifest) -> dict[str, Any]:
    rows: Counter[str] = Counter()
    size = 0
    for receipt in manifest.receipts():
        for file in receipt.files:
            rows[file.role] += file.rows
            size += file.bytes
    return {"units": manifest.units, "rows": dict(sorted(rows.items())), "bytes": size}


def _times(run_dir: str, phase: str) -> dict[str, Any]:
    path = _path(run_dir, phase)
    return {} if storage.size(path) is None else json.loads(storage.read_bytes(path))


def _path(run_dir: str, phase: str) -> str:
    return storage.join(run_dir, "work", phase, "time.json")


def _peak_mib() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)  # there in bytes, elsewhere in KiB
