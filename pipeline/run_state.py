"""What the phases of one run share: where it lies, its recipe, its inputs, and its parts so far."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from pipeline import storage
from pipeline.commit import Manifest
from recipes import Recipe


@dataclass(frozen=True)
class InputFile:
    """One file of the crawl. ``name`` stands for it in ledgers and errors; reading ends after ``limit`` pages."""

    index: int
    path: str
    name: str
    limit: int | None

    @property
    def unit(self) -> str:
        return f"file-{self.index:06d}"


@dataclass(frozen=True)
class Part:
    """A bounded stretch of extracted documents, and the aligned tables that finished phases have added to it.

    ``tables`` maps (phase, role) to a path; ``rows`` counts documents. Pointers name document ``row`` of part
    ``index`` as ``index << 32 | row``.
    """

    index: int
    rows: int
    tables: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return f"part-{self.index:06d}"

    def read(self, phase: str, role: str, columns: list[str] | None = None, row_groups: list[int] | None = None):
        """An aligned table (or the table ``rejected`` of extraction), whole or by row groups."""
        return storage.read_table(self.tables[phase, role], columns, row_groups)

    def verdict_tables(self) -> list[str]:
        return [path for (_, role), path in self.tables.items() if role == "verdicts"]

    def alive(self, row_groups: list[int] | None = None) -> np.ndarray:
        """Which documents no finished phase has rejected: booleans, one a row."""
        alive = None
        for path in self.verdict_tables():
            kept = storage.read_table(path, ["stage"], row_groups)["stage"]
            kept = pc.is_null(kept).to_numpy(zero_copy_only=False)
            alive = kept if alive is None else alive & kept
        return alive if alive is not None else np.ones(self.rows, bool)


def pointers(part: Part, rows: np.ndarray) -> np.ndarray:
    """Pointers (``int64``) to rows of a part."""
    return (np.int64(part.index) << np.int64(32)) | rows.astype(np.int64)


@dataclass(frozen=True)
class RunState:
    """Everything a phase may look at. Small enough to travel to every worker with the code."""

    dir: str
    recipe: Recipe
    inputs: tuple[InputFile, ...]
    manifests: dict[str, Manifest] = field(default_factory=dict)

    def parts(self) -> list[Part]:
        """The parts, with the tables of all phases done so far, in the order of their indices."""
        return parts_of(self.dir, self.manifests)


def parts_of(run_dir: str, manifests: Mapping[str, Manifest]) -> list[Part]:
    """The parts of the run in ``run_dir``, with the tables of the phases whose manifests are given."""
    extracted = manifests["extract"]
    keys = [
        (receipt.unit, file.part) for receipt in extracted.receipts for file in receipt.files if file.role == "text"
    ]
    index_of = {key: index for index, key in enumerate(sorted(keys))}
    parts = [Part(index, 0) for index in range(len(keys))]
    for phase, manifest in manifests.items():
        for receipt in manifest.receipts:
            for file in receipt.files:
                if phase == "extract":
                    index = index_of[receipt.unit, file.part]
                    if file.role == "text":
                        parts[index] = Part(index, file.rows, parts[index].tables)
                elif receipt.unit.startswith("part-"):
                    index = int(receipt.unit.removeprefix("part-"))
                else:
                    continue
                parts[index].tables[phase, file.role] = storage.join(run_dir, file.path)
    return parts
