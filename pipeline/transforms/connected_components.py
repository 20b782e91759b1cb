"""Connected components of the edges in files: in one worker while they fit there, by large and small stars beyond.

The distributed way moves edges, packed by range, through one shuffle a star; each star is a job whose edges are files
again, and the driver goes on until a large and a small star in a row report no changed edge in their receipts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam
import numpy as np

from dedup.components import components, directed, large_star, range_of, small_star
from pipeline.commit import Attempt, Manifest
from pipeline.run_state import RunState
from pipeline.stopwatch import measured
from pipeline.transforms.lsh_candidates import edges_table, range_unit, read_edges
from pipeline.transforms.subjobs import committed, paths
from pipeline.transforms.work_units import units_collection

# Edges of one range are sorted together in memory, both ways: 32 bytes each, some four times over.
_EDGES_PER_RANGE = 1_000_000


def labels(pipeline: beam.Pipeline, run: RunState, candidates: Manifest) -> beam.PCollection:
    """For each part and some of its documents: (part index, (rows, roots)), packed ``int64``.

    A root is the smallest pointer of a component. A pair may come more than once.
    """
    if candidates.total("edges") <= run.recipe.documents.edges_per_worker:
        everything = pipeline | "files of edges" >> beam.Create([paths(run, candidates, "edges")])
        return everything | "components" >> beam.FlatMap(_components)
    stars = _stars_until_nothing_changes(pipeline, run, candidates)
    files = pipeline | "files of stars" >> beam.Create(paths(run, stars, "edges")) | "spread" >> beam.Reshuffle()
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
        found = units_collection(job, paths(run, edges, "edges")) | "edges" >> beam.FlatMap(_dealt, large, ranges)
        every_range = job | "ranges" >> beam.Create([(number, b"") for number in range(ranges)])
        (
            (found, every_range)
            | beam.Flatten()
            | "by range" >> beam.GroupByKey()
            | "star" >> beam.Map(_write_star, run, name, large)
        )

    return committed(pipeline, run, name, [range_unit(number) for number in range(ranges)], build)


@measured("documents")
def _dealt(path: str, large: bool, ranges: int) -> Iterator[tuple[int, bytes]]:
    outgoing = directed(read_edges(path), large)
    target = range_of(outgoing[:, 0], ranges)
    for number in np.unique(target).tolist():
        yield number, outgoing[target == number].tobytes()


@measured("documents")
def _write_star(element: tuple[int, Iterable[bytes]], run: RunState, name: str, large: bool) -> None:
    number, packed = element
    outgoing = np.frombuffer(b"".join(packed), np.int64).reshape(-1, 2)
    edges, changed = (large_star if large else small_star)(outgoing)
    attempt = Attempt(run.dir, name, range_unit(number))
    attempt.write_table("edges", edges_table(edges))
    attempt.finish({"edges": len(edges), "changed": changed})


@measured("documents")
def _components(files: list[str]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    yield from _by_part(*components(np.concatenate([read_edges(path) for path in files])))


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
