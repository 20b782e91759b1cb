"""What a run would take, from a pilot: CPU time, bytes and requests by phase, tokens, disk.

The pilot is run three times in this process: a quarter of it twice, so that what is loaded once is loaded, then the
whole. Between the last two lie three quarters of its pages, and what those cost is multiplied, extraction's by bytes of
pages and all else by words: pages differ, and a quarter of them may be small ones. What the first took
beyond the second is the start. What goes with parts rather than pages comes from what a part costs (:data:`PER_PART`),
and merging in passes is counted out.

Of two captures of a page a pilot of a share ``s`` holds both with chance ``s * s`` and one with ``2 * s * (1 - s)``, so that
it keeps too many. Their addresses are read instead, which takes some 3 % of the time that a run takes: of the whole
crawl up to :data:`READ_FOR_ADDRESSES` bytes. Texts that are alike under different addresses are found by a run alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline import outputs, preflight, seams, stopwatch
from pipeline.driver import run
from pipeline.input_units import InputFile, cut
from pipeline.listing import read_manifest
from pipeline.phases import extract, judge, shards
from pipeline.pilot import Pilot, draw, first_captures
from pipeline.sources.inputs import find_inputs
from pipeline.stages import PHASES, READ
from pipeline.transforms.extracted_part import PART_ROWS, PART_TEXT_BYTES
from pipeline.transforms.outcomes import KEYS
from recipes import Recipe


class Cost(NamedTuple):
    """CPU seconds; bytes written; files opened and written."""

    cpu: float = 0.0
    bytes: float = 0.0
    opened: float = 0.0
    written: float = 0.0

    def plus(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, factor: float) -> Cost:
        return Cost(*(factor * each for each in self))


# A part more, whatever is in it: a thousand parts less three hundred, divided, and of CPU time three thousand less three hundred
# (python -m bench.scale, docs/scale.md), with a file
# of decisions, whose table each later phase opens too. Of shards this is what rows are taken from and written to before they
# are merged (files opened: computed, without what passes open), by merging_of or by shards themselves; of inference and quantiles it is with models that cost next to nothing.
PER_PART: Mapping[str, Cost] = {
    "extract": Cost(0.008, 22_100, 0.25, 5),
    "decisions": Cost(0.003, 2_100, 1, 2),
    "domains": Cost(0.008, 4_900, 6, 2),
    "urls": Cost(0.005, 1_500, 2, 1),
    "documents": Cost(0.012, 7_000, 4.2, 3),
    "duplicates": Cost(0.004, 4_200, 3.6, 4),
    "lines": Cost(0.002, 0, 1.2, 0),
    "clean": Cost(0.005, 3_200, 2, 2),
    "inference": Cost(0.008, 1_600, 2, 1),
    "quantiles": Cost(0.003, 140, 2, 0),
    "judge": Cost(0.009, 6_600, 6, 4),
    "rejected_texts": Cost(0.003, 0, 5.2, 0),
    "shards": Cost(0.006, 3_800, 7, 3),
}
# To read, sort and write once more what goes into shards, for each byte as Parquet: 48 to 57 ns were measured for 4,000
# rows of text and tokens, on a machine that others used too; and how many bytes it is as files of rows to be merged.
_SECONDS_PER_MERGED_BYTE = 55e-9
_MERGED_BYTES = 1.2
# Of text in a worker's memory, with the space behind it.
_BYTES_PER_WORD = 12
_QUARTER = 4
READ_FOR_ADDRESSES = 2 << 30
# Files that a shard is written to.
_OUTPUTS = 4
_BEHIND_ADDRESSES = frozenset(PHASES[PHASES.index("urls") + 1 :])


class Measured(NamedTuple):
    """A run of a pilot: its costs by phase, what came in (``page_bytes``, and ``words`` after extraction) and what came out:
    ``kept`` documents of ``kept_bytes`` of text, ``tokens``, and the bytes of all ``outputs``."""

    phases: dict[str, Cost]
    pages: int
    page_bytes: int
    kept: int
    tokens: int
    words: int
    kept_bytes: int
    outputs: int

    def cpu(self) -> float:
        return sum(cost.cpu for cost in self.phases.values())


@dataclass(frozen=True)
class Estimate:
    """What the whole crawl would take. ``kept_bytes``: of text. ``start``: CPU seconds of a worker whatever it does. ``outputs``: bytes that a
    finished run leaves in documents/, tokens/, rejected/, failed/ and duplicates/; while it runs, the bytes of all
    phases are there together. ``only_capture``: of the pilot's first captures, those that are the crawl's too; ``None``
    where the crawl is too large to read all addresses."""

    pilot: Pilot
    phases: dict[str, Cost]
    start: float
    pages: int
    kept: int
    kept_bytes: int
    tokens: int
    outputs: int
    parts: int
    shards: int
    only_capture: float | None = None

    def total(self) -> Cost:
        return Cost(*map(sum, zip(*self.phases.values(), strict=True)))

    def hours(self, workers: int) -> float:
        """Hours on so many workers that are never idle."""
        return (self.total().cpu / workers + self.start) / 3600


def estimate(
    recipe: Recipe, patterns: list[str], share: float | None = None, said: Callable[[str], None] = lambda what: None
) -> Estimate:
    """Runs a pilot of ``share`` of the crawl (:func:`pipeline.pilot.draw`) below the system's temporary folder and says
    what the whole would take; ``said`` is told what is being done. Raises what :func:`pipeline.driver.run` raises."""
    began = stopwatch.cpu_seconds()
    paths = find_inputs(patterns, None, recipe.read.common_crawl)
    sizes = preflight.sizes_of(paths)
    with tempfile.TemporaryDirectory(prefix="gristmill-estimate-") as name:
        folder = Path(name)
        (folder / "pilot").mkdir()
        pilot = draw(paths, sizes, recipe.read, folder / "pilot", share)
        said(
            f"a pilot of {pilot.pages:,} pages, {pilot.bytes / pilot.of_bytes:.2%} of {pilot.of_bytes:,} bytes in "
            f"{len(paths):,} files, is run three times"
        )
        only_capture = None
        if pilot.of_bytes <= READ_FOR_ADDRESSES:
            only_capture = first_captures(paths, recipe) / first_captures(pilot.paths, recipe)
        quarter = max(1, pilot.pages // _QUARTER)
        first = _measure(recipe, pilot, folder / "first", quarter)
        fewer = _cheaper(first, _measure(recipe, pilot, folder / "fewer", quarter))
        more = _measure(recipe, pilot, folder / "more", None)
    inputs = (InputFile(i, path, path, None, size) for i, (path, size) in enumerate(zip(paths, sizes, strict=True)))
    units = sum(1 for _ in cut(list(inputs), recipe.read.unit_bytes))
    loading = began + first.cpu() - fewer.cpu()
    return extrapolated(recipe, pilot, fewer, more, units, loading, only_capture)


def extrapolated(
    recipe: Recipe,
    pilot: Pilot,
    fewer: Measured,
    more: Measured,
    units: int,
    loading: float = 0.0,
    only_capture: float | None = None,
) -> Estimate:
    """What two runs of a pilot say of the whole crawl, which is read in so many units. ``loading``: CPU seconds that both
    found done already; ``only_capture``: see :class:`Estimate`."""
    scale = pilot.of_bytes / pilot.bytes
    staying = scale * (1.0 if only_capture is None else only_capture)
    parts = parts_of(units, round(more.pages * scale), round(more.words * scale))
    files = max(1, -(-round(more.kept_bytes * staying) // recipe.shards.shard_bytes))
    # How many times over what lies between the two runs is in the crawl.
    by_bytes, by_words = _times(more.page_bytes, fewer.page_bytes), _times(more.words, fewer.words)
    left = max(0.0, more.outputs - fewer.outputs) * staying * by_words
    phases: dict[str, Cost] = {}
    for name, whole in more.phases.items():
        less = fewer.phases.get(name, Cost())
        # A clock's noise mustn't make a phase cheaper than nothing.
        of_pages = Cost(max(0.0, whole.cpu - less.cpu), max(0.0, whole.bytes - less.bytes)).times(
            (staying if name in _BEHIND_ADDRESSES else scale) * (by_bytes if name == extract.PHASE.name else by_words)
        )
        phases[name] = of_pages.plus(PER_PART.get(name, Cost()).times(parts))
    merging = merging_of(parts, recipe.shards.fan_in, len(KEYS), files, round(left))
    phases[shards.PHASE.name] = phases[shards.PHASE.name].plus(merging)
    start = (
        loading
        + fewer.cpu()
        - sum(cost.cpu for cost in phases.values()) * fewer.page_bytes / (more.page_bytes * scale)
    )
    return Estimate(
        pilot, phases, max(0.0, start), round(more.pages * scale), round(more.kept * staying),
        round(more.kept_bytes * staying), round(more.tokens * staying),
        round(left), parts, files, only_capture,
    )  # fmt: skip


def _times(more: int, fewer: int) -> float:
    """How many times over what lies between two amounts is in the larger one."""
    return more / (more - fewer) if more > fewer else 1.0


def parts_of(units: int, pages: int, words: int) -> int:
    """How many parts extraction writes: one a unit, or more where one would hold too much."""
    return max(units, -(-pages // PART_ROWS), -(-words * _BYTES_PER_WORD // PART_TEXT_BYTES))


def merging_of(parts: int, fan_in: int, tables: int, files: int, moved: int) -> Cost:
    """What it takes, beside reading each part once, to write so many files of ranges of ids from all parts
    (:mod:`pipeline.transforms.range_merge`). ``moved``: bytes of all rows."""
    if parts <= fan_in:
        return Cost(opened=(files - 1) * parts * PER_PART[shards.PHASE.name].opened, written=_OUTPUTS * files)
    groups, ranges = parts, 1
    written = moved * _MERGED_BYTES
    found = Cost(bytes=written)
    while groups > fan_in:
        opened = groups * ranges * tables
        groups, ranges = -(-groups // fan_in), ranges * min(fan_in, max(1, files // ranges))
        found = found.plus(Cost(moved * _SECONDS_PER_MERGED_BYTE, written, opened, groups * ranges * tables))
    return found.plus(Cost(opened=files * groups * tables * (1 + ranges / files), written=_OUTPUTS * files))


def _measure(recipe: Recipe, pilot: Pilot, folder: Path, limit: int | None) -> Measured:
    """Runs the first ``limit`` pages of a pilot, or all, and clears away what it has written."""
    ends: dict[str, float] = {}
    before = stopwatch.cpu_seconds()
    ledger = run(
        recipe, pilot.paths, str(folder), limit=limit,
        progress=lambda how_far: ends.update({how_far.phase: stopwatch.cpu_seconds()}),
    )  # fmt: skip
    phases: dict[str, Cost] = {}
    for phase, end in ends.items():
        phases[phase] = Cost(end - before, _bytes_written(folder, phase))
        before = end
    last = next(reversed(phases))
    phases[last] = phases[last].plus(Cost(stopwatch.cpu_seconds() - before))  # the books, and clearing up
    judged = read_manifest(str(folder), judge.PHASE.name)
    found = Measured(
        phases=phases,
        pages=_pages(ledger),
        page_bytes=pilot.bytes_of(limit),
        kept=ledger["records"]["kept"],
        tokens=ledger["tokens"]["all"],
        words=ledger["words"]["in"],
        kept_bytes=judged.total("kept_bytes") if judged else 0,
        outputs=sum(path.stat().st_size for name in outputs.FOLDERS for path in (folder / name).glob("*")),
    )
    shutil.rmtree(folder)
    return found


def _cheaper(first: Measured, second: Measured) -> Measured:
    """The second of two equal runs, with the CPU time of the cheaper one in each phase: what else the machine does, and
    what is loaded once, only adds to it."""
    costs = {
        phase: cost._replace(cpu=min(cost.cpu, first.phases.get(phase, cost).cpu))
        for phase, cost in second.phases.items()
    }
    return second._replace(phases=costs)


def _pages(ledger: dict) -> int:
    """Records of pages: not requests and the like, and none of another type."""
    read = ledger["rejected"].get(READ.name, {})
    return ledger["records"]["read"] - sum(read.values())


def _bytes_written(folder: Path, phase: str) -> int:
    """What a phase and the jobs within it have written, also where it has been cleared away since."""
    jobs = [job.name for job in (folder / "work").iterdir() if job.name == phase or job.name.startswith(f"{phase}-")]
    listed = filter(None, (read_manifest(str(folder), job) for job in jobs if job != seams.CORRECTED))
    return sum(file.bytes for manifest in listed for receipt in manifest.receipts() for file in receipt.files)
