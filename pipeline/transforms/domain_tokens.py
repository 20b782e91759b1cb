"""Tokens by class, language and domain, where the recipe caps domains: of all domains only those that may be above the cap.

    a table of each part -> (range of domains, rows) -> sums, the largest of each class and language
    -> of all ranges the largest -> those that may be capped, and the others together

A domain whose tokens are more than a share ``cap`` of the mix is, in some class and language, more than ``cap`` of what
is not yet capped: documents there have one weight, whatever it is. Fewer than ``2 / cap`` domains are capped before it, so
that it is among the ``3 / cap`` largest of that class and language, and larger than ``cap`` of what the ``2 / cap``
largest leave. All others can be counted together: no weight depends on which of them a document is of. What is held are
so many domains of each class and language, and a range of all in turn.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

import apache_beam as beam
import numpy as np
import pyarrow as pa

from pipeline import storage, tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest
from pipeline.mix_weights import OTHERS
from pipeline.transforms.committing import commit
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import Units, every_range, units_collection
from recipes.schema import Mix
from text.hashing import hash64s, range_of_hash

# Of one range they are summed together, some 300 bytes each.
_CELLS_PER_RANGE = 500_000
_UNIT = "domains"
# Negative tokens and a domain: the largest come first, equal ones by name.
_Ranked = tuple[int, str]
_Largest = tuple[list[_Ranked], int]


def with_largest_domains(
    pipeline: beam.Pipeline, run_dir: str, name: str, counted: Manifest, mix: Mix | None
) -> Manifest:
    """A manifest that :func:`pipeline.mix.tokens_by_cell` reads in place of ``counted``, whose units have handed in the
    tokens of all domains: of a run's job ``name``, or itself where no domain is capped."""
    cells = counted.rows(tables.DOMAINS_ROLE)
    if not (mix and mix.max_domain_share and cells):
        return counted
    ranges = 1 + cells // _CELLS_PER_RANGE
    share = mix.max_domain_share

    def build(job: beam.Pipeline) -> None:
        largest = (
            units_collection(job, Units(counted.units, partial(_paths, counted)), "tables")
            | "to ranges" >> beam.FlatMap(_by_range, ranges)
            | "by range" >> beam.GroupByKey()
            | "largest of a range" >> beam.FlatMap(_largest_of_range, share)
            | "by class and language" >> beam.GroupByKey()
            | "largest of all" >> beam.Map(_largest_of_all, share)
        )
        receipts = (
            (largest, every_range(job, 1, None, "one table"))
            | "together" >> beam.Flatten()
            | "in one place" >> beam.GroupByKey()
            | "write" >> beam.Map(_write, run_dir, name)
        )
        commit(receipts, run_dir, name, 1)

    return committed(pipeline, run_dir, name, 1, build, math.inf if counted.units > 1 else 0.0)


def _paths(counted: Manifest, block: int) -> Iterator[str]:
    for receipt in counted.block(block):
        yield from (file.at(counted.run_dir) for file in receipt.files if file.role == tables.DOMAINS_ROLE)


def _by_range(path: str, ranges: int) -> Iterator[tuple[int, bytes]]:
    table = storage.read_table(path)
    target = range_of_hash(hash64s(table["domain"].to_pylist()), ranges)
    for number in np.unique(target).tolist():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.filter(pa.array(target == number)))
        yield number, sink.getvalue().to_pybytes()


def _largest_of_range(
    element: tuple[int, Iterable[bytes]], share: float
) -> Iterator[tuple[tuple[str, str], _Largest]]:
    found = pa.concat_tables([pa.ipc.open_stream(packed).read_all() for packed in element[1]])
    sums = found.group_by(["class", "language", "domain"]).aggregate([("tokens", "sum")])
    ranked: defaultdict[tuple[str, str], list[_Ranked]] = defaultdict(list)
    columns = (sums[name].to_pylist() for name in ("class", "language", "domain", "tokens_sum"))
    for class_, language, domain, tokens in zip(*columns, strict=True):
        ranked[class_, language].append((-tokens, domain))
    for of, domains in ranked.items():
        largest = heapq.nsmallest(_most(share), domains)
        yield of, (largest, sum(tokens for tokens, _ in largest) - sum(tokens for tokens, _ in domains))


def _largest_of_all(
    element: tuple[tuple[str, str], Iterable[_Largest]], share: float
) -> tuple[int, tuple[str, str, list[_Ranked], int]]:
    (class_, language), found = element
    largest: list[_Ranked] = []
    all_tokens = 0
    for domains, others in found:
        all_tokens += others - sum(tokens for tokens, _ in domains)
        largest = heapq.nsmallest(_most(share), [*largest, *domains])
    left = all_tokens + sum(tokens for tokens, _ in largest[: math.ceil(2 / share)])
    kept = [(tokens, domain) for tokens, domain in largest if -tokens > share * left]
    return 0, (class_, language, kept, all_tokens + sum(tokens for tokens, _ in kept))


def _most(share: float) -> int:
    return math.ceil(3 / share)


def _write(element: tuple[int, Iterable[tuple | None]], run_dir: str, name: str) -> Receipt:
    rows = []
    for class_, language, kept, others in filter(None, element[1]):
        cells = [(domain, -tokens) for tokens, domain in kept] + ([(OTHERS, others)] if others else [])
        rows += [(class_, language, domain, tokens) for domain, tokens in cells]
    attempt = Attempt(run_dir, name, _UNIT, 0)
    found = [dict(zip(tables.TOKENS_BY_CELL.names, row, strict=True)) for row in sorted(rows)]
    attempt.write_table(tables.DOMAINS_ROLE, tables.table(tables.TOKENS_BY_CELL, found))
    return attempt.finish({"cells": len(found)})
