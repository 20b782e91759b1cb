"""Phase rejected_texts: texts that went, those of the smallest ids of each stage and reason, for people to look at.

    verdicts of a part -> by stage, the smallest ids of each reason and where their texts lie -> the smallest of all parts
    -> one file of rejected_texts/ a stage

One unit a stage; pointers cross the shuffle, texts don't. A worker holds the texts of one stage: ``output.keep_rejected.texts``
for each of its reasons (identify has one for each language: some 100 MB at the most).
Ids are hashes, so that the smallest are a sample as if drawn by lot, whatever order or number of workers.

Texts of pages that people have dropped are left out, whichever stage those went at: who asks for a page to be
removed doesn't want it kept as a sample.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

import apache_beam as beam
import numpy as np

from blocklists.decisions import DROP
from blocklists.domain import registrable_domain
from pipeline import stages, storage, tables
from pipeline.commit import ROW_GROUP_ROWS, Attempt, Receipt
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState, passed
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.extracted_part import REJECTED_TEXTS
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.people import decisions_of
from pipeline.transforms.work_units import every_range, part_units, units_collection
from recipes.schema import KeepRejected
from text.hosts import host_of

FOLDER = "rejected_texts"
# Stages that reject what has a text. What people have dropped isn't kept.
_STAGES = (
    stages.EXTRACT.name, stages.IDENTIFY.name, "domains", "urls", "documents", stages.LINES.name,
    stages.HEURISTICS.name, stages.QUALITY.name,
)  # fmt: skip
# (reason, id, part, row): of a part's table of rejected texts for the stages of extraction, else of its documents.
_Chosen = tuple[str, str, int, int]
_TEXT = ["id", "url", "date", "language", "title", "text", "spans"]


def units(run: RunState) -> int:
    return len(_STAGES)


def build(pipeline: beam.Pipeline, run: RunState, settings: KeepRejected) -> None:
    chosen = (
        units_collection(pipeline, part_units(run))
        | "smallest of a part" >> beam.ParDo(_ChooseInPart(run, settings.texts))
    )  # fmt: skip
    receipts = (
        (chosen, every_range(pipeline, len(_STAGES), []))
        | "all" >> beam.Flatten()
        | "smallest of all" >> beam.CombinePerKey(_Smallest(settings.texts))
        | "write texts" >> beam.Map(_write_texts, run)
    )
    commit(receipts, run.dir, PHASE.name, units(run))


PHASE = Phase("rejected_texts", units, build, settings=lambda recipe: recipe.output.keep_rejected, microseconds=100)


class _ChooseInPart(beam.DoFn):
    """The smallest ids of each reason in a part, by the numbers of their stages."""

    def __init__(self, run: RunState, texts: int):
        self._run = run
        self._texts = texts

    def setup(self) -> None:
        self._decisions = decisions_of(self._run.recipe)

    @measured(FOLDER)
    def process(self, part: Part) -> Iterator[tuple[int, list[_Chosen]]]:
        found: dict[str, list[_Chosen]] = defaultdict(list)
        gone = part.read("extract", REJECTED_TEXTS, ["id", "url", "stage", "reason"]).to_pylist()
        for row, record in enumerate(gone):
            if not self._is_dropped(record):
                found[record["stage"]].append((record["reason"], record["id"], part.index, row))
        ids = part.read("extract", "features", ["id"])["id"].to_pylist()
        for row, stage, reason in _rejected_documents(part):
            found[stage].append((reason, ids[row], part.index, row))
        for number, stage in enumerate(_STAGES):
            if stage in found:
                yield number, _smallest(found[stage], self._texts)

    def _is_dropped(self, record: dict[str, Any]) -> bool:
        decision = self._decisions.of_page(record["id"], record["url"], registrable_domain(host_of(record["url"])))
        return decision is not None and decision.verdict == DROP


def _rejected_documents(part: Part) -> Iterator[tuple[int, str, str]]:
    """(row, stage, reason) of each document of a part that went, for the first of its verdicts."""
    seen = np.zeros(part.rows, bool)
    for path in part.verdict_tables():
        gone = np.flatnonzero(~passed(path) & ~seen)
        if gone.size:
            verdicts = storage.read_table(path, ["stage", "reason"]).take(gone)
            yield from zip(gone.tolist(), *(column.to_pylist() for column in verdicts.columns), strict=True)
            seen[gone] = True


class _Smallest(Gather):
    def __init__(self, texts: int):
        self._texts = texts

    def merge(self, packed: list[Any]) -> Any:
        return _smallest([each for some in packed for each in some], self._texts)


def _smallest(chosen: Iterable[_Chosen], texts: int) -> list[_Chosen]:
    """Of each reason the ``texts`` smallest ids, each once: records with one id have one text."""
    by_reason: dict[str, dict[str, _Chosen]] = defaultdict(dict)
    for each in sorted(chosen):
        by_reason[each[0]].setdefault(each[1], each)
    return [each for found in by_reason.values() for each in heapq.nsmallest(texts, found.values())]


def _write_texts(element: tuple[int, list[_Chosen]], run: RunState) -> Receipt:
    number, chosen = element
    by_part: dict[int, list[_Chosen]] = defaultdict(list)
    for each in chosen:
        by_part[each[2]].append(each)
    rows: list[dict[str, Any]] = []
    for index, those in sorted(by_part.items()):
        part, places = run.part(index), sorted(row for *_, row in those)
        if _STAGES[number] in (stages.EXTRACT.name, stages.IDENTIFY.name):
            rows += part.read("extract", REJECTED_TEXTS).take(places).to_pylist()
        else:
            rows += _documents(part, places)
    rows.sort(key=itemgetter("stage", "reason", "id"))
    attempt = Attempt(run.dir, PHASE.name, f"stage-{_STAGES[number]}", number)
    attempt.write_table(FOLDER, tables.table(tables.REJECTED_TEXTS, rows), folder=FOLDER)
    return attempt.finish({"texts": len(rows)})


def _documents(part: Part, places: list[int]) -> Iterator[dict[str, Any]]:
    """Rows of :data:`tables.REJECTED_TEXTS` for documents of a part, of which the row groups with them are read."""
    groups = sorted({place // ROW_GROUP_ROWS for place in places})
    inside = [groups.index(place // ROW_GROUP_ROWS) * ROW_GROUP_ROWS + place % ROW_GROUP_ROWS for place in places]
    texts = part.read("extract", "text", _TEXT, groups).take(inside).to_pylist()
    words = part.read("extract", "features", ["words"], groups).take(inside).to_pylist()
    verdicts: list[dict[str, Any]] = [{} for _ in places]
    for path in part.verdict_tables():
        if passed(path)[places].all():
            continue
        found = storage.read_table(path, ["stage", "reason", "score", "detail"], groups).take(inside).to_pylist()
        verdicts = [
            before or (now if now["stage"] is not None else {}) for before, now in zip(verdicts, found, strict=True)
        ]
    for text, counted, verdict in zip(texts, words, verdicts, strict=True):
        yield {**text, **counted, **verdict}
