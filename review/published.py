"""What a finished run has published, read a row group at a time: nothing here grows with the run."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow.compute as pc

from dedup.url import RULES
from pipeline import json_pieces, storage
from pipeline.outputs import files_of, read_ledger
from text.hashing import hash64

KEPT = "kept"
FAILED = "failed"
_INPUTS = "inputs"


class Fate(NamedTuple):
    """What became of a record: ``outcome`` is :data:`KEPT`, :data:`FAILED`, or stage and reason (``lines/too_short``).

    The rest is there for documents that were kept: a hash of the text, language and class.
    """

    id: str
    url: str
    outcome: str
    text: int | None = None
    language: str | None = None
    class_: str | None = None


def about(run_dir: str) -> dict[str, Any]:
    """``run.json`` of a finished run, but for its inputs. Raises ``FileNotFoundError`` where there is none."""
    read_ledger(run_dir)
    return json_pieces.without(storage.join(run_dir, "run.json"), _INPUTS)


def inputs(run_dir: str) -> Iterator[dict[str, Any]]:
    """The inputs of a finished run one by one, as its ``run.json`` has them."""
    return json_pieces.entries(storage.join(run_dir, "run.json"), _INPUTS)


def rows(run_dir: str, folder: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of ``folder``, in the order of its files. Columns that an older run doesn't have are null."""
    for path in files_of(run_dir, folder):
        with storage.open_parquet(path) as file:
            there = [column for column in columns if column in file.schema_arrow.names]
            missing = dict.fromkeys(column for column in columns if column not in there)
            for group in range(file.num_row_groups):
                for row in file.read_row_group(group, there).to_pylist():
                    yield {**row, **missing}


def flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of mappings within mappings by their names, dotted as ``--set`` takes them."""
    for name, inside in value.items():
        if isinstance(inside, Mapping) and inside:
            yield from flat(inside, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inside


def url_rules(recipe: Mapping[str, Any]) -> Collection[str]:
    """By which rules a run folded addresses, from the recipe in its run.json."""
    return (recipe.get("urls") or {}).get("rules", tuple(RULES))


def tokens_by(run_dir: str) -> dict[str, dict[str, int]]:
    """Tokens in a run's shards, held-out ones too, by ``language`` and by ``class``."""
    found: dict[str, Counter[str]] = {"language": Counter(), "class": Counter()}
    for path in files_of(run_dir, "tokens"):
        with storage.open_parquet(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, ["language", "class", "tokens"])
                lengths = pc.list_value_length(table["tokens"]).to_pylist()
                for name, counts in found.items():
                    for value, length in zip(table[name].to_pylist(), lengths, strict=True):
                        counts[value or ""] += length
    return {name: dict(counts) for name, counts in found.items()}


def fates(run_dir: str) -> Iterator[list[Fate]]:
    """Every record of a run by ascending id: what became of it, of all records with one id together."""
    streams = (_kept(run_dir), _rejected(run_dir), _failed(run_dir))
    for _, same in groupby(heapq.merge(*streams, key=attrgetter("id")), key=attrgetter("id")):
        yield sorted(same, key=attrgetter("outcome"))


def _kept(run_dir: str) -> Iterator[Fate]:
    for row in rows(run_dir, "documents", ["id", "url", "language", "class", "text"]):
        yield Fate(row["id"], row["url"], KEPT, hash64(row["text"]), row["language"], row["class"])


def _rejected(run_dir: str) -> Iterator[Fate]:
    for row in rows(run_dir, "rejected", ["id", "url", "stage", "reason"]):
        yield Fate(row["id"], row["url"] or "", f"{row['stage']}/{row['reason']}")


def _failed(run_dir: str) -> Iterator[Fate]:
    for row in rows(run_dir, "failed", ["id", "url"]):
        yield Fate(row["id"], row["url"] or "", FAILED)
