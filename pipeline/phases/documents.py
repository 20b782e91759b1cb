"""Phase documents: global MinHash deduplication (Broder 1997; Llama 3, arXiv 2407.21783, section 3.1.1).

    exact        texts with the same hash: one stays              pipeline/transforms/best_per_key.py
    candidates   bands -> buckets -> compared stars -> edges      pipeline/transforms/lsh_candidates.py
    components   edges -> what hangs together                     pipeline/transforms/connected_components.py
    survivors    members by component -> duplicates -> verdicts   here

A member of a component crosses the shuffle with its signature, some 700 bytes, and 8 bytes for each of its distinct
words, or where there are many moves through files (pipeline/transforms/component_members.py). Its shingles, which close
calls are settled by, are in a file from which single documents are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam

from dedup.clusters import Member, find_duplicates
from pipeline.listing import Manifest
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms.best_per_key import all_but_one
from pipeline.transforms.committing import commit
from pipeline.transforms.component_members import as_verdict, duplicates_by_range, members_of, read_shingles
from pipeline.transforms.connected_components import labels
from pipeline.transforms.lsh_candidates import find_candidates
from pipeline.transforms.subjobs import committed
from pipeline.transforms.verdict_tables import Verdict, unpacked, write_verdicts
from recipes.schema import Documents

EXACT_JOB = "documents-exact"
_EXACT_MICROSECONDS = 60
# No component has more members than edges and one. With more edges than these, members move through files.
_EDGES_BY_SHUFFLE = 250_000


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Documents) -> None:
    unique = run.having(_exact_duplicates(pipeline, run, settings))
    candidates = find_candidates(pipeline, unique, settings)
    near = None
    if candidates.total("edges") > _EDGES_BY_SHUFFLE:
        near = duplicates_by_range(pipeline, run, candidates, settings)
    elif candidates.total("edges"):
        near = (
            labels(pipeline, run, candidates, settings.edges_per_worker)
            | "members by part" >> beam.GroupByKey()
            | "members" >> beam.FlatMap(_members, run, settings)
            | "by component" >> beam.GroupByKey()
            | "duplicates" >> beam.FlatMap(_duplicates, settings)
        )
    verdicts = write_verdicts(pipeline, near, unique, PHASE.name, _with_exact_ones)
    commit(verdicts, run.dir, PHASE.name, units(run))


PHASE = Phase("documents", units, build, settings=lambda recipe: recipe.documents, microseconds=70)


def _exact_duplicates(pipeline: beam.Pipeline, run: RunState, settings: Documents) -> Manifest:
    """The job whose verdicts are on exact duplicates."""

    def build_job(job: beam.Pipeline) -> None:
        all_but_one(job, run, EXACT_JOB, "content_hash", settings.survivor, "exact_duplicate")

    return committed(
        pipeline, run.dir, EXACT_JOB, run.part_count(), build_job, run.shared_seconds(_EXACT_MICROSECONDS)
    )


def _with_exact_ones(part: Part, near: Iterable[tuple]) -> Iterator[Verdict]:
    exact = [] if EXACT_JOB in part.passed_by else part.read(EXACT_JOB, "verdicts").to_pylist()
    for row, verdict in enumerate(exact):
        if verdict["reason"]:
            yield Verdict(row, verdict["reason"], 1.0, verdict["detail"], unique_words=0)
    yield from unpacked(part, near)


def _members(element, run: RunState, settings: Documents) -> Iterator[tuple[int, tuple]]:
    index, packed = element
    for root, member in members_of(index, packed, run, settings):
        yield root, tuple(vars(member).values())


@measured("documents")
def _duplicates(element, settings: Documents) -> Iterator[tuple[int, Verdict]]:
    members = [Member(*member) for member in element[1]]
    found = find_duplicates(
        members, settings.min_similarity, settings.survivor, read_shingles, settings.max_unique_share, settings.rows
    )
    return map(as_verdict, found)
