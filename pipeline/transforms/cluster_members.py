"""Members of clusters of duplicates, from the verdicts of parts to the order in which clusters are written.

Members of each level are a table of its own, in the order of one column: cluster, id and reason, and which document of
which part it is, so that no two rows are equal however often a capture was given. A cluster may have any number of them.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import stages, tables
from pipeline.run_state import Part, RunState
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.ordered_rows import in_order
from pipeline.transforms.range_merge import Level

LEVELS = sorted(stages.LEVELS)
# ``cluster`` is the id of its survivor, the row with ``survivor`` true. ``similarity`` is that to the survivor: null
# between captures of a URL, which weren't compared. ``unique_words`` are a member's that stand nowhere in the survivor,
# null in the same cases and for survivors.
SCHEMA = pa.schema(
    [("level", pa.string()), ("cluster", pa.string()), ("id", pa.string()), ("url", pa.string()),
     ("date", pa.string()), ("survivor", pa.bool_()), ("similarity", pa.float64()), ("reason", pa.string()),
     ("unique_words", pa.int64())]
)  # fmt: skip
# What is kept of a member beside the order, by its column here and in the verdict on it.
_OF_MEMBERS = {"url": "", "date": "", "similarity": "score", "unique_words": "unique_words"}
_ORDER = "order"
_ID = 32
_BEHIND_REASON = " {:08x}{:08x}"
_MEMBERS = pa.schema([(_ORDER, pa.string()), *(SCHEMA.field(name) for name in _OF_MEMBERS)])
KEYS = {"documents": "id", **dict.fromkeys(LEVELS, _ORDER)}
"""By which column a table of each role is sorted: all documents of a part, and the members of each level."""
_ROWS_AT_ONCE = 1 << 16


def deduplicating(run: RunState) -> list[tuple[str, Mapping[str, str]]]:
    """The phases of this run that reject duplicates, each with the level of its reasons."""
    levels = [(phase, stage.levels) for stage in stages.STAGES if stage.levels for phase in stage.phases]
    return [(phase, level_of) for phase, level_of in levels if phase in run.manifests]


def tables_of(part: Part, phases: list[tuple[str, Mapping[str, str]]]) -> dict[str, pa.Table]:
    """By role, the sorted tables of a part, with what so many phases have rejected."""
    documents = _documents_of(part)
    return {"documents": documents, **_members_of(part, documents, phases)}


def _members_of(part: Part, documents: pa.Table, phases: list[tuple[str, Mapping[str, str]]]) -> dict[str, pa.Table]:
    """By level, the members that a part has."""
    found: dict[str, list[dict[str, Any]]] = {level: [] for level in LEVELS}
    for phase, level_of in phases:
        if phase in part.passed_by:
            continue
        verdicts = part.read(phase, "verdicts")
        chosen = np.flatnonzero(verdicts["detail"].is_valid().to_numpy())
        of_verdicts = verdicts.take(chosen).to_pylist()
        for row, who, why in zip(chosen.tolist(), documents.take(chosen).to_pylist(), of_verdicts, strict=True):
            key = f"{why['detail']}{who['id']}{why['reason']}{_BEHIND_REASON.format(part.number, row)}"
            found[level_of[why["reason"]]].append(
                {_ORDER: key, **{name: who.get(name, why.get(of)) for name, of in _OF_MEMBERS.items()}}
            )
    return {level: tables.table(_MEMBERS, sorted(rows, key=itemgetter(_ORDER))) for level, rows in found.items()}


def _as_rows(level: str, rows: pa.Table) -> pa.Table:
    order = rows[_ORDER]
    columns = {name: rows[name] for name in _OF_MEMBERS} | {
        "level": pa.repeat(level, len(rows)),
        "cluster": pc.utf8_slice_codeunits(order, 0, _ID),
        "id": pc.utf8_slice_codeunits(order, _ID, 2 * _ID),
        "survivor": pa.repeat(False, len(rows)),
        "reason": pc.utf8_slice_codeunits(order, 2 * _ID, -len(_BEHIND_REASON.format(0, 0))),
    }
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _documents_of(part: Part) -> pa.Table:
    return part.read("extract", "features", ["id", "url", "date"])


class Members(Protocol):
    """The members of clusters, and the documents among which their survivors are."""

    def in_order(self, level: str) -> Iterator[pa.Table]:
        """Rows of :data:`SCHEMA` sorted by cluster, id and reason, many at a time."""
        ...

    def clusters(self) -> Iterator[pa.ChunkedArray]:
        """The clusters of all members of all levels, in any order and repeated."""
        ...

    def documents(self) -> Iterator[pa.Table]:
        """``id``, ``url`` and ``date``."""
        ...


class MembersOfParts:
    """Of few parts with few members, which are all held."""

    def __init__(self, run: RunState):
        self._run = run
        phases = deduplicating(run)
        found = [_members_of(part, _documents_of(part), phases) for part in run.parts()]
        self._levels = {
            level: pa.concat_tables([_MEMBERS.empty_table(), *(one[level] for one in found)]).sort_by(_ORDER)
            for level in LEVELS
        }

    def in_order(self, level: str) -> Iterator[pa.Table]:
        rows = self._levels[level]
        return iter([_as_rows(level, rows)] if len(rows) else [])

    def clusters(self) -> Iterator[pa.ChunkedArray]:
        return (pc.utf8_slice_codeunits(rows[_ORDER], 0, _ID) for rows in self._levels.values())

    def documents(self) -> Iterator[pa.Table]:
        return (_documents_of(part) for part in self._run.parts())


class MergedMembers:
    """Of a range of clusters, read twice in the order of their ids."""

    def __init__(self, level: Level, ids: IdRange):
        self._level, self._ids = level, ids

    def in_order(self, level: str) -> Iterator[pa.Table]:
        taken = self._level.sources(level, self._ids, _ORDER)
        yield from (_as_rows(level, rows) for rows in in_order(taken, _ORDER, self._ids.high(), _ROWS_AT_ONCE))
        for source in taken:
            source.close()

    def clusters(self) -> Iterator[pa.ChunkedArray]:
        for level in LEVELS:
            for rows in self._level.rows(level, self._ids, _ORDER):
                yield pc.utf8_slice_codeunits(rows[_ORDER], 0, _ID)

    def documents(self) -> Iterator[pa.Table]:
        return self._level.rows("documents", self._ids)
