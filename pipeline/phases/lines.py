"""Phase lines: which lines occur in too many documents (Llama 3, arXiv 2407.21783, section 3.1.1, after ccNet).

    text of documents still there -> (range, packed hashes and counts) -> added up -> frequent ones, a file a range

The documents of a language are dealt into buckets of 30 million by their id; a line is counted within its bucket.
12 bytes cross the shuffle for each different line of a part, and a range holds some eight million of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import PValue

from dedup.lines import line_hashes
from pipeline import storage, tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.work_units import every_range, part_units, units_collection
from recipes.schema import Lines
from text.hashing import hash64, range_of_hash

_LINES_PER_RANGE = 8_000_000
# Hashes of frequent lines that a worker process holds, 8 bytes each: 0.5 GB.
FREQUENT_IN_MEMORY = 64_000_000


def units(run: RunState) -> int:
    return 1 + run.manifests["extract"].total("lines") // _LINES_PER_RANGE


def build(pipeline: beam.Pipeline, run: RunState, settings: Lines) -> None:
    ranges = units(run)
    counted = units_collection(pipeline, part_units(run)) | "count lines" >> beam.FlatMap(
        _count_lines, Buckets(run, settings), ranges
    )
    receipts = (
        (counted, every_range(pipeline, ranges, _pack(*_NOTHING)))
        | beam.Flatten()
        | "add up" >> beam.CombinePerKey(_AddCounts())
        | "write frequent lines" >> beam.Map(_write_frequent, run.dir, settings)
    )
    commit(receipts, run.dir, PHASE.name, ranges)


PHASE = Phase("lines", units, build, settings=lambda recipe: recipe.lines, microseconds=150)


class Buckets:
    """Deals documents into buckets; the same deal for counting lines and for removing them."""

    def __init__(self, run: RunState, settings: Lines):
        documents = run.manifests["extract"].totals("languages")
        size = settings.bucket_documents
        # As many buckets as the documents that entered need, so that none is larger than asked for.
        self._buckets = {language: -(-count // size) for language, count in documents.items()}

    def salt(self, language: str, identity: str) -> int:
        """What separates the lines of a document's bucket from those of all others, as a hash seed."""
        bucket = int(identity[-8:], 16) % self._buckets[language]
        return hash64(f"{language} {bucket}")


def fit_in_memory(run: RunState) -> bool:
    """Whether a worker can hold all frequent lines."""
    return run.manifests[PHASE.name].rows("frequent") <= FREQUENT_IN_MEMORY


def frequent_lines(run: RunState) -> np.ndarray:
    """The hashes of all lines to remove: sorted ``uint64``."""
    paths = run.manifests[PHASE.name].paths("frequent")
    found = [storage.read_table(path, ["hash"])["hash"].to_numpy() for path in paths]
    return np.sort(np.concatenate([_NOTHING[0], *found]))


def frequent_lines_by_part(pipeline: beam.Pipeline, run: RunState, settings: Lines) -> PValue:
    """For each part with frequent lines: (part index, some of their hashes packed); a range is in memory at a time.

    A part sends 8 bytes for each different line, and no worker reads more than the ranges that it answers for.
    """
    return (
        units_collection(pipeline, part_units(run), "lines of parts")
        | "hash lines" >> beam.FlatMap(_hashes_by_range, Buckets(run, settings), units(run))
        | "lines by range" >> beam.GroupByKey()
        | "frequent among them" >> beam.FlatMap(_frequent_among, run.manifests[PHASE.name])
    )


def _hashes_by_range(part: Part, buckets: Buckets, ranges: int) -> Iterator[tuple[int, tuple[int, bytes]]]:
    lines, _ = _lines_of(part, buckets)
    target = range_of_hash(lines, ranges)
    for number in np.unique(target).tolist():
        yield number, (part.index, lines[target == number].tobytes())


def _frequent_among(element: tuple[int, Iterable[tuple[int, bytes]]], listed: Manifest) -> Iterator[tuple[int, bytes]]:
    number, asked = element
    path = listed.receipt(number).file("frequent").at(listed.run_dir)
    frequent = np.sort(storage.read_table(path, ["hash"])["hash"].to_numpy())
    for part, packed in asked:
        hashes = np.frombuffer(packed, np.uint64)
        found = hashes[is_among(hashes, frequent)]
        if len(found):
            yield part, found.tobytes()


def is_among(hashes: np.ndarray, frequent: np.ndarray) -> np.ndarray:
    """Which of some hashes are among sorted ones: booleans."""
    if not len(frequent):
        return np.zeros(len(hashes), bool)
    return frequent[np.minimum(np.searchsorted(frequent, hashes), len(frequent) - 1)] == hashes


def _unit(number: int) -> str:
    return f"range-{number:06d}"


@measured("lines")
def _count_lines(part: Part, buckets: Buckets, ranges: int) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    lines, counts = _lines_of(part, buckets)
    target = range_of_hash(lines, ranges)
    for number in np.unique(target).tolist():
        chosen = target == number
        yield number, _pack(lines[chosen], counts[chosen])


def _lines_of(part: Part, buckets: Buckets) -> tuple[np.ndarray, np.ndarray]:
    """The different lines of a part (sorted hashes), and in how many of its documents each is."""
    alive = part.alive()
    hashes = []
    texts = part.read("extract", "text", ["id", "language", "text", "spans"])
    for row, document in enumerate(tables.document_rows(texts)):
        if alive[row]:
            salt = buckets.salt(document["language"], document["id"])
            _, found = line_hashes(document["text"], document["spans"], salt)
            hashes.append(np.unique(found))  # a document counts once
    return np.unique(np.concatenate([np.empty(0, np.uint64), *hashes]), return_counts=True)


_NOTHING = np.empty(0, np.uint64), np.empty(0, np.int64)


def _pack(lines: np.ndarray, counts: np.ndarray) -> tuple[bytes, bytes]:
    return lines.astype(np.uint64).tobytes(), counts.astype(np.uint32).tobytes()


class _AddCounts(Gather):
    """Adds packed counts."""

    def merge(self, packed: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        return _add(packed)


@measured("lines")
def _add(packed: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    lines = np.frombuffer(b"".join(lines for lines, _ in packed), np.uint64)
    counts = np.frombuffer(b"".join(counts for _, counts in packed), np.uint32)
    different, where = np.unique(lines, return_inverse=True)
    sums = np.bincount(where, weights=counts, minlength=len(different))  # exact below 2 ** 53
    return _pack(different, sums)


def _write_frequent(element: tuple[int, tuple[bytes, bytes]], run_dir: str, settings: Lines) -> Receipt:
    number, (lines_bytes, counts_bytes) = element
    lines, counts = np.frombuffer(lines_bytes, np.uint64), np.frombuffer(counts_bytes, np.uint32)
    frequent = counts > settings.max_count
    attempt = Attempt(run_dir, PHASE.name, _unit(number), number)
    attempt.write_table("frequent", pa.table({"hash": lines[frequent], "count": counts[frequent]}))
    return attempt.finish({"lines": len(lines), "frequent_lines": int(frequent.sum())})
