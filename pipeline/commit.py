"""Committed or absent: how a unit of work hands in its files, and how a phase is declared done.

A phase is a number of *units* (a stretch of the crawl, a part, a shard), counted from 0. Whoever works on a unit is an
*attempt*: it writes files under names that no other attempt uses, and hands in a *receipt* that lists them with rows,
bytes and sha256. An engine may run a unit twice, kill it half-way, or leave a zombie that still writes: none of that
matters, since a file counts only once the phase's *manifest* leads to it, from one whole receipt per unit.

    work/PHASE/UNIT.ATTEMPT.ROLE.parquet      what attempts write; from unit 1,000 on a folder for each thousand of them
    work/PHASE/receipts/ATTEMPT.COUNT.json    so many receipts that one worker has handed in: what a killed run knows
    work/PHASE/listing/BLOCK.ATTEMPT.parquet  the receipts of 4,096 units (:mod:`pipeline.listing`)
    work/PHASE/summaries/ATTEMPT.json         all blocks of the listing, and their sums
    work/PHASE/manifest.json                  a summary that the driver has found complete: the phase is done
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipeline import retries, storage

# Aligned tables share their row groups, so that a stretch of rows can be read from all of them by the same indices.
ROW_GROUP_ROWS = 512
# In memory. So small a table takes as many bytes packed as unpacked, and packing twice the time, of readers too.
SMALL_BYTES = 32 << 10
# A store lists a folder at a time, whose names are held, and large ones cost a disk more for each file.
UNITS_PER_FOLDER = 1000
_COUNT = re.compile(r"\.(\d{6,})\.json$")


@dataclass(frozen=True)
class CommittedFile:
    """One file of a receipt. ``path`` is relative to the run's directory, or says where a file of another run lies;
    ``part`` counts a unit's files of a role."""

    path: str
    role: str
    rows: int
    bytes: int
    sha256: str
    part: int = 0

    def at(self, run_dir: str) -> str:
        """Where the file lies: below the directory of the run whose receipt names it or, of a run that goes on from
        another one (:mod:`pipeline.taking_over`), where that one has written it."""
        return located(run_dir, self.path)


@dataclass
class Receipt:
    """What an attempt at ``unit``, the phase's ``number``-th, wrote. ``counts`` holds whole numbers, also by name
    (``{"languages": {"en": 3}}``), that the ledger and later phases need; a manifest has their sums."""

    unit: str
    number: int
    files: list[CommittedFile] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, Any]:
        """What :func:`parse_receipt` reads. Nothing is copied, as ``dataclasses.asdict`` would."""
        return {**vars(self), "files": [vars(file) for file in self.files]}

    def file(self, role: str) -> CommittedFile:
        return next(file for file in self.files if file.role == role)


class Attempt:
    """One try at a unit. Files first, then :meth:`finish`; what isn't finished doesn't exist."""

    def __init__(self, run_dir: str, phase: str, unit: str, number: int):
        self._run_dir = run_dir
        self._folder = unit_folder(phase, number)
        self._name = f"{unit}.{new_name()}"
        self._receipt = Receipt(unit, number)

    def write_table(self, role: str, table: pa.Table, part: int = 0, folder: str | None = None) -> None:
        """Writes ``table`` as this unit's ``role``, below ``work/PHASE`` or in ``folder`` of the run's directory; small ones
        below ``work`` as they are."""
        packed = folder is not None or table.nbytes >= SMALL_BYTES
        data = storage.parquet_bytes(table, ROW_GROUP_ROWS, packed, checked=folder is None)
        self.write_bytes(role, data, table.num_rows, "parquet", part, folder)

    def write_bytes(
        self, role: str, data: bytes, rows: int, extension: str, part: int = 0, folder: str | None = None
    ) -> None:
        """Like :meth:`write_table`, for contents in any other format."""
        if folder is None:
            path = f"{self._folder}/{self._name}.{part:04d}.{role}.{extension}"
        else:
            path = f"{folder}/{self._name}.{part:04d}.{extension}" if part else f"{folder}/{self._name}.{extension}"
        storage.write_bytes(storage.join(self._run_dir, path), data)
        self._receipt.files.append(CommittedFile(path, role, rows, len(data), storage.sha256(data), part))

    def finish(self, counts: dict[str, Any] | None = None) -> Receipt:
        """The receipt, which is to be handed in (:mod:`pipeline.transforms.committing`)."""
        self._receipt.counts = counts or {}
        if asked_again := retries.take_counts():
            self._receipt.counts[retries.COUNT] = asked_again
        return self._receipt


def unit_folder(phase: str, number: int) -> str:
    """The folder, below a run's, in which files of a phase's ``number``-th unit lie."""
    thousand = number // UNITS_PER_FOLDER
    return f"work/{phase}/{thousand:04d}" if thousand else f"work/{phase}"


def located(base: str, path: str) -> str:
    """``path`` below ``base``, or as it is where it is absolute or a URL."""
    return path if storage.is_remote(path) or os.path.isabs(path) else storage.join(base, path)


def new_name() -> str:
    """A name that no other attempt has."""
    return uuid.uuid4().hex[:12]


def receipts_folder(run_dir: str, phase: str) -> str:
    return storage.join(run_dir, "work", phase, "receipts")


def write_receipts(run_dir: str, phase: str, receipts: Sequence[Receipt]) -> None:
    """Hands in receipts together, in one file."""
    path = storage.join(receipts_folder(run_dir, phase), f"{new_name()}.{len(receipts):06d}.json")
    storage.write_bytes(path, json.dumps([receipt.as_mapping() for receipt in receipts]).encode())


def handed_in(paths: Iterable[str]) -> int:
    """How many receipts the files of a receipts' folder hold, by their names."""
    return sum(int(match[1]) for match in map(_COUNT.search, paths) if match)


def read_receipts(run_dir: str, path: str) -> list[Receipt]:
    """The receipts of a file, but for those whose files are gone or cut; none where the file itself is torn."""
    try:
        found = [parse_receipt(data) for data in json.loads(storage.read_bytes(path))]
    except (ValueError, KeyError, TypeError):
        return []  # a kill in the middle of writing it
    return [
        receipt for receipt in found if all(storage.size(file.at(run_dir)) == file.bytes for file in receipt.files)
    ]


def parse_receipt(data: dict[str, Any]) -> Receipt:
    files = [CommittedFile(**file) for file in data["files"]]
    return Receipt(data["unit"], data["number"], files, data["counts"])
