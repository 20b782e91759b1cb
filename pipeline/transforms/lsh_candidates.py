"""From signatures to edges in files: documents that share a band, starred and compared (:mod:`dedup.buckets`).

    signatures -> (range of keys, packed keys, ranks, pointers, b-bit signatures) -> stars -> edges, a file a range

A document and band cost 24 bytes and a packed signature in the shuffle: 54 at 120 places. Documents of 46 to 63 words,
which have signatures of two kinds, cost it twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam
import numpy as np
import pyarrow as pa

from dedup.buckets import LargeBucket, pack, packed_width, verified_stars
from dedup.language_groups import language_group
from dedup.minhash import band_keys
from dedup.shingles import KINDS
from pipeline import storage
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest
from pipeline.run_state import PARTS, Part, RunState, pointers
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.spilled_rows import Group, by_key
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import every_range, part_units, units_collection
from recipes.schema import Documents
from text.hashing import hash64, range_of_hash

JOB = "documents-candidates"
EDGES = "edges"
_MICROSECONDS = 60
# Entries of one range are sorted and compared together in memory: 54 bytes each, some four times over.
_ENTRIES_PER_RANGE = 1_000_000
# So many at the most. Where more are sent to a range, which one bucket may hold alone, they go through files.
_ENTRIES_AT_ONCE = 2_000_000
# Of each entry: its key, its document's rank and pointer, its packed signature.
Packed = tuple[bytes, ...]


def find_candidates(pipeline: beam.Pipeline, run: RunState, settings: Documents) -> Manifest:
    """The job's manifest; its files of role ``edges`` hold pairs of pointers, ``smaller`` and ``larger``.

    Documents that a phase or job of ``run`` has rejected, exact duplicates among them, take no part.
    """
    ranges = 1 + run.manifests[PARTS].rows("text") * settings.bands // _ENTRIES_PER_RANGE

    def build(job: beam.Pipeline) -> None:
        found = units_collection(job, part_units(run)) | "bands" >> beam.FlatMap(_packed_bands, settings, ranges)
        receipts = (
            (found, every_range(job, ranges, (b"", b"", b"", b"")))
            | beam.Flatten()
            | "by range" >> beam.GroupByKey()
            | "stars" >> beam.Map(_write_stars, run.dir, settings)
        )
        commit(receipts, run.dir, JOB, ranges)

    return committed(pipeline, run.dir, JOB, ranges, build, run.shared_seconds(_MICROSECONDS))


def range_unit(number: int) -> str:
    return f"range-{number:06d}"


def edges_table(edges: np.ndarray) -> pa.Table:
    return pa.table({"smaller": edges[:, 0], "larger": edges[:, 1]})


def read_edges(path: str) -> np.ndarray:
    """Edges of a file: ``int64`` of shape (edges, 2)."""
    table = storage.read_table(path)
    return np.stack([table["smaller"].to_numpy(), table["larger"].to_numpy()], axis=1)


@measured("documents")
def _packed_bands(part: Part, settings: Documents, ranges: int) -> Iterator[tuple[int, Packed]]:
    alive = np.flatnonzero(part.alive())
    if not len(alive):
        return
    kinds = [f"signature_of_{kind}" for kind in KINDS]
    features = part.read("extract", "features", ["id", "language", *kinds]).take(alive)
    # Kinds of shingles never meet: a document that has both is there twice.
    signed = [
        (row, np.frombuffer(value, np.uint32))
        for kind in kinds
        for row, value in enumerate(features[kind].to_pylist())
        if value is not None
    ]
    rows, signatures = np.array([row for row, _ in signed]), np.stack([signature for _, signature in signed])
    keys = band_keys(signatures, settings.bands, settings.rows)
    if settings.within_language:
        salts = np.array(
            [hash64(language_group(language)) for language in features["language"].to_pylist()], np.uint64
        )
        keys = keys ^ salts[rows, None]
    keys = keys.reshape(-1)
    ranks = np.array([int(identity[:16], 16) for identity in features["id"].to_pylist()], np.uint64)
    of_documents = (ranks[rows], pointers(part, alive[rows]), pack(signatures))
    columns = [keys, *(np.repeat(column, settings.bands, axis=0) for column in of_documents)]
    target = range_of_hash(keys, ranges)
    for number in np.unique(target).tolist():
        chosen = target == number
        yield number, tuple(column[chosen].tobytes() for column in columns)


@measured("documents")
def _write_stars(element: tuple[int, Iterable[Packed]], run_dir: str, settings: Documents) -> Receipt:
    number, packed = element
    attempt = Attempt(run_dir, JOB, range_unit(number), number)
    entry = np.dtype(
        [("key", np.uint64), ("rank", np.uint64), ("pointer", np.int64),
         ("packed", np.uint8, (packed_width(settings.bands * settings.rows),))]
    )  # fmt: skip
    entries = total = 0

    def chunks() -> Iterator[np.ndarray]:
        nonlocal entries
        for columns in packed:
            entries += len(columns[0]) // 8
            yield _entries(columns, entry)

    groups = by_key(chunks(), "key", _ENTRIES_AT_ONCE, "rank")
    for part, edges in enumerate(found for group in groups for found in _stars(group, entry, settings)):
        attempt.write_table(EDGES, edges_table(edges), part)
        total += len(edges)
    return attempt.finish({"edges": total, "entries": entries})


def _entries(columns: Packed, entry: np.dtype) -> np.ndarray:
    found = np.empty(len(columns[0]) // 8, entry)
    for name, column in zip(entry.names or (), columns, strict=True):
        of_one = entry[name]
        found[name] = np.frombuffer(column, of_one.base).reshape(-1, *of_one.shape)
    return found


def _stars(group: Group, entry: np.dtype, settings: Documents) -> Iterator[np.ndarray]:
    """The edges of the buckets of a group, or of a large one's stretches."""
    places = settings.bands * settings.rows
    if group.is_one_key:
        bucket = LargeBucket(places, settings.min_similarity)
        for rows in group.arrays():
            rows = rows[np.lexsort((rows["pointer"], rows["rank"]))]
            yield bucket.edges(rows["pointer"], rows["packed"])
        return
    rows = next(group.arrays(), np.empty(0, entry))
    keys, ranks, where, packed = (np.ascontiguousarray(rows[name]) for name in ("key", "rank", "pointer", "packed"))
    yield verified_stars(keys, ranks, where, packed, places, settings.min_similarity)
