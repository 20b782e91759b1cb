"""What a phase has committed, as tables that workers read: nothing of it travels with a job's graph.

A *listing* holds the receipts of a phase in blocks of :data:`BLOCK_UNITS` units (fewer where a unit writes hundreds of
files), a Parquet file each. A *manifest* says
where the blocks lie and what their counts add up to: one small file, which is all that a restart reads of a phase that
is done. Pickled, a manifest is a run's folder and a phase's name; whoever needs more reads it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa

from pipeline import storage
from pipeline.commit import Receipt, new_name, parse_receipt

# A block is what one worker reads to know its units, and what the last step of a job merges: some 2 MB.
BLOCK_UNITS = 4096
# Of units that write many files a block has no more files than about these, some 800 bytes each while it is written.
_FILES_PER_BLOCK = 1 << 16
# Within a block so many receipts are read at once, or as many as have so many files, some 400 bytes each: those of a pass of
# merging have hundreds. The last of them that were asked for one by one stay in memory.
_UNITS_AT_ONCE = 512
_FILES_AT_ONCE = 4096
_KEPT = 128
_SCHEMA = pa.schema(
    [("number", pa.int64()), ("unit", pa.string()), ("counts", pa.string()),
     ("files", pa.list_(pa.struct([
         ("path", pa.string()), ("role", pa.string()), ("rows", pa.int64()), ("bytes", pa.int64()),
         ("sha256", pa.string()), ("part", pa.int64()),
     ])))]
)  # fmt: skip


class Manifest:
    """A finished phase: its number of ``units``, the sums of their counts, and the way to their receipts."""

    def __init__(self, run_dir: str, phase: str, contents: dict[str, Any] | None = None):
        self.run_dir = run_dir
        self.phase = phase
        self._contents = contents

    def __reduce__(self) -> tuple:
        return Manifest, (self.run_dir, self.phase)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and self._read() == other._read()

    __hash__ = None  # type: ignore[assignment]

    @property
    def units(self) -> int:
        return sum(block["units"] for block in self._read()["blocks"])

    @property
    def is_by_part(self) -> bool:
        """Whether its units are the parts of the run, perhaps with others behind them."""
        return any(block["by_part"] for block in self._read()["blocks"])

    def total(self, count: str) -> int:
        """The sum of a count over all units."""
        return self._read()["counts"].get(count, 0)

    def totals(self, counts: str) -> dict[str, Any]:
        """The sums of counts that have names."""
        return self._read()["counts"].get(counts, {})

    def rows(self, role: str) -> int:
        """Rows in all files of a role."""
        return self._read()["rows"].get(role, 0)

    def blocks(self) -> int:
        return len(self._read()["blocks"])

    def block(self, number: int) -> tuple[Receipt, ...]:
        """The receipts of the units of a block, in the units' order: those from ``number * BLOCK_UNITS`` on, unless a unit
        writes many files."""
        path, at_once = self._place(number)
        return _read_some(path) if at_once == BLOCK_UNITS else tuple(self.each_of(number))

    def each_of(self, number: int) -> Iterator[Receipt]:
        """The same receipts one by one, some thousands of their files in memory."""
        path, at_once = self._place(number)
        if at_once == BLOCK_UNITS:
            yield from _read_some(path)
            return
        units = self._read()["blocks"][number]["units"]
        for group in range(-(-units // at_once)):
            yield from _parse(storage.read_table(path, row_groups=[group]))

    def receipt(self, number: int) -> Receipt:
        """The receipt of one unit."""
        block_units = self._read()["blocks"][0].get("block_units", BLOCK_UNITS)
        path, at_once = self._place(number // block_units)
        group, place = divmod(number % block_units, at_once)
        return _read_some(path, None if at_once == BLOCK_UNITS else group)[place]

    def receipts(self) -> Iterator[Receipt]:
        """All receipts, in the units' order, as :meth:`each_of` reads them."""
        for number in range(self.blocks()):
            yield from self.each_of(number)

    def paths(self, role: str) -> Iterator[str]:
        """Where the files of a role lie, in the units' order."""
        for receipt in self.receipts():
            yield from (file.at(self.run_dir) for file in receipt.files if file.role == role)

    def _place(self, number: int) -> tuple[str, int]:
        """Where a block lies, and of how many units a row group of it is."""
        block = self._read()["blocks"][number]
        return storage.join(self.run_dir, block["path"]), block.get("at_once", BLOCK_UNITS)

    def _read(self) -> dict[str, Any]:
        if self._contents is None:
            contents = _read_json(manifest_path(self.run_dir, self.phase))
            if contents is None:
                raise RuntimeError(f"phase {self.phase} of {self.run_dir} has no manifest; was it removed?")
            self._contents = contents
        return self._contents


def manifest_path(run_dir: str, phase: str) -> str:
    return storage.join(run_dir, "work", phase, "manifest.json")


def read_manifest(run_dir: str, phase: str) -> Manifest | None:
    """The manifest of ``phase``, or ``None`` while it isn't done."""
    contents = _read_json(manifest_path(run_dir, phase))
    return None if contents is None else Manifest(run_dir, phase, contents)


def write_manifest(run_dir: str, phase: str, units: int) -> Manifest | None:
    """Declares ``phase`` done where a whole summary of so many units is there; otherwise returns ``None``."""
    for path in storage.list_files(storage.join(run_dir, "work", phase, "summaries")):
        contents = _read_json(path)  # torn by a kill in the middle of writing it: another may be whole
        if contents is not None and sum(block["units"] for block in contents["blocks"]) == units:
            storage.write_bytes(manifest_path(run_dir, phase), storage.dump_json(contents))
            return Manifest(run_dir, phase, contents)
    return None


def block_units_of(files: int) -> int:
    """How many units a block has where each writes at the most so many files."""
    return max(1, min(BLOCK_UNITS, _FILES_PER_BLOCK // files))


def write_block(
    run_dir: str, phase: str, number: int, receipts: Iterable[Receipt], block_units: int
) -> dict[str, Any]:
    """Writes the receipts of a block of ``block_units``, one for each unit, and returns what a summary says of it."""
    chosen = {receipt.number: receipt for receipt in receipts}
    ordered = [chosen[key] for key in sorted(chosen)]
    path = f"work/{phase}/listing/{number:06d}.{new_name()}.parquet"
    most = max([1, *(len(receipt.files) for receipt in ordered)])
    at_once = min(_UNITS_AT_ONCE, max(1, _FILES_AT_ONCE // most))
    if at_once >= len(ordered):
        at_once = BLOCK_UNITS  # few files in all
    some = (ordered[start : start + at_once] for start in range(0, len(ordered), at_once))
    storage.write_bytes(storage.join(run_dir, path), storage.parquet_of(_SCHEMA, map(_table, some)))
    counts: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for receipt in ordered:
        add_counts(counts, receipt.counts)
        for file in receipt.files:
            add_counts(files, {file.role: file.rows})
    by_part = any(receipt.unit.startswith("part-") for receipt in ordered)
    return {
        "number": number, "path": path, "units": len(ordered), "block_units": block_units, "at_once": at_once,
        "by_part": by_part, "counts": counts, "rows": files,
    }  # fmt: skip


def write_summary(run_dir: str, phase: str, blocks: Iterable[dict[str, Any]]) -> None:
    """Writes what all blocks of a listing are together."""
    by_number = {block["number"]: block for block in blocks}
    counts: dict[str, Any] = {}
    rows: dict[str, Any] = {}
    listed = []
    for number in sorted(by_number):
        block = by_number[number]
        add_counts(counts, block["counts"])
        add_counts(rows, block["rows"])
        listed.append({name: block[name] for name in ("path", "units", "block_units", "at_once", "by_part")})
    contents = {"phase": phase, "counts": counts, "rows": rows, "blocks": listed}
    path = storage.join(run_dir, "work", phase, "summaries", f"{new_name()}.json")
    storage.write_bytes(path, storage.dump_json(contents))


def write_listing(run_dir: str, phase: str, receipts: Iterable[Receipt]) -> Manifest:
    """Writes a whole listing from here, for receipts in their units' order, and declares it done."""
    summaries: list[dict[str, Any]] = []
    block: list[Receipt] = []
    units = 0
    for receipt in receipts:
        block.append(receipt)
        units += 1
        if len(block) == BLOCK_UNITS:
            summaries.append(write_block(run_dir, phase, len(summaries), block, BLOCK_UNITS))
            block = []
    if block:
        summaries.append(write_block(run_dir, phase, len(summaries), block, BLOCK_UNITS))
    write_summary(run_dir, phase, summaries)
    manifest = write_manifest(run_dir, phase, units)
    assert manifest is not None, f"the units of {phase} aren't numbered from 0 on"
    return manifest


def add_counts(total: dict[str, Any], counts: Mapping[str, Any]) -> None:
    """Adds whole numbers, by name and by name of name, to ``total``; what is no number (a hash) is left out."""
    for name, value in counts.items():
        if isinstance(value, Mapping):
            add_counts(total.setdefault(name, {}), value)
        elif isinstance(value, int):
            total[name] = total.get(name, 0) + value


def _read_json(path: str) -> dict[str, Any] | None:
    try:
        contents = json.loads(storage.read_bytes(path))
    except FileNotFoundError:
        return None
    except ValueError:
        return None  # a kill in the middle of writing it
    complete = isinstance(contents, dict) and {"phase", "counts", "rows", "blocks"} <= contents.keys()
    return contents if complete else None


@lru_cache(maxsize=_KEPT)
def _read_some(path: str, group: int | None = None) -> tuple[Receipt, ...]:
    return tuple(_parse(storage.read_table(path) if group is None else storage.read_table(path, row_groups=[group])))


def _parse(rows: pa.Table) -> Iterator[Receipt]:
    for row in rows.to_pylist():
        yield parse_receipt({**row, "counts": json.loads(row["counts"])})


def _table(receipts: Iterable[Receipt]) -> pa.Table:
    rows = [{**receipt.as_mapping(), "counts": json.dumps(receipt.counts)} for receipt in receipts]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
