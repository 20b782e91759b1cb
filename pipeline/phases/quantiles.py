"""Phase quantiles: where the limit of a quality score is a quantile of the run, which number that is, by language.

Map-only over parts; runs only where the recipe names a quantile. Documents are scored as they are after line removal,
and once more when they are judged: a part of the run can't know the whole run's quantile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import apache_beam as beam

from filters.label_score import limits_at, quantiles_of, score_bin
from filters.quality_models import is_transformer, score_of_recipe
from pipeline.commit import Attempt
from pipeline.phase import Phase
from pipeline.phases.inference import known_scores
from pipeline.run_state import Part, RunState
from pipeline.stages import QUALITY
from pipeline.stopwatch import measure
from pipeline.transforms.clean_documents import cleaned_documents
from pipeline.transforms.work_units import UnitDoFn, part_units, work_on
from recipes import Recipe


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: dict[str, float]) -> None:
    work_on(pipeline, part_units(run), _ScorePart(run, PHASE.name))


def _settings(recipe: Recipe) -> dict[str, float] | None:
    return quantiles_of(recipe.quality or {}) or None


PHASE = Phase("quantiles", units, build, settings=_settings)


def quality_settings(run: RunState) -> dict[str, Any]:
    """The recipe's settings of quality with every quantile replaced by this run's limits."""
    settings = dict(run.recipe.quality or {})
    if quantiles := quantiles_of(settings):
        found = run.manifests[PHASE.name].totals("scores")
        limits = {name: limits_at(found.get(name, {}), quantile) for name, quantile in quantiles.items()}
        settings["models"] = {
            name: {**model, "reject_below": limits[name]} if name in limits else model
            for name, model in settings["models"].items()
        }
    return settings


class _ScorePart(UnitDoFn):
    def setup(self) -> None:
        models = (self.run.recipe.quality or {}).get("models") or {}
        names = quantiles_of({"models": models})
        self._inferred = [name for name in names if is_transformer(models[name])]
        self._scores = [score_of_recipe(name, models[name]) for name in names if name not in self._inferred]

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        known = list(known_scores(unit, self._inferred)) if self._inferred else []
        for row, document, _ in cleaned_documents(unit):
            for name, score in (known[row] if known else {}).items():
                if score is not None:
                    found[name][document.language][str(score_bin(score))] += 1
            for judge in self._scores:
                with measure(QUALITY.name):
                    score = judge.score(document)
                if score is not None:
                    found[judge.name][document.language][str(score_bin(score))] += 1
        return {"scores": {name: {key: dict(bins) for key, bins in by.items()} for name, by in found.items()}}
