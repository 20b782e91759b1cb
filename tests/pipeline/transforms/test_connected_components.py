"""Components are the same whether one worker holds all edges or stars move them by range."""

from __future__ import annotations

import json
import random

import apache_beam as beam
import numpy as np
import pytest

from pipeline.commit import Attempt
from pipeline.listing import Manifest, write_listing
from pipeline.run_state import RunState
from pipeline.transforms import connected_components
from pipeline.transforms.connected_components import labels
from pipeline.transforms.lsh_candidates import edges_table, range_unit
from recipes import load
from tests.pipeline.parts import beam_job

Edge = tuple[int, int]


def _pointer(part: int, row: int) -> int:
    return part << 32 | row


def _candidates(run: RunState, files: list[list[Edge]]) -> Manifest:
    receipts = []
    for number, edges in enumerate(files):
        attempt = Attempt(run.dir, "candidates", range_unit(number), number)
        attempt.write_table("edges", edges_table(np.array(edges, np.int64).reshape(-1, 2)))
        receipts.append(attempt.finish({"edges": len(edges)}))
    return write_listing(run.dir, "candidates", receipts)


def _roots(folder, files: list[list[Edge]], edges_per_worker: int) -> dict[int, int]:
    run = RunState(str(folder / "run"), load("llama3"))
    output = folder / "labels"
    with beam_job() as job:
        found = labels(job, run, _candidates(run, files), edges_per_worker)
        plain = found | beam.Map(
            lambda element: json.dumps(
                [element[0], *(np.frombuffer(column, np.int64).tolist() for column in element[1])]
            )
        )
        _ = plain | beam.io.WriteToText(str(output), shard_name_template="")
    roots: dict[int, int] = {}
    for line in output.read_text().splitlines():
        part, rows, of_rows = json.loads(line)
        for row, root in zip(rows, of_rows, strict=True):
            assert roots.setdefault(_pointer(part, row), root) == root
    return roots


def _expected(edges: list[Edge]) -> dict[int, int]:
    root = {node: node for edge in edges for node in edge}
    changed = True
    while changed:
        changed = False
        for one, other in edges:
            least = min(root[one], root[other])
            changed |= root[one] != least or root[other] != least
            root[one] = root[other] = least
    return root


A, B, C, D, E, F = (_pointer(part, row) for part, row in ((0, 1), (0, 7), (1, 0), (1, 3), (2, 5), (3, 0)))


@pytest.mark.parametrize(("edges_per_worker", "at_once"), [(0, 1_000_000), (0, 2), (0, 1), (1_000_000, 1_000_000)])
@pytest.mark.parametrize(
    "files",
    [
        [[]],
        [[(A, B)]],
        [[(A, F)], [(B, F)], [(C, F)]],  # a star with the largest in the middle
        [[(A, B), (C, D)], [(B, C), (E, F)]],
        [[(E, F), (D, E)], [(C, D)], [(B, C)], [(A, B)]],  # a path: the longest way for stars
    ],
)
def test_components_by_both_ways(tmp_path, monkeypatch, files, edges_per_worker, at_once) -> None:
    monkeypatch.setattr(connected_components, "_EDGES_AT_ONCE", at_once)
    assert _roots(tmp_path, files, edges_per_worker) == _expected([edge for edges in files for edge in edges])


@pytest.mark.parametrize("at_once", [1_000_000, 3])
def test_many_ranges_of_edges(tmp_path, monkeypatch, at_once) -> None:
    monkeypatch.setattr(connected_components, "_EDGES_AT_ONCE", at_once)
    monkeypatch.setattr(connected_components, "_EDGES_PER_RANGE", 5)
    random_numbers = random.Random(1)
    nodes = [_pointer(part, row) for part in range(3) for row in range(12)]
    edges = [tuple(sorted(random_numbers.sample(nodes, 2))) for _ in range(25)]
    assert _roots(tmp_path, [edges[:12], edges[12:]], 0) == _expected(edges)
