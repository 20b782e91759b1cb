"""What several workers gain: ``python -m bench.workers [--workers 1 2 4] [--rounds 1] [--set KEY=VALUE] CRAWL...``

The command line as people use it, start and report in it, in turns with so many workers each round; every run must write the
bytes of the first. Prints seconds of wall and CPU by phase (none of phases that work beside others), the ratio to one worker, for how much of the wall no more than one
core was at work (which no further worker shortens), and memory: of all processes together, each page counted once, and of the largest of each kind. Wall
means something on a machine that does nothing else. Linux alone.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_LOOKED = 0.1
# Memory is asked for less often: the kernel walks through all pages of a process to answer.
_MEMORY_EVERY = 5
_ONE_CORE = 1.2
_TICKS = os.sysconf("SC_CLK_TCK")
# How processes are told apart, by their command lines; those that were forked have the command line of their parent: workers,
# and the server that forks them, the driver's.
_KINDS = {"parsers.parser_process": "parser", "gristmill": "worker"}


@dataclass
class Run:
    """What a run took; memory in MiB, by kind of process."""

    workers: int
    wall: float
    cpu: float = 0.0
    alone: float = 0.0
    together: float = 0.0
    largest: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    phases: dict[str, tuple[float, float]] = field(default_factory=dict)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crawl", nargs="+", metavar="CRAWL", help="WARC files or globs")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4], metavar="N")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of the recipe"
    )
    arguments = parser.parse_args()
    wrote: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
        for number in range(arguments.rounds):
            found = []
            for workers in arguments.workers:
                output = Path(folder) / f"run-{number}-{workers}"
                found.append(measure(arguments.crawl, output, workers, arguments.changes))
                wrote.add(_bytes_of(output))
            _print_table(found)
    print("all runs wrote the same bytes" if len(wrote) == 1 else "the runs did NOT write the same bytes")
    return int(len(wrote) > 1)


def measure(crawl: list[str], output: Path, workers: int, changes: list[str]) -> Run:
    """One run, watched from outside."""
    command = [sys.executable, "-m", "gristmill", "run", "llama3", "--output", str(output), "--workers", str(workers)]
    command += ["--progress", "none", "--input", *crawl]
    for change in changes:
        command += ["--set", change]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    run = Run(workers, 0.0)
    looks, before, last = 0, 0.0, began
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        now = time.monotonic()
        if ended:
            break
        family = _family(process.pid)
        cpu = sum(map(_cpu_of, family))
        if cpu - before < _ONE_CORE * (now - last):
            run.alone += now - last
        before, last = cpu, now
        if looks % _MEMORY_EVERY == 0:
            _look_at_memory(run, process.pid, family)
        looks += 1
        time.sleep(_LOOKED)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run with {workers} workers ended with status {process.returncode}")
    run.wall, run.cpu = now - began, usage.ru_utime + usage.ru_stime
    said = json.loads((output / "timings.json").read_text("utf-8"))
    run.phases = {
        each["phase"]: (0.0, 0.0) if each.get("beside") else (each["seconds"], each["cpu_seconds"])
        for each in said["phases"]
    }
    return run


def _look_at_memory(run: Run, driver: int, family: list[int]) -> None:
    together = 0.0
    for process in family:
        resident, own = _memory_of(process)
        together += own
        kind = "driver" if process == driver else _kind_of(process)
        run.largest[kind] = max(run.largest[kind], resident)
    run.together = max(run.together, together)


def _family(process: int) -> list[int]:
    """A process and all that it and they have started."""
    found = [process]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # a thread that has just ended
                found += map(int, listed.read_text().split())
    return found


def _cpu_of(process: int) -> float:
    """Seconds of CPU of a process and of those of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _memory_of(process: int) -> tuple[float, float]:
    """MiB that a process has in memory, and its share of them: of a page that N processes share it has an N-th."""
    sizes = defaultdict(float)
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            name, kib = line.split()[:2]
            sizes[name] = int(kib) / 1024
    return sizes["Rss:"], sizes["Pss:"]


def _kind_of(process: int) -> str:
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_text()
        return next((kind for part, kind in _KINDS.items() if part in command), "other")
    return "other"


def _bytes_of(output: Path) -> str:
    """A hash of all that a run has written for others."""
    found = hashlib.sha256()
    for folder in ("documents", "tokens", "rejected", "failed", "rejected_texts", "duplicates"):
        listed = json.loads((output / folder / "_manifest.json").read_text("utf-8"))["files"]
        for file in listed:
            found.update(hashlib.sha256((output / folder / file["path"]).read_bytes()).digest())
    found.update((output / "ledger.json").read_bytes())
    return found.hexdigest()


def _print_table(found: list[Run]) -> None:
    print(f"\n{'s wall, s CPU':<16}" + "".join(f"{run.workers:>8} workers" for run in found))
    for phase in found[0].phases:
        print(f"{phase:<16}" + "".join("{:>8.1f},{:>7.1f}".format(*run.phases[phase]) for run in found))
    beside = [(run.wall - sum(wall for wall, _ in run.phases.values()), run) for run in found]
    print(
        f"{'beside them':<16}"
        + "".join(f"{rest:>8.1f},{run.cpu - sum(cpu for _, cpu in run.phases.values()):>7.1f}" for rest, run in beside)
    )
    print(f"{'all':<16}" + "".join(f"{run.wall:>8.1f},{run.cpu:>7.1f}" for run in found))
    print(f"{'times as fast':<16}" + "".join(f"{found[0].wall / run.wall:>16.2f}" for run in found))
    print(f"{'one core at work':<16}" + "".join(f"{run.alone / run.wall:>16.0%}" for run in found))
    print(f"{'MiB, all':<16}" + "".join(f"{run.together:>16,.0f}" for run in found))
    for kind in ("driver", "worker", "parser"):
        print(f"{'MiB, a ' + kind:<16}" + "".join(f"{run.largest.get(kind, 0.0):>16,.0f}" for run in found))


if __name__ == "__main__":
    raise SystemExit(main())
