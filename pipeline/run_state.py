"""What the phases of one run share: where it lies, its recipe, and its parts so far."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pyarrow.compute as pc

from pipeline import stages, storage
from pipeline.commit import ROW_GROUP_ROWS, Receipt
from pipeline.listing import BLOCK_UNITS, Manifest, read_manifest, write_listing
from recipes import Recipe

PARTS = "parts"
"""The listing of the parts that extraction has written, in their order."""


@dataclass(frozen=True)
class Part:
    """A bounded stretch of extracted documents, and the aligned tables that finished phases have added to it.

    ``tables`` maps (phase, role) to a path; ``rows`` counts documents. Pointers name document ``row`` of part
    ``index`` as ``index << 32 | row``. ``passed_by``: phases whose receipts say that they have rejected nothing here.
    """

    index: int
    rows: int
    tables: dict[tuple[str, str], str] = field(default_factory=dict)
    passed_by: frozenset[str] = frozenset()

    @property
    def unit(self) -> str:
        return part_unit(self.index)

    @property
    def number(self) -> int:
        return self.index

    def read(self, phase: str, role: str, columns: list[str] | None = None, row_groups: list[int] | None = None):
        """An aligned table (or the table ``rejected`` of extraction), whole or by row groups."""
        return storage.read_table(self.tables[phase, role], columns, row_groups)

    def verdict_tables(self) -> list[str]:
        """The tables in which documents may have a verdict."""
        return [
            path for (phase, role), path in self.tables.items() if role == "verdicts" and phase not in self.passed_by
        ]

    def alive(self, row_groups: list[int] | None = None) -> np.ndarray:
        """Which documents no finished phase has rejected: booleans, one a row."""
        alive = np.ones(self.rows, bool)
        for path in self.verdict_tables():
            alive &= passed(path)
        return alive if row_groups is None else alive[rows_of_groups(self.rows, row_groups)]


@lru_cache(maxsize=1024)
def passed(path: str) -> np.ndarray:
    """Which rows of a table of verdicts have none: booleans, not to be written to. Every phase asks for those of all before
    it, and no file is ever written again; what is kept is 20 kB a table at most."""
    return pc.is_null(storage.read_table(path, ["stage"])["stage"]).to_numpy(zero_copy_only=False)


def rows_of_groups(rows: int, row_groups: list[int]) -> np.ndarray:
    """The rows (``int64``) that lie in some row groups of an aligned table of so many."""
    groups = (np.arange(group * ROW_GROUP_ROWS, min(rows, (group + 1) * ROW_GROUP_ROWS)) for group in row_groups)
    return np.concatenate([np.empty(0, np.int64), *groups])


def part_unit(index: int) -> str:
    return f"part-{index:06d}"


def pointers(part: Part, rows: np.ndarray) -> np.ndarray:
    """Pointers (``int64``) to rows of a part."""
    return (np.int64(part.index) << np.int64(32)) | rows.astype(np.int64)


@dataclass(frozen=True)
class RunState:
    """Everything a phase may look at. It travels to every worker with the code, so that nothing in it grows with the
    crawl: pickled, a manifest is its name (:class:`pipeline.listing.Manifest`)."""

    dir: str
    recipe: Recipe
    manifests: dict[str, Manifest] = field(default_factory=dict)
    input_units: int = 0

    def having(self, manifest: Manifest) -> RunState:
        """This state when one more phase, or job of a phase, is done."""
        return replace(self, manifests={**self.manifests, manifest.phase: manifest})

    def part_count(self) -> int:
        return self.manifests[PARTS].units

    def shared_seconds(self, microseconds: float) -> float:
        """How many seconds of work there are to share where a document takes ``microseconds``. Those that phases and jobs
        name were measured on a crawl's documents of 5,500 characters in the mean, on one core; nothing but the number of
        workers follows from them."""
        return self.manifests[PARTS].rows("text") * microseconds / 1e6 if self.part_count() > 1 else 0.0

    def part(self, index: int) -> Part:
        """A part with the tables of all phases done so far."""
        return self.part_block(index // BLOCK_UNITS)[index % BLOCK_UNITS]

    def part_block(self, number: int) -> tuple[Part, ...]:
        """The parts from ``number * BLOCK_UNITS`` on."""
        phases = tuple((manifest.run_dir, manifest.phase) for manifest in self.manifests.values())
        return _part_block(phases, number)

    def parts(self) -> Iterator[Part]:
        """All parts, in the order of their indices."""
        return parts_of(list(self.manifests.values()))


def parts_of(manifests: Sequence[Manifest]) -> Iterator[Part]:
    """The parts of a run with the tables of the phases whose manifests are given, that of :data:`PARTS` among them."""
    phases = tuple((manifest.run_dir, manifest.phase) for manifest in manifests)
    for number in range(next(manifest for manifest in manifests if manifest.phase == PARTS).blocks()):
        yield from _part_block(phases, number)


def parts_of_run(run_dir: str) -> Iterator[Part]:
    """The parts of the run in ``run_dir`` with the tables of all phases that are done; none where none was extracted."""
    found = [read_manifest(run_dir, phase) for phase in (PARTS, *stages.PHASES)]
    done = [manifest for manifest in found if manifest is not None]
    if any(manifest.phase == PARTS for manifest in done):
        yield from parts_of(done)


def number_parts(run_dir: str, extracted: Manifest) -> Manifest:
    """Lists the parts that extraction has written, by its units and in the order in which those wrote them."""
    listed = read_manifest(run_dir, PARTS)
    return listed if listed is not None else write_listing(run_dir, PARTS, _by_part(extracted))


def _by_part(extracted: Manifest) -> Iterator[Receipt]:
    index = 0
    for receipt in extracted.receipts():
        for part in sorted({file.part for file in receipt.files}):
            files = [file for file in receipt.files if file.part == part]
            yield Receipt(part_unit(index), index, files)
            index += 1


@lru_cache(maxsize=16)
def _part_block(phases: tuple[tuple[str, str], ...], block: int) -> tuple[Part, ...]:
    manifests = {phase: Manifest(run_dir, phase) for run_dir, phase in phases}
    listed = [(receipt.number, receipt.file("text").rows) for receipt in manifests[PARTS].block(block)]
    tables: dict[int, dict[tuple[str, str], str]] = {index: {} for index, _ in listed}
    passed_by: dict[int, set[str]] = {index: set() for index, _ in listed}
    for phase, manifest in manifests.items():
        if not manifest.is_by_part:
            continue
        source = "extract" if phase == PARTS else phase
        for receipt in manifest.block(block):
            if receipt.number in tables:  # a unit that is no part may stand behind the last one
                for file in receipt.files:
                    tables[receipt.number][source, file.role] = file.at(manifest.run_dir)
                if receipt.counts.get("rejected") == 0:
                    passed_by[receipt.number].add(source)
    return tuple(Part(index, rows, tables[index], frozenset(passed_by[index])) for index, rows in listed)
