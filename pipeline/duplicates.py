"""duplicates/: every cluster of a run, one row a member, so that a person can judge what deduplication did.

Put together when a run is published, from the verdicts of the phases urls and documents: each names the survivor. A
level has clusters of its own: the survivor of a URL's captures may itself be a near-duplicate of another page.

A file holds the clusters of one range of survivors' ids and is put together in memory; the verdicts of all parts are
read once a range.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import storage, tables
from pipeline.commit import ROW_GROUP_ROWS
from pipeline.run_state import Part, RunState

FOLDER = "duplicates"
LEVELS = {"older_capture": "url", "identical_capture": "url", "exact_duplicate": "exact", "near_duplicate": "near"}
# ``cluster`` is the id of its survivor, the row with ``survivor`` true. ``similarity`` is that to the survivor: null
# between captures of a URL, which weren't compared.
SCHEMA = pa.schema(
    [("level", pa.string()), ("cluster", pa.string()), ("id", pa.string()), ("url", pa.string()),
     ("date", pa.string()), ("survivor", pa.bool_()), ("similarity", pa.float64()), ("reason", pa.string())]
)  # fmt: skip
_ROWS_PER_FILE = 1_000_000


def write(state: RunState) -> None:
    """Writes duplicates/ and its manifest. The same rows give the same bytes under the same names."""
    parts = state.parts()
    phases = [phase for phase in ("urls", "documents") if phase in state.manifests]
    lost = sum(state.manifests[phase].total("rejected") for phase in phases)
    files = 1 + lost // _ROWS_PER_FILE
    listed = []
    for number in range(files):
        low, high = (f"{-(-edge * 2**32 // files):08x}" if edge < files else "g" for edge in (number, number + 1))
        rows = _members(parts, phases, low, high)
        survivors = _survivors(parts, {(row["level"], row["cluster"]) for row in rows})
        rows = sorted(rows + survivors, key=_order)
        data = storage.parquet_bytes(tables.table(SCHEMA, rows), ROW_GROUP_ROWS)
        name = f"part-{number:05d}-of-{files:05d}.parquet"
        storage.write_bytes(storage.join(state.dir, FOLDER, name), data)
        listed.append({"path": name, "rows": len(rows), "bytes": len(data), "sha256": storage.sha256(data)})
    storage.write_bytes(storage.join(state.dir, FOLDER, "manifest.json"), storage.dump_json({"files": listed}))


def _order(row: dict[str, Any]) -> tuple:
    return row["level"], row["cluster"], not row["survivor"], row["id"], row["reason"]


def _members(parts: list[Part], phases: list[str], low: str, high: str) -> list[dict[str, Any]]:
    """Rows of all that went for a survivor with an id from ``low`` up to ``high``."""
    rows = []
    for part in parts:
        features = part.read("extract", "features", ["id", "url", "date"])
        for phase in phases:
            verdicts = part.read(phase, "verdicts")
            inside = pc.and_(pc.greater_equal(verdicts["detail"], low), pc.less(verdicts["detail"], high))
            # Not by pyarrow's indices_nonzero, which may crash on columns of tables without rows.
            chosen = np.flatnonzero(pc.fill_null(inside, False).to_numpy())
            for who, why in zip(features.take(chosen).to_pylist(), verdicts.take(chosen).to_pylist(), strict=True):
                row = {"level": LEVELS[why["reason"]], "cluster": why["detail"], "survivor": False}
                rows.append({**who, **row, "similarity": why["score"], "reason": why["reason"]})
    return rows


def _survivors(parts: list[Part], clusters: set[tuple[str, str]]) -> list[dict[str, Any]]:
    levels: dict[str, list[str]] = {}
    for level, identity in clusters:
        levels.setdefault(identity, []).append(level)
    wanted = pa.array(sorted(levels), pa.string())
    found: dict[str, dict[str, Any]] = {}  # an identical capture has the survivor's id, and says the same
    for part in parts:
        features = part.read("extract", "features", ["id", "url", "date"])
        for row in features.filter(pc.is_in(features["id"], wanted)).to_pylist():
            found[row["id"]] = row
    return [
        {**row, "level": level, "cluster": identity, "survivor": True, "reason": "survivor"}
        for identity, row in found.items()
        for level in levels[identity]
    ]
