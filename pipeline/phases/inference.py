"""Phase inference: scores of documents by transformers that the recipe names under ``quality.models``, through Beam's
RunInference: batches, one copy of a model a process, an engine's accelerators.

    parts -> texts -> RunInference, a model each -> scores by part -> a table a part

Runs only where the recipe names such a model. Documents are scored as they are after line removal; a killed run does this
phase anew. What crosses a shuffle are scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PValue

from filters.classifier_score import ClassifierScore
from filters.quality_models import score_of_recipe, transformers_of
from pipeline import tables
from pipeline.commit import Attempt, Receipt
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.transforms.clean_documents import cleaned_documents
from pipeline.transforms.committing import commit
from pipeline.transforms.work_units import UnitDoFn, part_units, units_collection
from recipes import Recipe


class _Place(NamedTuple):
    """Where a score belongs: document ``row`` of part ``part``."""

    part: int
    row: int


def units(run: RunState) -> int:
    return run.part_count()


def _settings(recipe: Recipe) -> dict[str, dict[str, Any]] | None:
    return transformers_of(recipe.quality) or None


def build(pipeline: beam.Pipeline, run: RunState, settings: dict[str, dict[str, Any]]) -> None:
    # Beam's inference loads torch where that is installed: only for runs that have such a model.
    from pipeline.transforms.inferring import infer

    parts = units_collection(pipeline, part_units(run))
    found: list[PValue] = [parts | "parts: by number" >> beam.Map(_by_number)]
    for name, model in (settings or {}).items():
        score = _score(name, model)
        texts = parts | f"{name}: texts" >> beam.FlatMap(_texts, name, model)
        scores = texts | f"{name}: infer" >> infer(score.model, score.batch_size, score.resources)
        found.append(scores | f"{name}: by part" >> beam.Map(_by_part, name))
    receipts = (
        found
        | "all" >> beam.Flatten()
        | "a part's scores" >> beam.GroupByKey()
        | "write" >> beam.ParDo(_WritePart(run, PHASE.name))
    )
    commit(receipts, run.dir, PHASE.name, units(run))


PHASE = Phase("inference", units, build, settings=_settings)


def known_scores(unit: Part, names: Iterable[str]) -> Iterator[dict[str, float | None]]:
    """Of each row of a part, the scores of these models (``None`` where a model doesn't judge the document)."""
    names = list(names)
    for row in unit.read(PHASE.name, "scores", ["scores"])["scores"].to_pylist():
        yield {name: dict(row).get(name) for name in names}


def _score(name: str, settings: Mapping[str, Any]) -> ClassifierScore:
    score = score_of_recipe(name, settings)
    assert isinstance(score, ClassifierScore)
    return score


def _by_number(part: Part) -> tuple[int, tuple[Part | None, str, int, float]]:
    return part.number, (part, "", 0, 0.0)


def _texts(part: Part, name: str, settings: Mapping[str, Any]) -> Iterator[tuple[_Place, str]]:
    score = _score(name, settings)
    for row, document, _ in cleaned_documents(part):
        if score.limits.judges(document):
            yield _Place(part.number, row), score.model.shown(document.text)


def _by_part(found: tuple[_Place, float], name: str) -> tuple[int, tuple[Part | None, str, int, float]]:
    (part, row), score = found
    return part, (None, name, row, score)


class _WritePart(UnitDoFn):
    def process(self, unit: tuple[int, Iterable[tuple[Part | None, str, int, float]]]) -> Iterable[Receipt]:
        _, found = unit
        scores: dict[int, dict[str, float]] = {}
        whole = None
        for part, name, row, score in found:
            if part is None:
                scores.setdefault(row, {})[name] = score
            else:
                whole = part
        assert whole is not None
        self._scores = scores
        yield from super().process(whole)

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        rows = ({"scores": sorted(self._scores.get(row, {}).items()), "not_judged": []} for row in range(unit.rows))
        attempt.write_table("scores", tables.table(tables.SCORES, rows))
        return {"scored": len(self._scores)}
