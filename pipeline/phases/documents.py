"""Phase documents: global MinHash deduplication (Broder 1997; Llama 3, arXiv 2407.21783, section 3.1.1).

    exact        texts with the same hash: one stays              pipeline/transforms/best_per_key.py
    candidates   bands -> buckets -> compared stars -> edges      pipeline/transforms/lsh_candidates.py
    components   edges -> what hangs together                     pipeline/transforms/connected_components.py
    survivors    members by component -> duplicates -> verdicts   here

A member of a component crosses the shuffle with its signature, some 700 bytes, and 8 bytes for each of its distinct
words. Its shingles, which close calls are settled by, move through a file from which single documents are read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

import apache_beam as beam
import numpy as np

from dedup.clusters import Member, find_duplicates
from dedup.shingles import KINDS, shingles
from dedup.unique_words import vocabulary
from pipeline import storage
from pipeline.listing import Manifest
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState, pointers
from pipeline.stopwatch import measured
from pipeline.transforms.best_per_key import all_but_one
from pipeline.transforms.committing import commit
from pipeline.transforms.connected_components import labels
from pipeline.transforms.lsh_candidates import find_candidates
from pipeline.transforms.measures import shingling
from pipeline.transforms.subjobs import committed
from pipeline.transforms.verdict_tables import Verdict, unpacked, write_verdicts
from recipes.schema import Documents
from text.view import TextView

EXACT_JOB = "documents-exact"
_EXACT_MICROSECONDS = 60


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Documents) -> None:
    unique = run.having(_exact_duplicates(pipeline, run, settings))
    candidates = find_candidates(pipeline, unique, settings)
    near = None
    if candidates.total("edges"):
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


def _read_shingles(member: Member, kind: str) -> np.ndarray:
    """From the stretch of a file (path, start and length in bytes) that :func:`_members` has put them in."""
    path, start, length = member.shingles[kind]
    return np.frombuffer(storage.read_range(path, start, length), np.uint64)


@measured("documents")
def _members(element, run: RunState, settings: Documents) -> Iterator[tuple[int, tuple]]:
    index, packed = element
    part = run.part(index)
    pairs = [np.stack([np.frombuffer(column, np.int64) for column in pair], axis=1) for pair in packed]
    rows, roots = np.unique(np.concatenate(pairs), axis=0).T
    columns = ["id", "date", "words", "language", *(f"signature_of_{kind}" for kind in KINDS)]
    features = part.read("extract", "features", columns).take(rows).to_pylist()
    texts = part.read("extract", "text", ["text"])["text"].take(rows)
    # Named apart from all other attempts; whoever reads it got the name with the member.
    path = storage.join(run.dir, "work", PHASE.name, f"{part.unit}.{uuid.uuid4().hex[:8]}.shingles")
    contents: list[bytes] = []
    members: list[tuple[int, tuple]] = []
    start = 0
    rule = shingling(settings)
    for text, root, pointer, row in zip(texts, roots.tolist(), pointers(part, rows).tolist(), features, strict=True):
        view = TextView(text.as_py())
        signatures, where = {}, {}
        for kind, found in shingles(view, row["language"], rule).items():
            contents.append(found.tobytes())
            where[kind] = (path, start, found.nbytes)
            start += found.nbytes
            signatures[kind] = row[f"signature_of_{kind}"]
        own = vocabulary(view, row["language"], rule)
        members.append((root, (pointer, row["id"], row["date"], row["words"], signatures, where, own)))
    storage.write_bytes(path, b"".join(contents))
    yield from members


@measured("documents")
def _duplicates(element, settings: Documents) -> Iterator[tuple[int, Verdict]]:
    members = [Member(*member) for member in element[1]]
    for gone in find_duplicates(
        members, settings.min_similarity, settings.survivor, _read_shingles, settings.max_unique_share
    ):
        row = gone.pointer & 0xFFFFFFFF
        yield gone.pointer >> 32, Verdict(row, "near_duplicate", gone.similarity, gone.survivor, gone.unique_words)
