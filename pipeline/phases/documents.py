"""Phase documents: global MinHash deduplication (Broder 1997; Llama 3, arXiv 2407.21783, section 3.1.1).

    signatures -> (range of keys, packed keys and pointers) -> stars -> components, in one worker
               -> members by component -> duplicates -> verdicts

What crosses the shuffle is packed arrays: 16 bytes a document and band, then 16 bytes an edge, then 500 bytes a member
of a component. One worker holds all edges (scipy's connected components, 44 bytes an edge): up to
``MAX_EDGES`` of them, beyond which the phase stops with an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam
import numpy as np

from dedup.clusters import Member, components, find_duplicates, star_edges
from dedup.minhash import band_keys
from pipeline.phases.units import part_units, units_collection
from pipeline.phases.verdicts import Verdict, write_verdicts
from pipeline.run_state import Part, RunState, pointers
from pipeline.stopwatch import measured
from text.hashing import hash64

PHASE = "documents"
MAP_ONLY = False
MAX_EDGES = 200_000_000
# Keys of one range are sorted together in memory: 16 bytes each.
_KEYS_PER_RANGE = 4_000_000


def units(run: RunState) -> list[str]:
    return part_units(run)


def build(pipeline: beam.Pipeline, run: RunState) -> None:
    todo = run.parts()
    settings = run.recipe.documents
    ranges = 1 + sum(part.rows for part in todo) * settings.bands // _KEYS_PER_RANGE
    verdicts = (
        units_collection(pipeline, todo)
        | "bands" >> beam.FlatMap(_packed_bands, settings.bands, settings.rows, ranges)
        | "by range" >> beam.GroupByKey()
        | "stars" >> beam.Map(_stars)
        | "all edges" >> beam.GroupBy(lambda edges: 0)
        | "components" >> beam.FlatMap(_components)
        | "members by part" >> beam.GroupByKey()
        | "members" >> beam.FlatMap(_members, {part.index: part for part in todo})
        | "by component" >> beam.GroupByKey()
        | "duplicates" >> beam.FlatMap(_duplicates, settings.min_similarity)
    )
    write_verdicts(pipeline, verdicts, run, PHASE, todo)


@measured("documents")
def _packed_bands(part: Part, bands: int, rows: int, ranges: int) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    alive = np.flatnonzero(part.alive())
    if not len(alive):
        return
    features = part.read("extract", "features", ["language", "signature"]).take(alive)
    signatures = np.stack([np.frombuffer(value, np.uint32) for value in features["signature"].to_pylist()])
    keys = band_keys(signatures, bands, rows)
    # Duplicates are looked for within a language: its hash goes into every key.
    salts = np.array([hash64(language) for language in features["language"].to_pylist()], np.uint64)
    keys = (keys ^ salts[:, None]).reshape(-1)
    where = np.repeat(pointers(part, alive), bands)
    # The upper half of a 64-bit hash, scaled to the number of ranges.
    target = (keys >> np.uint64(32)) * np.uint64(ranges) >> np.uint64(32)
    for number in range(ranges):
        chosen = target == number
        yield number, (keys[chosen].tobytes(), where[chosen].tobytes())


@measured("documents")
def _stars(element: tuple[int, Iterable[tuple[bytes, bytes]]]) -> bytes:
    packed = list(element[1])
    keys = np.frombuffer(b"".join(keys for keys, _ in packed), np.uint64)
    where = np.frombuffer(b"".join(where for _, where in packed), np.int64)
    return star_edges(keys, where).tobytes()


@measured("documents")
def _components(element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """For each part that has members of components: their rows, and the components' smallest pointers, packed."""
    edges = np.frombuffer(b"".join(element[1]), np.int64).reshape(-1, 2)
    if len(edges) > MAX_EDGES:
        raise ValueError(
            f"{len(edges)} candidate pairs don't fit one worker (the limit is {MAX_EDGES}); raise documents.rows or "
            f"lower documents.bands, or mill the crawl in several runs"
        )
    where, roots = components(edges)
    index = where >> 32
    for part in np.unique(index).tolist():
        chosen = index == part
        yield part, ((where[chosen] & 0xFFFFFFFF).tobytes(), roots[chosen].tobytes())


@measured("documents")
def _members(element, parts: dict[int, Part]) -> Iterator[tuple[int, tuple]]:
    index, packed = element
    part = parts[index]
    for rows_bytes, roots_bytes in packed:
        rows, roots = np.frombuffer(rows_bytes, np.int64), np.frombuffer(roots_bytes, np.int64)
        features = part.read("extract", "features", ["id", "date", "words", "signature"]).take(rows)
        for root, pointer, row in zip(roots.tolist(), pointers(part, rows).tolist(), features.to_pylist(), strict=True):
            yield root, (pointer, row["id"], row["date"], row["words"], row["signature"])


@measured("documents")
def _duplicates(element, min_similarity: float) -> Iterator[tuple[int, Verdict]]:
    for duplicate in find_duplicates([Member(*member) for member in element[1]], min_similarity):
        row = duplicate.pointer & 0xFFFFFFFF
        yield duplicate.pointer >> 32, Verdict(row, "near_duplicate", duplicate.similarity, duplicate.survivor)
