"""Phase judge: the filters of stages heuristics and quality, then token ids for what they keep.

Map-only, one unit a part. Every filter scores every document, also one that another has rejected, so that scores can
be compared and thresholds moved; the first filter in the recipe's order that rejects gives the reason.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import apache_beam as beam

from filters.redaction import Redactor
from filters.registry import make_filter
from filters.verdict import Filter
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.phase import Phase
from pipeline.phases.clean import token_counts
from pipeline.run_state import Part, RunState
from pipeline.stages import HEURISTICS, QUALITY
from pipeline.stopwatch import measure
from pipeline.transforms.clean_documents import cleaned_documents
from pipeline.transforms.work_units import UnitDoFn, part_units, work_on
from recipes import Recipe
from text.document import Document
from tokens import tokenizer as tokenizers


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    work_on(pipeline, part_units(run), _JudgePart(run, PHASE.name))


PHASE = Phase("judge", units, build, settings=lambda recipe: recipe)


class _JudgePart(UnitDoFn):
    def setup(self) -> None:
        recipe = self.run.recipe
        counts = token_counts(self.run)
        self._filters: list[tuple[str, Filter]] = [
            (HEURISTICS.name, make_filter(name, settings, counts))
            for name, settings in (recipe.heuristics or {}).items()
        ]
        if recipe.quality is not None:
            self._filters.append((QUALITY.name, make_filter("quality", recipe.quality, counts)))
        self._redact = Redactor(recipe.redact.regions, recipe.redact.kinds) if recipe.redact else None
        self._tokenizer = tokenizers.load(recipe.tokenise.tokenizer)

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        verdicts: list[dict] = [{} for _ in range(unit.rows)]
        scores: list[dict] = [{} for _ in range(unit.rows)]
        ids: list[dict] = [{} for _ in range(unit.rows)]
        classes = unit.read("extract", "features", ["class"])["class"].to_pylist()
        token_totals: Counter[str] = Counter()
        not_judged: Counter[str] = Counter()
        redacted: Counter[str] = Counter()
        kept_bytes = 0
        for row, document, _ in cleaned_documents(unit):
            scores[row], verdicts[row] = self._score(document)
            not_judged.update(scores[row]["not_judged"])
            if not verdicts[row]:
                if self._redact:
                    with measure("redact"):
                        document, replaced = self._redact(document)
                    redacted.update(replaced)
                with measure("tokenise"):
                    encoded = self._tokenizer.encode_document(document.text)
                ids[row] = {"tokens": encoded}
                token_totals[classes[row]] += len(encoded)
                kept_bytes += len(document.text.encode("utf-8", "replace"))
        attempt.write_table("scores", tables.table(tables.SCORES, scores))
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdicts))
        attempt.write_table("tokens", tables.table(tables.TOKENS, ids))
        return {
            "tokens": dict(token_totals),
            "not_judged": dict(not_judged),
            "kept_bytes": kept_bytes,
            "redacted": dict(redacted),
        }

    def _score(self, document: Document) -> tuple[dict, dict]:
        """The row of the scores table, and that of the verdicts table: the first rejection in the recipe's order."""
        scores: dict[str, float] = {}
        not_judged: list[str] = []
        verdict: dict = {}
        for stage, judging in self._filters:
            with measure(stage):
                found = judging.score(document)
            if found is None:
                not_judged.append(judging.name)
                continue
            scores.update({f"{judging.name}.{key}": float(value) for key, value in found.items()})
            reject = judging.decide(found)
            if reject is not None and not verdict:
                verdict = {
                    "stage": stage,
                    "reason": reject.reason,
                    "score": float(reject.score),
                    "detail": judging.name,
                }
        return {"scores": list(scores.items()), "not_judged": not_judged}, verdict
