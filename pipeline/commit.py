"""Committed or absent: how a unit of work hands in its files, and how a phase is declared done.

A phase is a number of *units* (an input file, a part, a shard). Whoever works on a unit is an *attempt*: it writes
files under names that no other attempt uses, and last of all a *receipt* that lists them with rows, bytes and
sha256. An engine may run a unit twice, kill it half-way, or leave a zombie that still writes: none of that matters,
since a file counts only once the driver has named it in the phase's *manifest*, from one whole receipt per unit.

    work/PHASE/UNIT.ATTEMPT.ROLE.parquet     what attempts write
    work/PHASE/receipts/UNIT.ATTEMPT.json    written after the files it lists
    work/PHASE/manifest.json                 written by the driver: the phase is done
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from pipeline import storage

# Aligned tables share their row groups, so that a stretch of rows can be read from all of them by the same indices.
ROW_GROUP_ROWS = 512


@dataclass(frozen=True)
class CommittedFile:
    """One file of a receipt. ``path`` is relative to the run's directory; ``part`` counts a unit's files of a role."""

    path: str
    role: str
    rows: int
    bytes: int
    sha256: str
    part: int = 0


@dataclass
class Receipt:
    """What an attempt at ``unit`` wrote. ``counts`` holds whole numbers that the ledger and later phases need."""

    unit: str
    files: list[CommittedFile] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    def file(self, role: str) -> CommittedFile:
        return next(file for file in self.files if file.role == role)


class Attempt:
    """One try at a unit. Files first, then :meth:`finish`; what isn't finished doesn't exist."""

    def __init__(self, run_dir: str, phase: str, unit: str):
        self._run_dir = run_dir
        self._phase = phase
        self._name = f"{unit}.{uuid.uuid4().hex[:8]}"
        self._receipt = Receipt(unit)

    def write_table(self, role: str, table: pa.Table, part: int = 0, folder: str | None = None) -> None:
        """Writes ``table`` as this unit's ``role``, below ``work/PHASE`` or in ``folder`` of the run's directory."""
        data = storage.parquet_bytes(table, ROW_GROUP_ROWS)
        self.write_bytes(role, data, table.num_rows, "parquet", part, folder)

    def write_bytes(
        self, role: str, data: bytes, rows: int, extension: str, part: int = 0, folder: str | None = None
    ) -> None:
        """Like :meth:`write_table`, for contents in any other format."""
        if folder is None:
            path = f"work/{self._phase}/{self._name}.{part:04d}.{role}.{extension}"
        else:
            path = f"{folder}/{self._name}.{extension}"
        storage.write_bytes(storage.join(self._run_dir, path), data)
        self._receipt.files.append(CommittedFile(path, role, rows, len(data), storage.sha256(data), part))

    def finish(self, counts: dict[str, Any] | None = None) -> Receipt:
        self._receipt.counts = counts or {}
        path = storage.join(self._run_dir, "work", self._phase, "receipts", self._name + ".json")
        storage.write_bytes(path, storage.dump_json(asdict(self._receipt)))
        return self._receipt


def receipts(run_dir: str, phase: str) -> dict[str, Receipt]:
    """One valid receipt per finished unit: torn ones, and those whose files are gone or cut, are passed over."""
    found: dict[str, Receipt] = {}
    for path in storage.list_files(storage.join(run_dir, "work", phase, "receipts")):
        try:
            receipt = _parse_receipt(json.loads(storage.read_bytes(path)))
        except (ValueError, KeyError, TypeError):
            continue  # a kill in the middle of writing it
        if receipt.unit not in found and all(
            storage.size(storage.join(run_dir, file.path)) == file.bytes for file in receipt.files
        ):
            found[receipt.unit] = receipt
    return found


@dataclass(frozen=True)
class Manifest:
    """A finished phase: one receipt for each of its units, in the units' order."""

    phase: str
    receipts: tuple[Receipt, ...]

    def files(self, role: str) -> list[CommittedFile]:
        return [file for receipt in self.receipts for file in receipt.files if file.role == role]

    def total(self, count: str) -> int:
        return sum(receipt.counts.get(count, 0) for receipt in self.receipts)


def write_manifest(run_dir: str, phase: str, units: Iterable[str]) -> Manifest:
    """Declares ``phase`` done. Raises ``RuntimeError`` if a unit has no valid receipt."""
    units = sorted(units)
    found = receipts(run_dir, phase)
    missing = [unit for unit in units if unit not in found]
    if missing:
        raise RuntimeError(
            f"phase {phase} ended, but {len(missing)} of its units handed nothing in (the first: {missing[0]}); "
            f"run the same command again to continue"
        )
    manifest = Manifest(phase, tuple(found[unit] for unit in units))
    path = storage.join(run_dir, "work", phase, "manifest.json")
    storage.write_bytes(path, storage.dump_json({"phase": phase, "receipts": [asdict(r) for r in manifest.receipts]}))
    return manifest


def read_manifest(run_dir: str, phase: str) -> Manifest | None:
    """The manifest of ``phase``, or ``None`` while it isn't done."""
    path = storage.join(run_dir, "work", phase, "manifest.json")
    if storage.size(path) is None:
        return None
    try:
        data = json.loads(storage.read_bytes(path))
        return Manifest(data["phase"], tuple(_parse_receipt(receipt) for receipt in data["receipts"]))
    except (ValueError, KeyError, TypeError):
        return None  # the driver was killed while writing it; the receipts are still there


def _parse_receipt(data: dict) -> Receipt:
    return Receipt(data["unit"], [CommittedFile(**file) for file in data["files"]], data["counts"])
