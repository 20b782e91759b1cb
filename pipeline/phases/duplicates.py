"""Phase duplicates: every cluster of a run, one row a member, so that a person can judge what deduplication did.

    verdicts of a part -> its members that went, sorted by cluster     job duplicates-members, a file a part
    of many parts -> merged in passes                                  jobs duplicates-merge-1, -2 ...
    of all parts one range of clusters, their survivors added          here, a file of duplicates/ a range

Where there is one range, and no more parts than a unit may open, that unit reads the verdicts themselves.

The verdicts of the stages that have levels (:mod:`pipeline.stages`) name each one's survivor, whose id is the
cluster's. A level has clusters of its own: the survivor of a URL's captures may itself be a near-duplicate of another
page.

A worker holds one range in Arrow: some 600 bytes a row with all copies that sorting and writing make.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import stages, tables
from pipeline.commit import Attempt
from pipeline.counts import duplicates_of
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.transforms import sorted_rows
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.range_merge import Level, merged
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, part_units, range_units, work_on
from recipes import Recipe

FOLDER = "duplicates"
MEMBERS_JOB = "duplicates-members"
MERGE_JOB = "duplicates-merge"
KEYS = {"members": "cluster", "documents": "id"}
# ``cluster`` is the id of its survivor, the row with ``survivor`` true. ``similarity`` is that to the survivor: null
# between captures of a URL, which weren't compared. ``unique_words`` are a member's that stand nowhere in the survivor,
# null in the same cases and for survivors.
SCHEMA = pa.schema(
    [("level", pa.string()), ("cluster", pa.string()), ("id", pa.string()), ("url", pa.string()),
     ("date", pa.string()), ("survivor", pa.bool_()), ("similarity", pa.float64()), ("reason", pa.string()),
     ("unique_words", pa.int64())]
)  # fmt: skip
# What a member's verdict says of it, by its column here.
_OF_VERDICT = {"similarity": "score", "reason": "reason", "unique_words": "unique_words"}
_MEMBERS_PER_RANGE = 500_000
_ORDER = [
    ("level", "ascending"), ("cluster", "ascending"), ("survivor", "descending"), ("id", "ascending"),
    ("reason", "ascending"),
]  # fmt: skip


class Clusters(IdRange):
    """The clusters whose survivors' ids lie in a range."""

    @property
    def unit(self) -> str:
        return f"clusters-{self.number:05d}-of-{self.of:05d}"


def units(run: RunState) -> int:
    lost = sum(run.manifests[phase].total("rejected") for phase, _ in _deduplicating(run))
    return 1 + lost // _MEMBERS_PER_RANGE


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    level = None
    if units(run) > 1 or run.part_count() > settings.shards.fan_in:
        level = _members_by_cluster(pipeline, run, settings.shards.fan_in)
    work_on(pipeline, range_units(Clusters, units(run)), _WriteClusters(run, PHASE.name, level))


PHASE = Phase("duplicates", units, build, settings=lambda recipe: recipe)


def _members_by_cluster(pipeline: beam.Pipeline, run: RunState, fan_in: int) -> Level:
    def build_job(job: beam.Pipeline) -> None:
        work_on(job, part_units(run), _WriteMembers(run, MEMBERS_JOB))

    members = Level(committed(pipeline, run.dir, MEMBERS_JOB, run.part_count(), build_job), run.part_count())
    return merged(pipeline, run, MERGE_JOB, members, KEYS, units(run), fan_in)


def _deduplicating(run: RunState) -> list[tuple[str, Mapping[str, str]]]:
    """The phases of this run that reject duplicates, each with the level of its reasons."""
    levels = [(phase, stage.levels) for stage in stages.STAGES if stage.levels for phase in stage.phases]
    return [(phase, level_of) for phase, level_of in levels if phase in run.manifests]


class _WriteMembers(UnitDoFn):
    """Lists all of a part that went for a survivor, sorted by its id, so that a range of clusters is a stretch."""

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        documents = _documents_of(unit)
        members = _members_of(unit, documents, _deduplicating(self.run))
        for role, rows in (("members", members), ("documents", documents)):
            sorted_rows.write(attempt, role, rows, KEYS[role])
        return {"members": len(members)}


def _members_of(part: Part, documents: pa.Table, deduplicating: list[tuple[str, Mapping[str, str]]]) -> pa.Table:
    rows = []
    for phase, level_of in deduplicating:
        if phase in part.passed_by:
            continue
        verdicts = part.read(phase, "verdicts")
        chosen = np.flatnonzero(verdicts["detail"].is_valid().to_numpy())
        for who, why in zip(documents.take(chosen).to_pylist(), verdicts.take(chosen).to_pylist(), strict=True):
            row = {"level": level_of[why["reason"]], "cluster": why["detail"], "survivor": False}
            rows.append({**who, **row, **{of: why[name] for of, name in _OF_VERDICT.items()}})
    rows.sort(key=lambda row: row["cluster"])
    return tables.table(SCHEMA, rows)


def _documents_of(part: Part) -> pa.Table:
    return part.read("extract", "features", ["id", "url", "date"])


class _WriteClusters(UnitDoFn):
    """Writes a range of clusters, from all parts or from what their members were merged to."""

    def __init__(self, run: RunState, phase: str, level: Level | None):
        super().__init__(run, phase)
        self._level = level

    def work(self, unit: Clusters, attempt: Attempt) -> dict[str, Any]:
        members = pa.concat_tables([SCHEMA.empty_table(), *self._members(unit)])
        rows = pa.concat_tables([members, self._survivors(unit, members)]).sort_by(_ORDER).combine_chunks()
        attempt.write_table(FOLDER, rows, folder=FOLDER)
        return duplicates_of(members)

    def _members(self, unit: Clusters) -> Iterator[pa.Table]:
        if self._level is not None:
            return self._level.rows("members", unit, "cluster")
        deduplicating = _deduplicating(self.run)
        return (_members_of(part, _documents_of(part), deduplicating) for part in self.run.parts())

    def _documents(self, unit: Clusters) -> Iterator[pa.Table]:
        if self._level is not None:
            return self._level.rows("documents", unit)
        return (_documents_of(part) for part in self.run.parts())

    def _survivors(self, unit: Clusters, members: pa.Table) -> pa.Table:
        """A row of :data:`SCHEMA` for each cluster of ``members``: a document may survive at several levels."""
        if not len(members):
            return SCHEMA.empty_table()
        clusters = members.group_by(["level", "cluster"]).aggregate([])
        wanted = set(clusters["cluster"].to_pylist())
        found = []
        for table in self._documents(unit):
            survives = [identity in wanted for identity in table["id"].to_pylist()]
            found.append(table.filter(pa.array(survives, pa.bool_())))
        documents = pa.concat_tables(found)
        # Of identical captures, which have one id and say the same, the first will do.
        who = documents.take(pc.index_in(clusters["cluster"], documents["id"].combine_chunks()))
        count = len(clusters)
        columns = [
            clusters["level"], clusters["cluster"], who["id"], who["url"], who["date"],
            pa.repeat(True, count), pa.nulls(count, pa.float64()), pa.repeat("survivor", count),
            pa.nulls(count, pa.int64()),
        ]  # fmt: skip
        return pa.table(columns, schema=SCHEMA)
