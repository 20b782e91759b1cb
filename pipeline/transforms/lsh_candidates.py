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

from dedup.buckets import pack, packed_width, verified_stars
from dedup.language_groups import language_group
from dedup.minhash import band_keys
from dedup.shingles import KINDS
from pipeline import storage
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest
from pipeline.run_state import PARTS, Part, RunState, pointers
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import every_range, part_units, units_collection
from recipes.schema import Documents
from text.hashing import hash64, range_of_hash

JOB = "documents-candidates"
_MICROSECONDS = 60
# Entries of one range are sorted and compared together in memory: 54 bytes each, some four times over.
_ENTRIES_PER_RANGE = 1_000_000
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
    places = settings.bands * settings.rows
    keys, ranks, where, signatures = (b"".join(column) for column in zip(*packed, strict=True))
    edges = verified_stars(
        np.frombuffer(keys, np.uint64),
        np.frombuffer(ranks, np.uint64),
        np.frombuffer(where, np.int64),
        np.frombuffer(signatures, np.uint8).reshape(-1, packed_width(places)),
        places,
        settings.min_similarity,
    )
    attempt = Attempt(run_dir, JOB, range_unit(number), number)
    attempt.write_table("edges", edges_table(edges))
    return attempt.finish({"edges": len(edges), "entries": len(keys) // 8})
