"""Phase shards: from every part, the rows of one range of ids, put together into a run's four outputs.

One unit a shard. Ids are hashes and parts are sorted by id, so taking all rows between two ids is a global
shuffle by merging: documents/, tokens/, rejected/ and failed/ depend on what was crawled and decided alone, not on the
files it came in. A unit holds one shard in memory: ``shards.shard_bytes`` of text, its tokens, and the rows that went.
Of more than ``shards.fan_in`` parts the rows are written out first, a file a part, and merged in passes
(:mod:`pipeline.transforms.range_merge`), so that no shard opens every part.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from filters.redaction import Redactor
from pipeline import counters, tables
from pipeline.commit import Attempt
from pipeline.counts import counts_of
from pipeline.listing import Manifest
from pipeline.mix import tokens_by_cell
from pipeline.mix_weights import Cell, Weights, find_weights
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms import sorted_rows
from pipeline.transforms.domain_tokens import with_largest_domains
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.outcomes import KEYS, outcomes, together
from pipeline.transforms.range_merge import Level, merged
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, part_units, range_units, work_on
from recipes import Recipe
from tokens.shards import HELD_OUT, SCHEMA, TRAIN, encode_shard, held_out
from tokens.tokenizer import Tokenizer, load

OUTCOMES_JOB = "shards-outcomes"
MERGE_JOB = "shards-merge"
DOMAINS_JOB = "shards-domains"
TOKENS = "tokens"


class Shard(IdRange):
    """The documents whose ids lie in a range."""

    @property
    def unit(self) -> str:
        return f"shard-{self.number:05d}-of-{self.of:05d}"


def units(run: RunState) -> int:
    """As many shards as the kept text fills."""
    kept = run.manifests["judge"].total("kept_bytes")
    return max(1, -(-kept // run.recipe.shards.shard_bytes))


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    counted = with_largest_domains(pipeline, run.dir, DOMAINS_JOB, run.manifests["judge"], settings.mix)
    level = None
    if run.part_count() > settings.shards.fan_in:
        level = merged(pipeline, run, MERGE_JOB, _outcomes(pipeline, run), KEYS, units(run), settings.shards.fan_in)
    work_on(pipeline, range_units(Shard, units(run)), _MergeShard(run, PHASE.name, level, counted))


PHASE = Phase("shards", units, build, settings=lambda recipe: recipe)


def _outcomes(pipeline: beam.Pipeline, run: RunState) -> Level:
    def build_job(job: beam.Pipeline) -> None:
        work_on(job, part_units(run), _WriteOutcomes(run, OUTCOMES_JOB))

    return Level(committed(pipeline, run.dir, OUTCOMES_JOB, run.part_count(), build_job), run.part_count())


def _redactor(recipe: Recipe) -> Redactor | None:
    return Redactor(recipe.redact.regions, recipe.redact.kinds) if recipe.redact else None


class _WriteOutcomes(UnitDoFn):
    def setup(self) -> None:
        self._redact = _redactor(self.run.recipe)

    @measured("shards")
    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        for name, rows in outcomes(unit, redact=self._redact).items():
            sorted_rows.write(attempt, name, rows, KEYS[name])
        return {}


class _MergeShard(UnitDoFn):
    """Writes a shard, from all parts or, where there are many, from what they were merged to."""

    def __init__(self, run: RunState, phase: str, level: Level | None, counted: Manifest):
        super().__init__(run, phase)
        self._level = level
        self._counted = counted

    def setup(self) -> None:
        self._weights = find_weights(tokens_by_cell(self._counted), self.run.recipe.mix)
        self._tokenizer = load(self.run.recipe.tokenise.tokenizer)
        self._redact = _redactor(self.run.recipe)

    @measured("shards")
    def work(self, unit: Shard, attempt: Attempt) -> dict[str, Any]:
        if self._level is None:
            found = [outcomes(part, unit, self._redact) for part in self.run.parts()]
            rows = {name: [one[name] for one in found] for name in KEYS}
        else:
            rows = {name: list(self._level.rows(name, unit)) for name in KEYS}
        kept = together(rows, "kept", ["id"])
        outputs = {
            "documents": kept.select(tables.DOCUMENTS.names),
            "rejected": together(rows, "rejected", ["id", "stage", "reason"]),
            "failed": together(rows, "failed", ["id", "error"]),
        }
        for name, rows in outputs.items():
            attempt.write_table(name, rows, folder=name)
        shard = token_rows(kept, self.run.recipe, self._weights)
        counts = counts_of(**outputs)
        counters.add({name: counts[name] for name in ("kept", "kept_words")})
        return {**counts, **write_tokens(attempt, shard, self._tokenizer)}


def token_rows(kept: pa.Table, recipe: Recipe, weights: Weights) -> pa.Table:
    """The rows of a shard of tokens, for documents with their ``tokens``."""
    share = recipe.tokenise.held_out_per_10000
    split = [HELD_OUT if held_out(identity, share) else TRAIN for identity in kept["id"].to_pylist()]
    cells = zip(*(kept[name].to_pylist() for name in ("class", "language", "domain")), strict=True)
    added = {
        "source": pa.array([recipe.source] * len(kept), pa.string()),
        "split": pa.array(split, pa.string()),
        "weight": pa.array([weights.of(Cell(*cell)) for cell in cells], pa.float32()),
    }
    columns = [added[field.name] if field.name in added else kept[field.name] for field in SCHEMA]
    return pa.table(columns, schema=SCHEMA)


def write_tokens(attempt: Attempt, shard: pa.Table, tokenizer: Tokenizer) -> dict[str, int]:
    """Writes a shard of tokens and returns how many they are."""
    attempt.write_bytes(TOKENS, encode_shard(shard, tokenizer), len(shard), "parquet", folder=TOKENS)
    lengths = pc.list_value_length(shard["tokens"])
    held = pc.equal(shard["split"], HELD_OUT)
    return {
        "tokens": pc.sum(lengths, min_count=0).as_py(),
        "held_out_tokens": pc.sum(lengths.filter(held), min_count=0).as_py(),
    }
