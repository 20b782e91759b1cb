"""``python -m bench.scale [--parts 500 1000 2000] [--fan-in 16]``: how what a run asks of storage grows with the crawl.

Whole runs over texts of a few words, in parts of two documents, with ranges and shards made small in proportion: so
many parts as a real crawl of a thousand or ten thousand times the pages has. Counted by phase: files opened, bytes read
and written (as the system counts them), what the driver itself asks of storage, and the largest job graph. The exponent
of each, fitted between the sizes, should be 1 but for a logarithm, and 0 for graphs. What a page costs in CPU is not
measured here (bench/mill.py), and neither is an engine's shuffle.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

MEASURES = ("opened", "bytes read", "bytes written", "asked by the driver", "graph bytes")
_ASKING = ("open_read", "open_parquet", "write_bytes", "size", "list_files", "is_there", "fingerprint", "remove_files")
_DOCUMENTS_PER_PART = 2
_PARTS_PER_RANGE = 10
_FILES_PER_PART = 0.25


class Counts:
    """Sums by phase, while a run is under way."""

    def __init__(self) -> None:
        self.by_phase: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        self.phase = "planning"
        self._in_job = False
        self._read, self._written = _bytes_so_far()

    def enter(self, phase: str) -> None:
        read, written = _bytes_so_far()
        self.by_phase[self.phase]["bytes read"] += read - self._read
        self.by_phase[self.phase]["bytes written"] += written - self._written
        self._read, self._written = read, written
        self.phase = phase

    def counting(self, name: str, function: Callable) -> Callable:
        def call(*arguments: Any, **settings: Any) -> Any:
            now = self.by_phase[self.phase]
            if name in ("open_read", "open_parquet"):
                now["opened"] += 1
            if not self._in_job:
                now["asked by the driver"] += 1
            return function(*arguments, **settings)

        return call

    def running(self, run: Callable) -> Callable:
        """Wraps ``Pipeline.run``: what is asked within is asked by workers."""

        def call(pipeline: Any, *arguments: Any, **settings: Any) -> Any:
            now = self.by_phase[self.phase]
            now["graph bytes"] = max(now["graph bytes"], len(pipeline.to_runner_api().SerializeToString()))
            self._in_job = True
            try:
                return run(pipeline, *arguments, **settings)
            finally:
                self._in_job = False

        return call


def simulate(parts: int, fan_in: int, folder: Path) -> dict[str, dict[str, int]]:
    """Runs a crawl of so many parts and returns the measures of each phase."""
    import apache_beam as beam

    from pipeline import driver, input_units, storage
    from pipeline.phases import duplicates, extract, lines
    from pipeline.transforms import best_per_key, lsh_candidates
    from recipes import load

    per_range = _PARTS_PER_RANGE * _DOCUMENTS_PER_PART
    constants = [
        (extract, "BATCH_PAGES", _DOCUMENTS_PER_PART), (extract, "PART_ROWS", _DOCUMENTS_PER_PART),
        (input_units, "LEAST_UNITS", 1 << 30), (input_units, "LEAST_BYTES", 1), (lines, "_LINES_PER_RANGE", 4 * per_range),
        (best_per_key, "_CLAIMS_PER_RANGE", per_range), (lsh_candidates, "_ENTRIES_PER_RANGE", 20 * per_range),
        (duplicates, "_MEMBERS_PER_RANGE", per_range),
    ]  # fmt: skip
    counts = Counts()
    run_phase = driver._run_phase

    def enter_and_run(phase: Any, *arguments: Any) -> Any:
        counts.enter(phase.name)
        try:
            return run_phase(phase, *arguments)
        finally:
            counts.enter("between phases")

    with ExitStack() as stack:
        for module, name, value in constants:
            stack.enter_context(mock.patch.object(module, name, value))
        for name in _ASKING:
            stack.enter_context(mock.patch.object(storage, name, counts.counting(name, getattr(storage, name))))
        stack.enter_context(mock.patch.object(beam.Pipeline, "run", counts.running(beam.Pipeline.run)))
        stack.enter_context(mock.patch.object(driver, "_run_phase", enter_and_run))
        stack.enter_context(_no_progress(driver))
        _write_crawl(folder / "crawl", parts)
        recipe = load("llama3", [f"shards.fan_in={fan_in}", "shards.shard_bytes=8000", "extract.min_words=5"])
        driver.run(recipe, [str(folder / "crawl")], str(folder / "run"))
        counts.enter("end")
    return dict(counts.by_phase)


@contextmanager
def _no_progress(driver: Any) -> Iterator[None]:
    """Without the reports' listings, which come by the second and not by the part."""
    with (
        mock.patch.object(driver._ProgressReports, "__enter__", return_value=None),
        mock.patch.object(driver._ProgressReports, "__exit__", return_value=None),
    ):
        yield


def _write_crawl(folder: Path, parts: int) -> None:
    """Texts of some 60 words, one in ten a copy with a word changed, in files of equal size."""
    folder.mkdir(parents=True)
    draw = random.Random(1)
    common = [f"word{number}" for number in range(2000)]
    files = max(1, int(parts * _FILES_PER_PART))
    words: list[str] = []
    number = 0
    for file in range(files):
        with open(folder / f"{file:06d}.jsonl", "w", encoding="utf-8") as out:
            for _ in range(parts * _DOCUMENTS_PER_PART * (file + 1) // files - number):
                words = [*words[:-1], "other"] if number % 10 == 9 else draw.choices(common, k=60)
                text = "The mill was quiet that day.\n" + " ".join(words)
                page = {"url": f"https://host{number % 97}.example/{number}", "text": text, "date": "2024-05-01"}
                out.write(json.dumps(page) + "\n")
                number += 1


def _bytes_so_far() -> tuple[int, int]:
    counted = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counted["rchar"]), int(counted["wchar"])


def exponent(sizes: list[int], values: list[int]) -> float:
    """The slope of ``values`` over ``sizes``, both as logarithms, by least squares."""
    points = [(math.log(size), math.log(max(1, value))) for size, value in zip(sizes, values, strict=True)]
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", type=int, default=[500, 1000, 2000])
    parser.add_argument("--fan-in", type=int, default=16)
    arguments = parser.parse_args()
    found = []
    for parts in arguments.parts:
        with tempfile.TemporaryDirectory() as folder:
            found.append(simulate(parts, arguments.fan_in, Path(folder)))
        print(f"{parts} parts done", flush=True)
    for measure in MEASURES:
        print(f"\n{measure:<22}" + "".join(f"{parts:>14,}" for parts in arguments.parts) + "   exponent")
        for phase in found[-1]:
            values = [counts.get(phase, {}).get(measure, 0) for counts in found]
            if any(values):
                slope = f"{exponent(arguments.parts, values):10.2f}" if len(values) > 1 else ""
                print(f"  {phase:<20}" + "".join(f"{value:>14,}" for value in values) + slope)


if __name__ == "__main__":
    main()
