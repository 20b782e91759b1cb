"""Phase lines: which lines occur in too many documents (Llama 3, arXiv 2407.21783, section 3.1.1, after ccNet).

    text of documents still there -> (range, packed hashes and counts) -> added up -> frequent ones, a file a range

The documents of a language are dealt into buckets of 30 million by their id; a line is counted within its bucket.
12 bytes cross the shuffle for each different line of a part, and a range holds some eight million of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import numpy as np
import pyarrow as pa

from dedup.lines import line_hashes
from pipeline import tables
from pipeline.commit import Attempt, Receipt
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
    commit(receipts, run.dir, PHASE.name)


PHASE = Phase("lines", units, build, settings=lambda recipe: recipe.lines)


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


class FrequentLines:
    """The lines to remove. Up to ``FREQUENT_IN_MEMORY`` hashes are held; more are read by range for each part."""

    def __init__(self, run: RunState):
        self._run = run
        self._groups: list[list[str]] = []
        rows = 0
        for receipt in run.manifests[PHASE.name].receipts():
            file = receipt.file("frequent")
            if not self._groups or rows + file.rows > FREQUENT_IN_MEMORY:
                self._groups.append([])
                rows = 0
            self._groups[-1].append(file.path)
            rows += file.rows
        self._held = self._read(self._groups[0]) if len(self._groups) == 1 else None

    def among(self, hashes: np.ndarray) -> np.ndarray:
        """Those of some line hashes that are frequent: sorted ``uint64``, each once."""
        if self._held is not None:
            return np.intersect1d(hashes, self._held)
        found = [np.intersect1d(hashes, self._read(group)) for group in self._groups]
        return np.sort(np.concatenate([np.empty(0, np.uint64), *found]))

    def _read(self, paths: list[str]) -> np.ndarray:
        return np.concatenate([tables.read_column(self._run.dir, path, "hash") for path in paths])


def _unit(number: int) -> str:
    return f"range-{number:06d}"


@measured("lines")
def _count_lines(part: Part, buckets: Buckets, ranges: int) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    alive = part.alive()
    hashes = []
    for row, document in enumerate(part.read("extract", "text", ["id", "language", "text", "spans"]).to_pylist()):
        if alive[row]:
            salt = buckets.salt(document["language"], document["id"])
            _, found = line_hashes(document["text"], tables.spans_from(document["spans"]), salt)
            hashes.append(np.unique(found))  # a document counts once
    lines, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *hashes]), return_counts=True)
    target = range_of_hash(lines, ranges)
    for number in np.unique(target).tolist():
        chosen = target == number
        yield number, _pack(lines[chosen], counts[chosen])


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
