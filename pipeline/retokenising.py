"""Other tokens of a finished run's documents: from ``documents/`` alone, a shard of tokens for each of its files.

    documents/ -> token ids of each file, and their sums by class, language and domain    job retokenise-encode
    sums -> weights; documents/ and ids -> tokens/                                        job retokenise-shards

Ids, splits and classes are the documents' own; weights follow from the tokens, as in any run. tokens/, mix.json and
ledger.json are those that a run with that tokenizer writes, byte for byte; the documents stay where they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
import pyarrow as pa

from pipeline import json_pieces, lock, mix, outputs, preflight, storage, tables
from pipeline.commit import Attempt
from pipeline.json_pieces import Entries
from pipeline.listing import BLOCK_UNITS, Manifest
from pipeline.mix_weights import Cell, find_weights
from pipeline.phases.shards import TOKENS, token_rows, write_tokens
from pipeline.run_state import RunState
from pipeline.runners import MakePipeline, pipeline_maker
from pipeline.transforms.domain_tokens import with_largest_domains
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, Units, work_on
from recipes import as_dict, parse, with_changes
from tokens import tokenizer as tokenizers

ENCODE_JOB = "retokenise-encode"
DOMAINS_JOB = "retokenise-domains"
SHARDS_JOB = "retokenise-shards"
_DOCUMENTS = "documents"


@dataclass(frozen=True)
class DocumentsFile:
    """A file of ``documents/``."""

    number: int
    path: str

    @property
    def unit(self) -> str:
        return f"documents-{self.number:05d}"


@dataclass(frozen=True)
class _FilesBlock:
    run_dir: str

    def __call__(self, block: int) -> Iterator[DocumentsFile]:
        first = block * BLOCK_UNITS
        files = outputs.files_of(self.run_dir, _DOCUMENTS)[first : first + BLOCK_UNITS]
        for number, path in enumerate(files, first):
            yield DocumentsFile(number, path)


def retokenise(
    base_dir: str, tokenizer: str, output_dir: str, workers: int = 1, runner_flags: list[str] | None = None
) -> dict[str, Any]:
    """Writes ``tokens/``, ``mix.json``, ``ledger.json`` and ``run.json`` of the documents of ``base_dir`` by another
    tokenizer into ``output_dir``, and returns the ledger. Raises ``FileNotFoundError`` where there is no finished run."""
    base_dir = storage.absolute(base_dir)
    ledger = outputs.read_ledger(base_dir)
    base_json = storage.join(base_dir, "run.json")
    about = json_pieces.without(base_json, "inputs")
    inputs = Entries(lambda: json_pieces.entries(base_json, "inputs"))
    recipe = with_changes(parse(about["recipe"]), [f"tokenise.tokenizer={json.dumps(tokenizer)}"])
    run = RunState(storage.absolute(output_dir), recipe)
    models = {**about["models"], "tokenizer": tokenizers.load(tokenizer).sha256}
    base = {"path": base_dir, "sha256": storage.sha256_of_file(base_json)}
    plan = {
        "layout": preflight.LAYOUT, "recipe": as_dict(recipe), "models": models, "inputs": inputs, "base": base,
    }  # fmt: skip
    preflight.check_same_run(run, plan)
    if not outputs.is_finished(run):
        with lock.held(run.dir):
            json_pieces.write(preflight.plan_path(run.dir), plan, sort_keys=False)
            encoded, counted, written = _run(base_dir, run, pipeline_maker(runner_flags or [], workers))
            shares = mix.describe(mix.tokens_by_cell(counted), recipe.mix)
            ledger["tokens"] = {"all": written.total("tokens"), "held_out": written.total("held_out_tokens")}
            storage.write_bytes(storage.join(run.dir, "mix.json"), storage.dump_json(shares))
            outputs.name_files(run.dir, TOKENS, written)
            storage.write_bytes(storage.join(run.dir, "ledger.json"), storage.dump_json(ledger))
            whole = {**plan, **preflight.describe_software()}
            json_pieces.write(storage.join(run.dir, "run.json"), whole, sort_keys=False)
            storage.remove_files(list(encoded.paths("ids")))
    return outputs.read_ledger(run.dir)


def _run(base_dir: str, run: RunState, make_pipeline: MakePipeline) -> tuple[Manifest, Manifest, Manifest]:
    units = Units(len(outputs.files_of(base_dir, _DOCUMENTS)), _FilesBlock(base_dir))

    def job(name: str, work: UnitDoFn) -> Manifest:
        return committed(make_pipeline(), run.dir, name, units.count, partial(_build, units, work))

    encoded = job(ENCODE_JOB, _Encode(run, ENCODE_JOB))
    counted = with_largest_domains(make_pipeline(), run.dir, DOMAINS_JOB, encoded, run.recipe.mix)
    return encoded, counted, job(SHARDS_JOB, _WriteShard(run, SHARDS_JOB, encoded, counted))


def _build(units: Units, work: UnitDoFn, pipeline: beam.Pipeline) -> None:
    work_on(pipeline, units, work)


class _Encode(UnitDoFn):
    """Encodes the documents of a file."""

    def setup(self) -> None:
        self._tokenizer = tokenizers.load(self.run.recipe.tokenise.tokenizer)

    def work(self, unit: DocumentsFile, attempt: Attempt) -> dict[str, Any]:
        totals: Counter[Cell] = Counter()
        rows: list[pa.Array] = []
        columns = ["text", "class", "language", "domain"]
        documents = storage.read_table(unit.path, columns)
        for text, *cell in zip(*(documents[name].to_pylist() for name in columns), strict=True):
            encoded = self._tokenizer.encode_document(text)
            totals[Cell(*cell)] += len(encoded)
            rows.append(pa.array(encoded, pa.int32()))
        # As Python integers they would take nine times the memory.
        lengths = pa.array([0, *(len(row) for row in rows)], pa.int32())
        ids = pa.ListArray.from_arrays(
            pa.array(lengths.to_numpy().cumsum(dtype="int32")), pa.concat_arrays([pa.array([], pa.int32()), *rows])
        )
        attempt.write_table("ids", pa.table([ids], schema=tables.TOKENS))
        return {"tokens": mix.hand_in(attempt, totals, self.run.recipe.mix)}


class _WriteShard(UnitDoFn):
    """Writes the shard of tokens that belongs to a file of documents."""

    def __init__(self, run: RunState, job: str, encoded: Manifest, counted: Manifest):
        super().__init__(run, job)
        self._encoded = encoded
        self._counted = counted

    def setup(self) -> None:
        self._weights = find_weights(mix.tokens_by_cell(self._counted), self.run.recipe.mix)
        self._tokenizer = tokenizers.load(self.run.recipe.tokenise.tokenizer)

    def work(self, unit: DocumentsFile, attempt: Attempt) -> dict[str, Any]:
        documents = storage.read_table(unit.path, ["id", "url", "language", "class", "domain"])
        ids = storage.read_table(self._encoded.receipt(unit.number).file("ids").at(self.run.dir))
        shard = token_rows(documents.append_column("tokens", ids["tokens"]), self.run.recipe, self._weights)
        return write_tokens(attempt, shard, self._tokenizer)
