"""How fast the mill runs: pages per second and core, each stage's share, Beam's own share, peak memory.

    python -m bench.mill CRAWL...                 the recipe as it ships
    python -m bench.mill --growth CRAWL...        1, 4 and 16 copies of the crawl with other words and URLs
    python -m bench.mill --growth --copies 1 4 --limit 200 CRAWL...

One worker, so that everything happens in one process and the parser's. CPU seconds are of both, by the operating
system's accounts; shares are of wall-clock time. Growth ends with CPU time and peak memory by phase. To compare, other pipelines run over the same files in the same
session: datatrove's FineWeb recipe made 13.7 pages per CPU second of the crawl that docs/performance.md speaks of.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from bench.copies import write_copy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crawl", nargs="+", metavar="CRAWL", help="WARC files or globs")
    parser.add_argument("--growth", action="store_true", help="measure several numbers of copies of the crawl")
    parser.add_argument("--copies", nargs="+", type=int, default=[1, 4, 16], help="for --growth (1 4 16)")
    parser.add_argument(
        "--limit", type=int, metavar="N", help="for --growth: the first N responses of each file alone"
    )
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of the recipe"
    )
    parser.add_argument(
        "--one", metavar="DIR", help=argparse.SUPPRESS
    )  # a single measurement, in a process of its own
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_mill(arguments.crawl, arguments.one, arguments.changes)))
        return
    with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
        if not arguments.growth:
            _report("1x", _measure(arguments.crawl, Path(folder) / "run", arguments.changes))
            return
        from pipeline.sources.inputs import find_inputs

        files = find_inputs(arguments.crawl)
        copies: list[str] = []
        found: dict[int, dict] = {}
        for number in range(max(arguments.copies)):
            target = Path(folder) / f"copy-{number:02d}"
            copies += [write_copy(file, target, number, arguments.limit) for file in files]
            if number + 1 in arguments.copies:
                found[number + 1] = _measure(copies, Path(folder) / f"run-{number}", arguments.changes)
                _report(f"{number + 1}x", found[number + 1])
        _report_growth(found)


def _measure(crawl: list[str], output: Path, changes: list[str]) -> dict:
    """One run in a fresh process: memory and CPU of earlier ones must not count."""
    command = [sys.executable, "-m", "bench.mill", "--one", str(output), *crawl]
    for change in changes:
        command += ["--set", change]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def _mill(crawl: list[str], output: str, changes: list[str]) -> dict:
    from pipeline.worker import quieten

    quieten()
    from pipeline import stopwatch
    from pipeline.driver import run
    from pipeline.progress import PhaseProgress
    from recipes import load

    phase_ends: dict[str, tuple[float, float]] = {}

    def progress(how_far: PhaseProgress) -> None:
        phase = how_far.phase
        phase_ends[phase] = time.perf_counter(), stopwatch.cpu_seconds()
        peak.phase = phase

    with _PeakMemory() as peak:
        started = time.perf_counter(), stopwatch.cpu_seconds()
        ledger = run(load("llama3", changes), crawl, output, progress=progress)
        wall = time.perf_counter() - started[0]
    read = ledger["rejected"].get("read", {})
    ends = list(phase_ends.values())
    return {
        "pages": ledger["records"]["read"] - sum(n for reason, n in read.items() if reason.startswith("record_type")),
        "wall": wall,
        "cpu": stopwatch.cpu_seconds(),
        "stages": dict(stopwatch.SECONDS),
        "phases": {
            name: (end[0] - before[0], end[1] - before[1], peak.bytes.get(name, 0) / 2**20)
            for (name, end), before in zip(phase_ends.items(), [started, *ends], strict=False)
        },
        "peak_mib": max(peak.bytes.values()) / 2**20,
        "kept": ledger["records"]["kept"],
        "tokens": ledger["tokens"]["all"],
    }


class _PeakMemory:
    """The most memory that this process and its children held together in each phase, looked at ten times a second."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}
        self.phase = "start"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        from pipeline.stopwatch import running_children

        while not self._stop.wait(0.1):
            now = _resident("self") + sum(map(_resident, running_children()))
            self.bytes[self.phase] = max(self.bytes.get(self.phase, 0), now)


def _resident(pid: str | int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0


def _report(name: str, result: dict) -> None:
    pages, wall = result["pages"], result["wall"]
    print(
        f"{name}: {pages:,} pages, {result['kept']:,} kept, {result['tokens']:,} tokens; {wall:.1f} s wall, "
        f"{result['cpu']:.1f} s CPU: {pages / result['cpu']:.1f} pages per CPU second; peak {result['peak_mib']:,.0f} MiB"
    )
    for stage, seconds in sorted(result["stages"].items(), key=lambda item: -item[1]):
        print(f"    {stage:<12} {seconds:8.1f} s  {seconds / wall:6.1%}")
    rest = wall - sum(result["stages"].values())
    print(f"    {'no stage':<12} {rest:8.1f} s  {rest / wall:6.1%}   (Beam, committing files, starting up)")
    print("    by phase: " + ", ".join(f"{phase} {times[0]:.1f} s" for phase, times in result["phases"].items()))


def _report_growth(found: dict[int, dict]) -> None:
    """CPU time a page by phase, also between the last two sizes, where what each start costs is no part; peak memory."""
    print(f"\n{'':<12}" + "".join(f"{number:>6}x: CPU ms a page, MiB" for number in found) + "   a page more, ms")
    fewer, more = (list(found.values()) * 2)[-2:]
    for phase in more["phases"]:
        row = f"{phase:<12}"
        for result in found.values():
            _, cpu, peak = result["phases"].get(phase, (0, 0, 0))
            row += f"{1000 * cpu / result['pages']:>21.2f}{peak:>9,.0f}"
        added = more["phases"][phase][1] - fewer["phases"].get(phase, (0, 0, 0))[1]
        print(f"{row}{1000 * added / max(1, more['pages'] - fewer['pages']):>18.2f}")


if __name__ == "__main__":
    main()
