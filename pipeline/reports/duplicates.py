"""Clusters as a person looks at them: each member beside its survivor, with the places where they differ."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import heapq
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import storage
from pipeline.listing import read_manifest
from pipeline.outputs import files_of, read_ledger
from pipeline.phases.duplicates import FOLDER
from pipeline.run_state import PARTS, parts_of

_COLUMN = 56
_CONTEXT_WORDS = 4
_PLACES = 4
# Comparing word by word takes time by the square of the length; the first so many words show what differs.
_WORDS = 1500
# Of a cluster; a template's page may be there a hundred million times.
_MEMBERS = 1000


class _Cluster(NamedTuple):
    """A cluster of ``size`` rows: its survivor's and the first of its members', and the least similarity of all."""

    level: str
    id: str
    size: int
    similarity: float
    rows: list[dict[str, Any]]


def show(run_dir: str, level: str | None = None, clusters: int = 5) -> Iterator[str]:
    """Lines of text: what went, then so many clusters, of ``level`` (one of :data:`pipeline.stages.LEVELS`) or of all.

    The weakest come first, those with the least similar member: they are what a threshold is judged by. Raises
    ``FileNotFoundError`` for a folder without a finished run, ``ValueError`` where there is nothing to show.
    """
    run_dir = storage.absolute(run_dir)
    chosen = _weakest(run_dir, level, clusters)
    texts = _texts(run_dir, {row["id"] for cluster in chosen for row in cluster.rows})
    yield from _account(run_dir, level)
    for cluster in chosen:
        survivor, *members = cluster.rows
        yield f"{cluster.level} cluster of {cluster.size}, survivor {survivor['id']}"
        yield f"    {survivor['date']:<20}  {survivor['url']}"
        for row in members:
            similarity = "" if row["similarity"] is None else f", similarity {row['similarity']:.4f}"
            unique = f", {row['unique_words']} words of its own" if row.get("unique_words") else ""
            yield f"  {row['reason']} {row['id']}{similarity}{unique}"
            yield f"    {row['date']:<20}  {row['url']}"
            if texts is not None:
                yield from _differences(texts[survivor["id"]], texts[row["id"]])
        if cluster.size > len(cluster.rows):
            yield f"  and {cluster.size - len(cluster.rows):,} others"
    if texts is None:
        yield "This run has cleared its texts away; one with --set output.keep_work=true shows them side by side."


def _account(run_dir: str, chosen: str | None) -> Iterator[str]:
    """By level, or of one, how many documents went and how many words with them that their survivors don't have."""
    for level, count in read_ledger(run_dir).get("duplicates", {}).items():
        if chosen not in (None, level):
            continue
        unique = count.get("unique_words")
        lost = "not compared" if unique is None else f"with {unique} words that stand nowhere in their survivors"
        yield f"{level}: {count['documents']} documents went, {lost}"


def _weakest(run_dir: str, level: str | None, count: int) -> list[_Cluster]:
    # By level and cluster where they are equally strong.
    found = heapq.nsmallest(
        count, _clusters(run_dir, level), key=lambda cluster: (cluster.similarity, cluster.level, cluster.id)
    )
    if not found:
        raise ValueError(f"the run in {run_dir} has no clusters" + (f" of level {level}" if level else ""))
    return found


def _clusters(run_dir: str, wanted: str | None) -> Iterator[_Cluster]:
    """In the order of the files, of which several may hold one cluster: a row group in memory at a time."""
    for (level, identity), rows in groupby(_rows(run_dir), key=lambda row: (row["level"], row["cluster"])):
        if wanted not in (None, level):
            continue
        first: list[dict[str, Any]] = []
        size, similarity = 0, 1.0
        for row in rows:
            size += 1
            if row["similarity"] is not None:
                similarity = min(similarity, row["similarity"])
            if size <= 1 + _MEMBERS:
                first.append(row)
        yield _Cluster(level, identity, size, similarity, first)


def _rows(run_dir: str) -> Iterator[dict[str, Any]]:
    for path in files_of(run_dir, FOLDER):
        with storage.open_parquet(path) as file:
            for number in range(file.num_row_groups):
                yield from file.read_row_group(number).to_pylist()


def _texts(run_dir: str, ids: set[str]) -> dict[str, str] | None:
    """The extracted texts of documents, where the run has kept them."""
    parts = read_manifest(run_dir, PARTS)
    if parts is None or storage.size(next(parts.paths("text"))) is None:
        return None
    wanted = pa.array(sorted(ids), pa.string())
    found = {}
    for part in parts_of([parts]):
        chosen = np.flatnonzero(pc.is_in(part.read("extract", "features", ["id"])["id"], wanted).to_numpy())
        if len(chosen):
            rows = part.read("extract", "text", ["id", "text"]).take(chosen).to_pylist()
            found.update({row["id"]: row["text"] for row in rows})
    return found


def _differences(one: str, other: str) -> Iterator[str]:
    """The first places where two texts differ, in two columns: the survivor's words on the left."""
    left, right = one.split()[:_WORDS], other.split()[:_WORDS]
    places = [code for code in SequenceMatcher(None, left, right, autojunk=False).get_opcodes() if code[0] != "equal"]
    for _, start, end, other_start, other_end in places[:_PLACES]:
        columns = (_around(left, start, end), _around(right, other_start, other_end))
        yield f"      {columns[0]:<{_COLUMN}} | {columns[1]}"
    if len(places) > _PLACES:
        yield f"      and {len(places) - _PLACES} other places"


def _around(words: list[str], start: int, end: int) -> str:
    before = " ".join(words[max(0, start - _CONTEXT_WORDS) : start])
    after = " ".join(words[end : end + _CONTEXT_WORDS])
    shown = f"{before} [{' '.join(words[start:end])}] {after}".strip()
    return shown if len(shown) <= _COLUMN else shown[: _COLUMN - 1] + "…"
