"""Phase shards: from every part, the rows of one range of ids, put together into a run's four outputs.

Map-only, one unit a shard. Ids are hashes and parts are sorted by id, so taking all rows between two ids is a global
shuffle by merging: documents/, tokens/, rejected/ and failed/ depend on what was crawled and decided alone, not on the
files it came in. A unit holds one shard in memory: ``shards.shard_bytes`` of text, its tokens, and the rows that went.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.mix import tokens_by_cell
from pipeline.mix_weights import Cell, find_weights
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms.clean_documents import cleaned_documents, removed_lines
from pipeline.transforms.id_ranges import IdRange, overlapping_row_groups, rows_between
from pipeline.transforms.work_units import UnitDoFn, units_collection
from recipes import Recipe
from text.segment import count_words
from tokens.shards import HELD_OUT, SCHEMA, TRAIN, encode_shard, held_out
from tokens.tokenizer import load


class Shard(IdRange):
    """The documents whose ids lie in a range."""

    @property
    def unit(self) -> str:
        return f"shard-{self.number:05d}-of-{self.of:05d}"


def shards(run: RunState) -> list[Shard]:
    """As many shards as the kept text fills."""
    kept = run.manifests["judge"].total("kept_bytes")
    count = max(1, -(-kept // run.recipe.shards.shard_bytes))
    return [Shard(number, count) for number in range(count)]


def units(run: RunState) -> list[str]:
    return [shard.unit for shard in shards(run)]


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe, todo: frozenset[str]) -> None:
    ranges = units_collection(pipeline, [shard for shard in shards(run) if shard.unit in todo])
    _ = ranges | "merge" >> beam.ParDo(_MergeShard(run, PHASE.name))


PHASE = Phase("shards", units, build, map_only=True, settings=lambda recipe: recipe)


class _MergeShard(UnitDoFn):
    def setup(self) -> None:
        self._weights = find_weights(tokens_by_cell(self.run.dir, self.run.manifests["judge"]), self.run.recipe.mix)
        self._tokenizer = load(self.run.recipe.tokenise.tokenizer)

    @measured("shards")
    def work(self, unit: Shard, attempt: Attempt) -> dict[str, Any]:
        documents: list[dict] = []
        framed = _TokenRows()
        rejected: list[dict] = []
        failed: list[dict] = []
        for part in self.run.parts():
            rejected += rows_between(part.tables["extract", "rejected"], unit).to_pylist()
            failed += rows_between(part.tables["extract", "failed"], unit).to_pylist()
            groups = overlapping_row_groups(part.tables["extract", "text"], unit)
            if groups:
                self._merge_part(part, groups, unit, documents, framed, rejected)
        documents.sort(key=lambda row: row["id"])
        rejected.sort(key=lambda row: (row["id"], row["stage"], row["reason"]))
        failed.sort(key=lambda row: (row["id"], row["error"]))
        attempt.write_table("documents", tables.table(tables.DOCUMENTS, documents), folder="documents")
        attempt.write_table("rejected", tables.table(tables.REJECTED, rejected), folder="rejected")
        attempt.write_table("failed", tables.table(tables.FAILED, failed), folder="failed")
        shard = framed.table()
        attempt.write_bytes("tokens", encode_shard(shard, self._tokenizer), len(shard), "parquet", folder="tokens")
        lengths = pc.list_value_length(shard["tokens"])
        held = pc.equal(shard["split"], HELD_OUT)
        return {
            "tokens": pc.sum(lengths, min_count=0).as_py(),
            "held_out_tokens": pc.sum(lengths.filter(held), min_count=0).as_py(),
        }

    def _merge_part(
        self, part: Part, groups: list[int], unit: Shard, documents: list, framed: _TokenRows, rejected: list
    ) -> None:
        recipe = self.run.recipe
        bulky = ["signature_of_words", "signature_of_characters", "evidence"]
        features = part.read("extract", "features", row_groups=groups).drop_columns(bulky).to_pylist()
        removed_words = removed_lines(part, ["removed_words"], groups)["removed_words"].to_pylist()
        ids = part.read("judge", "tokens", row_groups=groups)["tokens"]
        inside = [unit.low() <= row["id"] < unit.high() for row in features]
        for index, verdict in _verdicts(part, groups).items():
            if inside[index]:
                row = features[index]
                # What had gone line by line is no longer there to go with the document.
                left = row["words"] - removed_words[index]
                rejected.append({**row, **verdict, "words": left, "removed_words": removed_words[index]})
        taken: list[int] = []
        rows: list[dict] = []
        for index, document, stored in cleaned_documents(part, groups):
            if not inside[index]:
                continue
            row = features[index]
            documents.append(
                {
                    **row, "title": stored["title"], "text": document.text, "spans": tables.spans_to(document.spans),
                    # Counted anew, so that the ledger's balance of words is a check and no tautology.
                    "words": count_words(document.text), "removed_words": removed_words[index],
                }
            )  # fmt: skip
            held = held_out(row["id"], recipe.tokenise.held_out_per_10000)
            taken.append(index)
            split = HELD_OUT if held else TRAIN
            weight = self._weights.of(Cell(row["class"], row["language"], row["domain"]))
            rows.append({**row, "source": recipe.source, "split": split, "weight": weight})
        framed.add(rows, ids.take(pa.array(taken, pa.int64())))


class _TokenRows:
    """The rows of a shard. Token ids stay in Arrow: as Python integers they would take nine times the memory."""

    def __init__(self) -> None:
        self._rows: list[dict] = []
        self._tokens: list[pa.Array] = []

    def add(self, rows: list[dict], ids: pa.ChunkedArray) -> None:
        self._rows += rows
        self._tokens += ids.chunks

    def table(self) -> pa.Table:
        without_tokens = pa.schema([field for field in SCHEMA if field.name != "tokens"])
        ids = pa.chunked_array(self._tokens, SCHEMA.field("tokens").type)
        return tables.table(without_tokens, self._rows).append_column(SCHEMA.field("tokens"), ids)


def _verdicts(part: Part, groups: list[int]) -> dict[int, dict]:
    """The verdict of each rejected document, by its place in the rows read."""
    found: dict[int, dict] = {}
    for path in part.verdict_tables():
        for index, row in enumerate(storage.read_table(path, row_groups=groups).to_pylist()):
            if row["stage"] is not None:
                found.setdefault(index, row)
    return found
