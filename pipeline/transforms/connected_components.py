"""Connected components of the edges in files: in one worker while they fit there, by large and small stars beyond.

The distributed way moves edges, packed by range, through one shuffle a star; each star is a job whose edges are files
again, and the driver goes on until a large and a small star in a row report no changed edge in their receipts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import partial

import apache_beam as beam
import numpy as np
from apache_beam.pvalue import PValue

from dedup.components import components, directed, large_star, range_of, small_star, star_of_one
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest
from pipeline.run_state import RunState
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.lsh_candidates import EDGES, edges_table, range_unit, read_edges
from pipeline.transforms.spilled_rows import Group, by_key
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import Units, every_range, units_collection

# Edges of one range are sorted together in memory, both ways: 32 bytes each, some four times over.
_EDGES_PER_RANGE = 1_000_000
# So many at the most. Where more are sent to a range, which one pointer may have alone, they go through files.
_EDGES_AT_ONCE = 4_000_000
_OUTGOING = np.dtype([("start", np.int64), ("end", np.int64)])


def labels(pipeline: beam.Pipeline, run: RunState, candidates: Manifest, edges_per_worker: int) -> PValue:
    """For each part and some of its documents: (part index, (rows, roots)), packed ``int64``.

    A root is the smallest pointer of a component. A pair may come more than once. Up to ``edges_per_worker`` edges are
    held by one worker; more are moved by stars.
    """
    if candidates.total("edges") <= edges_per_worker:
        return pipeline | "all edges" >> beam.Impulse() | "components" >> beam.FlatMap(_components, candidates)
    stars = _stars_until_nothing_changes(pipeline, run, candidates)
    files = units_collection(pipeline, _files_of(stars), "files of stars")
    return files | "components" >> beam.FlatMap(_components_of_stars)


def _stars_until_nothing_changes(pipeline: beam.Pipeline, run: RunState, edges: Manifest) -> Manifest:
    number, unchanged = 0, 0
    while unchanged < 2:
        move = "small" if number % 2 else "large"
        edges = _star(pipeline, run, edges, f"documents-star-{number:03d}-{move}", move == "large")
        unchanged = 0 if edges.total("changed") else unchanged + 1
        number += 1
    return edges


def _star(pipeline: beam.Pipeline, run: RunState, edges: Manifest, name: str, large: bool) -> Manifest:
    ranges = 1 + edges.total("edges") // _EDGES_PER_RANGE

    def build(job: beam.Pipeline) -> None:
        found = units_collection(job, _files_of(edges)) | "edges" >> beam.FlatMap(_dealt, large, ranges)
        receipts = (
            (found, every_range(job, ranges, b""))
            | beam.Flatten()
            | "by range" >> beam.GroupByKey()
            | "star" >> beam.Map(_write_star, run.dir, name, large)
        )
        commit(receipts, run.dir, name, ranges)

    return committed(pipeline, run.dir, name, ranges, build, math.inf if edges.units > 1 else 0.0)


def _files_of(edges: Manifest) -> Units:
    """The files of edges, by their paths."""
    return Units(edges.units, partial(_edge_files, edges))


def _edge_files(edges: Manifest, block: int) -> Iterator[str]:
    for receipt in edges.block(block):
        yield from (file.at(edges.run_dir) for file in receipt.files if file.role == EDGES)


@measured("documents")
def _dealt(path: str, large: bool, ranges: int) -> Iterator[tuple[int, bytes]]:
    outgoing = directed(read_edges(path), large)
    target = range_of(outgoing[:, 0], ranges)
    for number in np.unique(target).tolist():
        yield number, outgoing[target == number].tobytes()


@measured("documents")
def _write_star(element: tuple[int, Iterable[bytes]], run_dir: str, name: str, large: bool) -> Receipt:
    number, packed = element
    attempt = Attempt(run_dir, name, range_unit(number), number)
    total = changed = 0
    groups = by_key((np.frombuffer(each, _OUTGOING) for each in packed), "start", _EDGES_AT_ONCE)
    stars = (star for group in groups for star in _stars(group, large))
    for part, (edges, of_them) in enumerate(stars):
        attempt.write_table(EDGES, edges_table(edges), part)
        total, changed = total + len(edges), changed + of_them
    return attempt.finish({"edges": total, "changed": changed})


def _stars(group: Group, large: bool) -> Iterator[tuple[np.ndarray, int]]:
    def outgoing() -> Iterator[np.ndarray]:
        return (rows.view(np.int64).reshape(-1, 2) for rows in group.arrays())

    if group.is_one_key:
        smallest = min(int(edges.min()) for edges in outgoing())
        for edges in outgoing():
            yield star_of_one(edges, smallest, large)
    else:
        yield (large_star if large else small_star)(next(outgoing(), np.empty((0, 2), np.int64)))


@measured("documents")
def _components(_: bytes, candidates: Manifest) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    yield from _by_part(*components(np.concatenate([read_edges(path) for path in candidates.paths("edges")])))


@measured("documents")
def _components_of_stars(path: str) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    edges = read_edges(path)
    roots = np.unique(edges[:, 0])
    yield from _by_part(np.concatenate([edges[:, 1], roots]), np.concatenate([edges[:, 0], roots]))


def _by_part(pointers: np.ndarray, roots: np.ndarray) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    index = pointers >> 32
    for part in np.unique(index).tolist():
        chosen = index == part
        yield part, ((pointers[chosen] & 0xFFFFFFFF).tobytes(), roots[chosen].tobytes())
