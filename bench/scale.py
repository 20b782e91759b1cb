"""``python -m bench.scale [--parts 100 1000 10000] [--fan-in 16]``: how what a run asks of storage grows with the crawl.

Whole runs over texts of a few words, in parts of two documents, with ranges and shards made small in proportion: so
many parts as a real crawl of a thousand or ten thousand times the pages has. One document in four is of one domain,
which so is in half of all parts, and there is another domain for each ten documents. All phases run: there is a file of decisions, a fastText model of which a quantile is
the limit, and a transformer of 2,000 numbers. Counted by phase: files opened, bytes read and written (as the system counts them),
what the driver itself asks of storage (a list or removal of 1,000 files being one request, as in S3), CPU seconds, and
the largest job graph. Two exponents of each: fitted to all sizes, and between the last two, where what doesn't grow
weighs least. They should be 1 but for a logarithm (.13 from 1,000 parts to 10,000), and 0 for graphs; the exit status
is 1 where one is above 1.2. What a page costs is not measured here (bench/mill.py), and neither is an engine's shuffle.

10,000 parts take half an hour of CPU time; ``--json FILE`` keeps what was counted, and a later call that names
the same file adds its sizes to it.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

MEASURES = ("opened", "bytes read", "bytes written", "asked by the driver", "CPU milliseconds", "graph bytes")
_DOCUMENTS_PER_PART = 2
_PARTS_PER_RANGE = 10
_FILES_PER_PART = 0.25
_ALLOWED = 1.2
# Common Crawl's, and units of 256 MiB instead of 64: a quarter of the files.
_MONTH_PAGES, _MONTH_FILES, _MONTH_FILE_BYTES, _MONTH_UNIT_BYTES = 2_600_000_000, 90_000, 1_100_000_000, 256 << 20


class Counts:
    """Sums by phase, while a run is under way in this process."""

    def __init__(self) -> None:
        self.by_phase: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        self.phase = "planning"
        self._asked_in_jobs = 0
        self._before = self._so_far()

    def enter(self, phase: str) -> None:
        now = self._so_far()
        for measure, value in now.items():
            self.by_phase[self.phase][measure] += value - self._before[measure]
        print(f"  {self.phase} so far: {self.by_phase[self.phase]}", flush=True)  # a long run may be stopped
        self._before = now
        self.phase = phase

    def running(self, run: Callable) -> Callable:
        """Wraps ``Pipeline.run``: what is asked within is asked by workers."""

        def call(pipeline: Any, *arguments: Any, **settings: Any) -> Any:
            now = self.by_phase[self.phase]
            now["graph bytes"] = max(now["graph bytes"], len(pipeline.to_runner_api().SerializeToString()))
            before = _asked()
            try:
                return run(pipeline, *arguments, **settings)
            finally:
                self._asked_in_jobs += _asked() - before

        return call

    def _so_far(self) -> dict[str, int]:
        from pipeline import storage

        counted = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        return {
            "opened": storage.REQUESTS["reading"],
            "bytes read": int(counted["rchar"]),
            "bytes written": int(counted["wchar"]),
            "asked by the driver": _asked() - self._asked_in_jobs,
            "CPU milliseconds": int(1000 * time.process_time()),
        }


def _asked() -> int:
    from pipeline import storage

    return storage.REQUESTS.total()


def simulate(parts: int, fan_in: int, changes: list[str], folder: Path) -> dict[str, dict[str, int]]:
    """Runs a crawl of so many parts and returns the measures of each phase."""
    import apache_beam as beam
    import pyarrow as pa

    from pipeline import driver, input_units
    from pipeline.phases import documents, duplicates, extract, lines
    from pipeline.transforms import best_per_key, component_members, extracted_part, lsh_candidates
    from recipes import load

    pa.set_cpu_count(1)  # tables of two rows: threads would cost more than they do
    per_range = _PARTS_PER_RANGE * _DOCUMENTS_PER_PART
    constants = [
        (extract, "BATCH_PAGES", _DOCUMENTS_PER_PART), (extracted_part, "PART_ROWS", _DOCUMENTS_PER_PART),
        (input_units, "LEAST_UNITS", 1 << 30), (input_units, "LEAST_BYTES", 1), (lines, "_LINES_PER_RANGE", 4 * per_range),
        (best_per_key, "_CLAIMS_PER_RANGE", per_range), (lsh_candidates, "_ENTRIES_PER_RANGE", 20 * per_range),
        (duplicates, "_MEMBERS_PER_RANGE", per_range), (component_members, "_MEMBERS_PER_RANGE", per_range),
        (documents, "_EDGES_BY_SHUFFLE", per_range),
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
        stack.enter_context(mock.patch.object(beam.Pipeline, "run", counts.running(beam.Pipeline.run)))
        stack.enter_context(mock.patch.object(driver, "_run_phase", enter_and_run))
        stack.enter_context(_no_progress(driver))
        _write_crawl(folder / "crawl", parts)
        small = [
            f"shards.fan_in={fan_in}", "shards.shard_bytes=8000", "extract.min_words=5",
            f"domains.pages_per_range={per_range}", f"domains.sample_pages={per_range}",
        ]  # fmt: skip
        recipe = load("llama3", [*small, *_all_phases(folder), *changes])
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


def _all_phases(folder: Path) -> list[str]:
    """Changes of the recipe for phases that not every run has, with the files that they name."""
    from filters.fasttext_model import fasttext_module
    from tests.filters.classifiers import torch_classifier

    with open(folder / "decisions.jsonl", "w", encoding="utf-8") as out:
        for number, verdict in enumerate(("keep", "drop", "keep")):
            site = {"scope": "domain", "value": f"host{number}.example", "verdict": verdict}
            out.write(json.dumps({"when": "2024-05-02", "who": "bench", "why": "licence", **site}) + "\n")
    lines = folder / "lines.txt"
    lines.write_text("__label__good word1 word2 word3 word4\n__label__bad word5 word6 word7 word8\n" * 50)
    model = fasttext_module().train_supervised(
        str(lines), dim=4, epoch=5, bucket=1000, minCount=1, thread=1, seed=1, verbose=0
    )
    model.save_model(str(folder / "model.bin"))
    models = {
        "lines": {"path": str(folder / "model.bin"), "label": "good", "reject_below": {"quantile": 0.1}},
        "network": {"path": str(torch_classifier(folder / "network")), "label": "flour", "max_tokens": 64},
    }
    return [f"decisions={json.dumps([str(folder / 'decisions.jsonl')])}", f"quality.models={json.dumps(models)}"]


def _write_crawl(folder: Path, parts: int) -> None:
    """Texts of some 60 words, one in ten a copy with a word changed, in files of equal size."""
    folder.mkdir(parents=True)
    draw = random.Random(1)
    common = [f"word{number}" for number in range(2000)]
    files = max(1, int(parts * _FILES_PER_PART))
    hosts = max(97, parts * _DOCUMENTS_PER_PART // 10)
    words: list[str] = []
    number = 0
    for file in range(files):
        with open(folder / f"{file:06d}.jsonl", "w", encoding="utf-8") as out:
            for _ in range(parts * _DOCUMENTS_PER_PART * (file + 1) // files - number):
                words = [*words[:-1], "other"] if number % 10 == 9 else draw.choices(common, k=60)
                text = "The mill was quiet that day.\n" + " ".join(words)
                host = "large" if number % 4 == 1 else f"host{number % hosts}"
                page = {"url": f"https://{host}.example/{number}", "text": text, "date": "2024-05-01"}
                out.write(json.dumps(page) + "\n")
                number += 1


def exponent(sizes: list[int], values: list[int]) -> float:
    """The slope of ``values`` over ``sizes``, both as logarithms, by least squares."""
    points = [(math.log(size), math.log(max(1, value))) for size, value in zip(sizes, values, strict=True)]
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def report(found: dict[int, dict[str, dict[str, int]]]) -> list[str]:
    """Prints a table of each measure, and returns what grows too fast."""
    sizes = sorted(found)
    too_fast = []
    for measure in MEASURES:
        print(f"\n{measure:<22}" + "".join(f"{size:>16,}" for size in sizes) + "   fitted     last")
        for phase in [*found[sizes[-1]], "all"]:
            values = [_of(found[size], phase, measure) for size in sizes]
            if not any(values) or (phase == "all" and measure == "graph bytes"):
                continue
            slopes = ""
            if len(sizes) > 1:
                last = exponent(sizes[-2:], values[-2:])
                slopes = f"{exponent(sizes, values):9.2f}{last:9.2f}"
                if last > (0.05 if measure == "graph bytes" else _ALLOWED):
                    too_fast.append(f"{measure} of {phase}: {last:.2f}")
            print(f"  {phase:<20}" + "".join(f"{value:>16,}" for value in values) + slopes)
    return too_fast


def _of(counts: dict[str, dict[str, int]], phase: str, measure: str) -> int:
    if phase == "all":
        return sum(one[measure] for one in counts.values())
    return counts.get(phase, {}).get(measure, 0)


def month(told: dict[str, Any]) -> None:
    """Prints what 2.6 billion pages in 90,000 files take, from what ``gristmill estimate --json`` has said of a crawl."""
    from pipeline.estimate import PER_PART, Cost, merging_of
    from pipeline.transforms.outcomes import KEYS

    times = _MONTH_PAGES / told["pages"]
    parts = _MONTH_FILES * -(-_MONTH_FILE_BYTES // _MONTH_UNIT_BYTES)
    shards = round(told["kept_bytes"] * times / (64 << 20))
    phases: dict[str, Cost] = {}
    for name, cost in told["phases"].items():
        of_pages = Cost(**cost).plus(PER_PART[name].times(-told["parts"])).times(times)
        phases[name] = of_pages.plus(PER_PART[name].times(parts))
    outputs = told["outputs"] * times
    merging = merging_of(parts, 128, len(KEYS), shards, round(outputs))
    shards_opened = PER_PART["shards"].opened * parts + merging.opened
    phases["shards"] = phases["shards"].plus(merging)._replace(opened=shards_opened)
    print(
        f"{parts:,} parts, {shards:,} shards, {told['tokens'] * times / 1e12:,.2f} T tokens, {outputs / 1e12:,.1f} TB left"
    )
    print(f"{'phase':<12}{'core-hours':>12}{'TB written':>12}{'M opened':>12}{'M written':>12}")
    for name, cost in [*phases.items(), ("all", Cost(*map(sum, zip(*phases.values(), strict=True))))]:
        values = cost.cpu / 3600, cost.bytes / 1e12, cost.opened / 1e6, cost.written / 1e6
        print(f"{name:<12}{values[0]:>12,.0f}" + "".join(f"{value:>12,.2f}" for value in values[1:]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", type=int, default=[100, 1000, 10_000])
    parser.add_argument("--fan-in", type=int, default=16)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="KEY=VALUE",
        help="of the recipe: phases that it leaves out",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was counted, beside what is there")
    parser.add_argument(
        "--month", type=Path, metavar="FILE", help="of gristmill estimate --json: a month from it, alone"
    )
    arguments = parser.parse_args()
    if arguments.month:
        month(json.loads(arguments.month.read_text("utf-8")))
        return 0
    found: dict[int, dict[str, dict[str, int]]] = {}
    if arguments.json and arguments.json.exists():
        found = {int(size): counts for size, counts in json.loads(arguments.json.read_text("utf-8")).items()}
    for parts in arguments.parts:
        # Each in a process of its own: what the first start costs must not count for one size alone.
        with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as pool:
            found[parts] = pool.submit(simulate, parts, arguments.fan_in, arguments.changes, Path(folder)).result()
        if arguments.json:
            arguments.json.write_text(json.dumps(found), "utf-8")
        print(f"{parts} parts done", flush=True)
    too_fast = report(found)
    print("\nabove 1: " + ("; ".join(too_fast) or "nothing"))
    return 1 if too_fast else 0


if __name__ == "__main__":
    sys.exit(main())
