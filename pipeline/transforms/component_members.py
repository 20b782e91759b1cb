"""Members of components of near-duplicates: what they are compared by, and their way to one another.

Few cross the shuffle by component. Many are written by part in the order in which survivors are chosen, merged in
passes and read by ranges of components, some at a time: a component of any size takes as much memory as its survivors.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import PValue

from dedup.clusters import Component, Member, rank_of
from dedup.shingles import KINDS, shingles
from dedup.unique_words import Vocabulary, vocabulary
from pipeline import storage
from pipeline.commit import Attempt, Receipt, unit_folder
from pipeline.listing import Manifest
from pipeline.run_state import RunState, pointers
from pipeline.stopwatch import measured
from pipeline.transforms import sorted_rows
from pipeline.transforms.committing import commit
from pipeline.transforms.connected_components import labels
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.measures import shingling
from pipeline.transforms.ordered_rows import in_order
from pipeline.transforms.range_merge import Level, merged
from pipeline.transforms.subjobs import committed
from pipeline.transforms.verdict_tables import Verdict
from pipeline.transforms.work_units import every_range, range_units, units_collection
from recipes.schema import Documents
from text.hashing import GOLDEN
from text.view import TextView

MEMBERS_JOB = "documents-members"
MERGE_JOB = "documents-merge"
ROLE = "members"
_MEMBERS_PER_RANGE = 500_000
_MEMBERS_AT_ONCE = 4096
# Of rows: a hash of the component, by which it lies in a range, the component, and its members' ranks.
_ORDER = "order"
_HASH, _ROOT = 8, 16
_PLACE = pa.struct([("path", pa.string()), ("start", pa.int64()), ("bytes", pa.int64())])
_SCHEMA = pa.schema(
    [(_ORDER, pa.string()), ("pointer", pa.int64()), ("id", pa.string()), ("date", pa.string()), ("words", pa.int64()),
     *((f"{what}_of_{kind}", of) for kind in KINDS for what, of in (("signature", pa.binary()), ("shingles", _PLACE))),
     ("hashes", pa.binary()), ("counts", pa.binary()), ("length", pa.int64())]
)  # fmt: skip


@measured("documents")
def members_of(
    index: int, labelled: Iterable[tuple[bytes, bytes]], run: RunState, settings: Documents
) -> list[tuple[int, Member]]:
    """The members of a part, each with its component's root, from some of what :func:`labels` says of it. Their shingles,
    which close calls are settled by, are written to a file from which single documents are read."""
    part = run.part(index)
    pairs = [np.stack([np.frombuffer(column, np.int64) for column in pair], axis=1) for pair in labelled]
    rows, roots = np.unique(np.concatenate(pairs), axis=0).T
    columns = ["id", "date", "words", "language", *(f"signature_of_{kind}" for kind in KINDS)]
    features = part.read("extract", "features", columns).take(rows).to_pylist()
    texts = part.read("extract", "text", ["text"])["text"].take(rows)
    # Named apart from all other attempts; whoever reads it got the name with the member.
    path = storage.join(run.dir, unit_folder("documents", index), f"{part.unit}.{uuid.uuid4().hex[:8]}.shingles")
    contents: list[bytes] = []
    members: list[tuple[int, Member]] = []
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
        members.append((root, Member(pointer, row["id"], row["date"], row["words"], signatures, where, own)))
    storage.write_bytes(path, b"".join(contents))
    return members


def read_shingles(member: Member, kind: str) -> np.ndarray:
    """From the stretch of a file (path, start and length in bytes) that :func:`members_of` has put them in."""
    path, start, length = member.shingles[kind]
    return np.frombuffer(storage.read_range(path, start, length), np.uint64)


def as_verdict(gone: Any) -> tuple[int, Verdict]:
    """(part index, what is said of a :class:`dedup.clusters.Duplicate`)."""
    row = gone.pointer & 0xFFFFFFFF
    return gone.pointer >> 32, Verdict(row, "near_duplicate", gone.similarity, gone.survivor, gone.unique_words)


def duplicates_by_range(pipeline: beam.Pipeline, run: RunState, candidates: Manifest, settings: Documents) -> PValue:
    """Verdicts by part, of components that are read from files."""
    parts = run.part_count()

    def build(job: beam.Pipeline) -> None:
        receipts = (
            (labels(job, run, candidates, settings.edges_per_worker), every_range(job, parts, None))
            | "parts and members" >> beam.Flatten()
            | "members by part" >> beam.GroupByKey()
            | "write members" >> beam.Map(_write_members, run, settings)
        )
        commit(receipts, run.dir, MEMBERS_JOB, parts)

    written = committed(pipeline, run.dir, MEMBERS_JOB, parts, build)
    ranges = 1 + written.total("members") // _MEMBERS_PER_RANGE
    level = merged(pipeline, run, MERGE_JOB, Level(written, parts), {ROLE: _ORDER}, ranges, run.recipe.shards.fan_in)
    found = units_collection(pipeline, range_units(IdRange, ranges), "ranges of components")
    return found | "duplicates" >> beam.FlatMap(partial(_duplicates, level=level, settings=settings))


def _write_members(element: tuple[int, Iterable], run: RunState, settings: Documents) -> Receipt:
    index, given = element
    part = run.part(index)
    attempt = Attempt(run.dir, MEMBERS_JOB, part.unit, part.number)
    labelled = [each for each in given if each is not None]
    members = members_of(index, labelled, run, settings) if labelled else []
    rows = sorted((_row(root, member, settings) for root, member in members), key=lambda row: row[_ORDER])
    sorted_rows.write(attempt, ROLE, pa.Table.from_pylist(rows, _SCHEMA), _ORDER)
    return attempt.finish({"members": len(rows)})


def _row(root: int, member: Member, settings: Documents) -> dict[str, Any]:
    hashed = (root * int(GOLDEN) & 0xFFFFFFFFFFFFFFFF) >> 32
    own = member.vocabulary
    assert own is not None
    return {
        _ORDER: f"{hashed:08x}{root:016x}{rank_of(member.date, member.words, member.id, settings.survivor)}",
        "pointer": member.pointer, "id": member.id, "date": member.date, "words": member.words,
        **{f"signature_of_{kind}": signature for kind, signature in member.signatures.items()},
        **{f"shingles_of_{kind}": dict(zip(_PLACE.names, place, strict=True)) for kind, place in member.shingles.items()},
        "hashes": own.hashes.tobytes(), "counts": own.counts.tobytes(), "length": own.length,
    }  # fmt: skip


def _member(row: dict[str, Any]) -> Member:
    kinds = [kind for kind in KINDS if row[f"shingles_of_{kind}"] is not None]
    own = Vocabulary(np.frombuffer(row["hashes"], np.uint32), np.frombuffer(row["counts"], np.uint32), row["length"])
    signatures = {kind: row[f"signature_of_{kind}"] for kind in kinds}
    places = {kind: tuple(row[f"shingles_of_{kind}"][name] for name in _PLACE.names) for kind in kinds}
    return Member(row["pointer"], row["id"], row["date"], row["words"], signatures, places, own)


@measured("documents")
def _duplicates(ids: IdRange, level: Level, settings: Documents) -> Iterator[tuple[int, Verdict]]:
    sources = level.sources(ROLE, ids, _ORDER)
    begin = partial(Component, settings.min_similarity, read_shingles, settings.max_unique_share, settings.rows)
    component, before = begin(), ""
    for rows in in_order(sources, _ORDER, ids.high(), _MEMBERS_AT_ONCE):
        for root, members in groupby(rows.to_pylist(), key=lambda row: row[_ORDER][: _HASH + _ROOT]):
            if root != before:
                component, before = begin(), root
            yield from map(as_verdict, component.gone([_member(row) for row in members]))
    for source in sources:
        source.close()
