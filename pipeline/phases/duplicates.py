"""Phase duplicates: every cluster of a run, one row a member, so that a person can judge what deduplication did.

    verdicts of a part -> its members that went, sorted by cluster     job duplicates-members, a file a part
    of many parts -> merged in passes                                  jobs duplicates-merge-1, -2 ...
    of all parts one range of clusters, their survivors added          here, a file of duplicates/ a range

Where there is one range, and no more parts than a unit may open, that unit reads the verdicts themselves.

The verdicts of the stages that have levels (:mod:`pipeline.stages`) name each one's survivor, whose id is the
cluster's. A level has clusters of its own: the survivor of a URL's captures may itself be a near-duplicate of another
page.

A cluster may have any number of members: they are merged in the order of cluster and id and written as they come, into
as many files as they fill. A worker holds the survivors of a range, of which there are no more than members of other
clusters, and the rows of a file: some 600 bytes a row with all copies that sorting and writing make.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.commit import Attempt
from pipeline.counts import duplicates_of
from pipeline.listing import add_counts
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.transforms import sorted_rows
from pipeline.transforms.cluster_members import (
    KEYS,
    LEVELS,
    SCHEMA,
    Members,
    MembersOfParts,
    MergedMembers,
    deduplicating,
    tables_of,
)
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.range_merge import Level, merged
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, part_units, range_units, work_on
from recipes import Recipe

FOLDER = "duplicates"
MEMBERS_JOB = "duplicates-members"
MERGE_JOB = "duplicates-merge"
_MEMBERS_PER_RANGE = 500_000
_ROWS_PER_FILE = 1 << 20
_ORDER = [("cluster", "ascending"), ("survivor", "descending"), ("id", "ascending"), ("reason", "ascending")]


class Clusters(IdRange):
    """The clusters whose survivors' ids lie in a range."""

    @property
    def unit(self) -> str:
        return f"clusters-{self.number:05d}-of-{self.of:05d}"


def units(run: RunState) -> int:
    lost = sum(run.manifests[phase].total("rejected") for phase, _ in deduplicating(run))
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


class _WriteMembers(UnitDoFn):
    """Lists all of a part that went for a survivor, sorted by its id, so that a range of clusters is a stretch."""

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        found = tables_of(unit, deduplicating(self.run))
        for role, rows in found.items():
            sorted_rows.write(attempt, role, rows, KEYS[role])
        return {"members": sum(len(found[level]) for level in LEVELS)}


class _WriteClusters(UnitDoFn):
    """Writes a range of clusters, from all parts or from what their members were merged to."""

    def __init__(self, run: RunState, phase: str, level: Level | None):
        super().__init__(run, phase)
        self._level = level

    def work(self, unit: Clusters, attempt: Attempt) -> dict[str, Any]:
        members = MembersOfParts(self.run) if self._level is None else MergedMembers(self._level, unit)
        survivors = _Survivors(members)
        out = _Files(attempt)
        counts: dict[str, Any] = {"went": {}, "unique_words": {}}
        for level in LEVELS:
            last = None
            for rows in members.in_order(level):
                add_counts(counts, duplicates_of(rows))
                clusters = rows["cluster"].unique()
                begun = clusters.filter(pc.not_equal(clusters, last)) if last is not None else clusters
                out.add(pa.concat_tables([rows, survivors.rows(level, begun)]).sort_by(_ORDER))
                last = clusters[-1]
        out.finish()
        return counts


class _Survivors:
    """The documents whose ids are those of clusters: one may survive at several levels."""

    def __init__(self, members: Members):
        wanted = {cluster for clusters in members.clusters() for cluster in clusters.unique().to_pylist()}
        found = [pa.table({name: pa.array([], pa.string()) for name in ("id", "url", "date")})]
        self._place: dict[str, int] = {}
        for documents in members.documents() if wanted else ():
            chosen = []
            for row, identity in enumerate(documents["id"].to_pylist()):
                # Of identical captures, which have one id and say the same, the first will do.
                if identity in wanted and identity not in self._place:
                    self._place[identity] = len(self._place)
                    chosen.append(row)
            found.append(documents.take(pa.array(chosen, pa.int64())))
        self._who = pa.concat_tables(found).combine_chunks()

    def rows(self, level: str, clusters: pa.Array) -> pa.Table:
        """A row of :data:`SCHEMA` for each cluster."""
        places = [self._place[cluster] for cluster in clusters.to_pylist()]
        who, count = self._who.take(pa.array(places, pa.int64())), len(clusters)
        columns = [
            pa.repeat(level, count), clusters, who["id"], who["url"], who["date"], pa.repeat(True, count),
            pa.nulls(count, pa.float64()), pa.repeat("survivor", count), pa.nulls(count, pa.int64()),
        ]  # fmt: skip
        return pa.table(columns, schema=SCHEMA)


class _Files:
    """Rows that come one after the other, in files of so many rows, at least one file."""

    def __init__(self, attempt: Attempt):
        self._attempt = attempt
        self._rows = SCHEMA.empty_table()
        self._written = 0

    def add(self, rows: pa.Table) -> None:
        self._rows = pa.concat_tables([self._rows, rows])
        while len(self._rows) > _ROWS_PER_FILE:
            self._write(self._rows.slice(0, _ROWS_PER_FILE))
            self._rows = self._rows.slice(_ROWS_PER_FILE)

    def finish(self) -> None:
        self._write(self._rows)

    def _write(self, rows: pa.Table) -> None:
        self._attempt.write_table(FOLDER, rows.combine_chunks(), self._written, FOLDER)
        self._written += 1
