"""How far a phase is within its units: what workers write down now and then, and what the driver makes of it.

    work/PHASE/progress/WORKER.json   what one worker has done since this start: overwritten at most every ten seconds

Units hand in receipts when they are done, which may be minutes after they were begun. These files say what has happened since.
They are for people who watch: nothing is counted or decided by them, and a phase that is done has none.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline import storage
from pipeline.commit import new_name
from pipeline.stopwatch import memory_bytes

# Between two writings of a worker: short at first, so that a small run shows what it does.
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10.0
# Files that are read at once.
_QUESTIONS = 32
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What was done since this start of a phase: ``records`` looked at, those of them that were ``kept`` so far, what was
    ``rejected`` by ``stage/reason``, ``bytes`` of input read. ``share``: of the units at work, together, 1 for each whole
    one. ``memory``: bytes that the processes hold."""

    records: int = 0
    kept: int = 0
    bytes: int = 0
    share: float = 0.0
    memory: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PhaseProgress:
    """Phase ``number`` of so many: ``done`` of its ``units``, and the work since this start, within units too."""

    phase: str
    number: int
    of: int
    done: int
    units: int
    work: Work = field(default_factory=Work)

    @property
    def share(self) -> float:
        """How much of the phase is done, from 0 to 1."""
        return 1.0 if self.done >= self.units else min(1.0, (self.done + self.work.share) / self.units)


Progress = Callable[[PhaseProgress], None]
"""Is told now and then how far a phase is, and once when it is done."""


class WorkerProgress:
    """A worker's side: adds up what it does in a phase and writes it down."""

    def __init__(self, run_dir: str, phase: str) -> None:
        self._path = storage.join(_folder(run_dir, phase), f"{new_name()}.json")
        self._records = self._kept = self._bytes = 0
        self._share = self._written_share = 0.0
        self._rejected: Counter[str] = Counter()
        self._since = time.monotonic()
        self._wait = _FIRST_WAIT

    def add(self, share: float, records: int = 0, kept: int = 0, read: int = 0, rejected: Iterable[str] = ()) -> None:
        """``share``: how much of the unit at work is done, from 0 to 1. ``read``: bytes. ``rejected``: ``stage/reason`` of each that went."""
        self._share = share
        self._records += records
        self._kept += kept
        self._bytes += read
        self._rejected.update(rejected)
        if time.monotonic() - self._since >= self._wait:
            self._wait = min(_LONGEST_WAIT, 2 * self._wait)
            self.write()

    def unit_done(self) -> None:
        """The unit counts by its receipt from now on."""
        self._share = 0.0
        if self._written_share:
            self.write()

    def write(self) -> None:
        work = Work(self._records, self._kept, self._bytes, self._share, memory_bytes(), dict(self._rejected))
        self._since, self._written_share = time.monotonic(), self._share
        try:
            storage.write_bytes(self._path, json.dumps({**asdict(work), "process": _process()}).encode())
        except OSError as error:  # a store that fails once mustn't cost the unit
            _log.warning("how far this worker is can't be written down just now: %s", error)


class WorkOfAll:
    """The driver's side: adds up what all workers of a phase have written down."""

    def __init__(self, run_dir: str, phase: str) -> None:
        self._run_dir = run_dir
        self._phase = phase
        self._last: dict[str, dict[str, Any]] = {}

    def read(self) -> Work:
        """The work of all; the memory is this process's too."""
        paths = storage.list_files(_folder(self._run_dir, self._phase))
        if paths:
            with ThreadPoolExecutor(min(_QUESTIONS, len(paths))) as pool:
                # One that is being written just now is as it was before.
                self._last.update(
                    {path: found for path, found in zip(paths, pool.map(_read, paths), strict=True) if found}
                )
        memory = {_process(): memory_bytes()}  # a worker may be a thread of this very process
        rejected: Counter[str] = Counter()
        for said in self._last.values():
            memory[said["process"]] = said["memory"]
            rejected.update(said["rejected"])
        records, kept, read = (
            sum(said[name] for said in self._last.values()) for name in ("records", "kept", "bytes")
        )
        share = sum(said["share"] for said in self._last.values())
        return Work(records, kept, read, share, sum(memory.values()), dict(rejected))


def clear(run_dir: str, phase: str) -> None:
    """Removes what workers have written down."""
    storage.remove_files(storage.list_files(_folder(run_dir, phase)))


def _process() -> str:
    return f"{platform.node()} {os.getpid()}"


def _read(path: str) -> dict[str, Any] | None:
    try:
        return json.loads(storage.read_bytes(path))
    except (FileNotFoundError, ValueError):
        return None  # being written just now


def _folder(run_dir: str, phase: str) -> str:
    return storage.join(run_dir, "work", phase, "progress")
