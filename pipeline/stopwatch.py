"""How long this process has spent in each stage: for bench/, which runs the mill in one process and one thread.

Wall-clock seconds, since a stage may wait for the parser's process. What no stage claims is Beam's and ours: moving
elements, writing and committing files, starting up.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS: defaultdict[str, float] = defaultdict(float)
"""Seconds by stage, since the process began."""
MILLISECONDS = "milliseconds"
"""The count of a receipt that says what its unit has taken by stage."""


def since(before: Mapping[str, float]) -> dict[str, int]:
    """Whole milliseconds by stage that this process has spent since :data:`SECONDS` were ``before``."""
    spent = {stage: round(1000 * (seconds - before.get(stage, 0.0))) for stage, seconds in SECONDS.items()}
    return {stage: milliseconds for stage, milliseconds in spent.items() if milliseconds}


@contextmanager
def measure(stage: str) -> Iterator[None]:
    """Adds the time that the block takes to ``stage``. Blocks must not contain each other."""
    started = time.perf_counter()
    try:
        yield
    finally:
        SECONDS[stage] += time.perf_counter() - started


def measured(stage: str) -> Callable[[Callable], Callable]:
    """A decorator that measures every call of a function; of a generator, what happens within it alone."""

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*arguments, **settings):
            with measure(stage):
                return function(*arguments, **settings)

        @functools.wraps(function)
        def steps(*arguments, **settings):
            yield from _measured_steps(stage, function(*arguments, **settings))

        return steps if inspect.isgeneratorfunction(function) else call

    return decorate


def _measured_steps(stage: str, steps: Iterator) -> Iterator:
    while True:
        started = time.perf_counter()
        try:
            step = next(steps)
        except StopIteration:
            return
        finally:
            SECONDS[stage] += time.perf_counter() - started
        yield step


def cpu_seconds() -> float:
    """CPU time of this process, of all that it has started, and of what these have (of those that still run, where the system
    says so: Linux)."""
    waited = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in waited) + sum(map(_cpu_seconds_of, _running_descendants()))


def memory_bytes() -> int:
    """What this process holds in memory now or, where the system doesn't say that, at the most so far."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def running_children(process: int | None = None) -> list[int]:
    """The processes that this one, or another, has started and that still run, where the system says so (Linux)."""
    found: list[int] = []
    for listed in Path(f"/proc/{'self' if process is None else process}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has just ended
            found += map(int, listed.read_text().split())
    return found


def _running_descendants() -> Iterator[int]:
    left = running_children()
    while left:
        process = left.pop()
        yield process
        with contextlib.suppress(OSError):  # it has just ended
            left += running_children(process)


def _cpu_seconds_of(process: int) -> float:
    try:
        # Behind the name, which may hold anything, in brackets: user and system time, and those of its own children.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has just ended
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
