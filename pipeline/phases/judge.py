"""Phase judge: the filters of stages heuristics and quality, then token ids for what they keep.

Map-only, one unit a part. Every filter scores every document, also one that another has rejected, so that scores can
be compared and thresholds moved; the first filter in the recipe's order that rejects gives the reason. Lines that a
filter removes are gone for the filters behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import apache_beam as beam

from dedup.lines import remove_lines, removed_with
from filters.decontamination.filter import IN_SET, DecontaminationFilter
from filters.quality import QualityFilter
from filters.quality_models import transformers_of
from filters.redaction import Redactor
from filters.registry import make_filter
from filters.verdict import AnyFilter, judge
from pipeline import counters, tables
from pipeline.commit import Attempt
from pipeline.mix import hand_in
from pipeline.mix_weights import Cell
from pipeline.phase import Phase
from pipeline.phases.clean import token_counts
from pipeline.phases.inference import known_scores
from pipeline.phases.quantiles import quality_settings
from pipeline.run_state import Part, RunState
from pipeline.stages import HEURISTICS, QUALITY
from pipeline.stopwatch import measure
from pipeline.transforms.clean_documents import cleaned_documents, removed_lines
from pipeline.transforms.people import kept_by_people
from pipeline.transforms.work_units import UnitDoFn, part_units, work_on
from recipes import Recipe
from text.document import Document
from tokens import tokenizer as tokenizers


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    work_on(pipeline, part_units(run), _JudgePart(run, PHASE.name))


_IN_SET = f"{DecontaminationFilter.name}.{IN_SET}"
PHASE = Phase("judge", units, build, settings=lambda recipe: recipe, microseconds=900)


class _JudgePart(UnitDoFn):
    def setup(self) -> None:
        recipe = self.run.recipe
        counts = token_counts(self.run)
        self._filters: list[tuple[str, AnyFilter]] = [
            (HEURISTICS.name, make_filter(name, settings, counts))
            for name, settings in (recipe.heuristics or {}).items()
        ]
        if recipe.quality is not None:
            self._filters.append((QUALITY.name, make_filter("quality", quality_settings(self.run), counts)))
        self._inferred = list(transformers_of(recipe.quality))
        self._redact = Redactor(recipe.redact.regions, recipe.redact.kinds) if recipe.redact else None
        self._tokenizer = tokenizers.load(recipe.tokenise.tokenizer)

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        verdicts: list[dict] = [{} for _ in range(unit.rows)]
        scores: list[dict] = [{} for _ in range(unit.rows)]
        ids: list[dict] = [{} for _ in range(unit.rows)]
        lines = removed_lines(unit, ["removed", "removed_words"]).to_pylist()
        known = list(known_scores(unit, self._inferred)) if self._inferred else [{}] * unit.rows
        features = unit.read("extract", "features", ["class", "language", "domain"]).to_pylist()
        kept = kept_by_people(unit)
        token_totals: Counter[Cell] = Counter()
        not_judged: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        redacted: Counter[str] = Counter()
        removed_by: Counter[str] = Counter()
        in_test_sets: Counter[str] = Counter()
        kept_bytes = 0
        for row, document, stored in cleaned_documents(unit):
            judged = self._judge(document, bool(kept[row]), known[row])
            scores[row] = {"scores": list(judged.scores.items()), "not_judged": judged.not_judged}
            verdicts[row] = judged.verdict
            went = [f"{judged.verdict['stage']}/{judged.verdict['reason']}"] if judged.verdict else []
            self.advanced((row + 1) / unit.rows, 1, not went, rejected=went)
            if judged.verdict:
                rejected[counters.rejected(judged.verdict["stage"])] += 1
            not_judged.update(judged.not_judged)
            in_test_sets.update(key.removeprefix(_IN_SET) for key in judged.scores if key.startswith(_IN_SET))
            text = document.text
            if judged.removed:
                removed_by.update(judged.removed_by)
                gone = removed_with(stored["text"], lines[row]["removed"] or [], judged.removed)
                text, _, words = remove_lines(stored["text"], (), gone)
                lines[row] = {"removed": gone, "removed_words": words, "removed_by": list(judged.removed_by.items())}
            if not judged.verdict:
                if self._redact:
                    with measure("redact"):
                        document, replaced = self._redact(Document(text))
                    redacted.update(replaced)
                    text = document.text
                with measure("tokenise"):
                    encoded = self._tokenizer.encode_document(text)
                ids[row] = {"tokens": encoded}
                token_totals[Cell(*features[row].values())] += len(encoded)
                kept_bytes += len(text.encode("utf-8", "replace"))
        counters.add(rejected)
        attempt.write_table("scores", tables.table(tables.SCORES, scores))
        attempt.write_table("lines", tables.table(tables.REMOVED_LINES, lines))
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdicts))
        attempt.write_table("tokens", tables.table(tables.TOKENS, ids))
        return {
            "tokens": hand_in(attempt, token_totals, self.run.recipe.mix),
            "not_judged": dict(not_judged),
            "kept_bytes": kept_bytes,
            "rejected": sum(rejected.values()),
            "redacted": dict(redacted),
            "removed_by": dict(removed_by),
            "in_test_sets": dict(in_test_sets),
        }

    def _judge(self, document: Document, kept: bool, known: Mapping[str, float | None]) -> _Judged:
        """What all filters say; of a document that people keep the scores alone, for whoever compares."""
        judged = _Judged()
        for stage, judging in self._filters:
            with measure(stage):
                rows: Mapping[int, str] = {}
                if isinstance(judging, QualityFilter) and known:
                    found = judging.score(document, known)
                else:
                    rows, found = judge(judging, document)
            reject = None
            if found is None:
                judged.not_judged.append(judging.name)
            else:
                judged.scores.update({f"{judging.name}.{key}": float(value) for key, value in found.items()})
                reject = judging.decide(found)
            if kept:
                continue
            if reject is not None and not judged.verdict:
                judged.verdict = {
                    "stage": stage,
                    "reason": reject.reason,
                    "score": float(reject.score),
                    "detail": judging.name,
                }
            if rows and reject is None:
                document = judged.without(document, judging.name, rows)
        return judged


@dataclass
class _Judged:
    """What all filters say of a document: every filter's scores, the first rejection in the recipe's order, and the
    lines that went, by their index in the document as it came, with the words of each ``filter.rule``."""

    scores: dict[str, float] = field(default_factory=dict)
    not_judged: list[str] = field(default_factory=list)
    verdict: dict[str, Any] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    removed_by: Counter[str] = field(default_factory=Counter)
    _whole: str = ""

    def without(self, document: Document, name: str, rows: Mapping[int, str]) -> Document:
        """``document`` without ``rows`` of its lines. From one that is rejected already nothing goes: its words go
        with it. Blank lines go with the lines around them, or not at all."""
        rows = {row: rule for row, rule in rows.items() if document.view.rows[row].strip()}
        text, spans, _ = remove_lines(document.text, document.spans, sorted(rows))
        if not self.verdict:
            self._whole = self._whole or document.text
            for row, rule in rows.items():
                self.removed_by[f"{name}.{rule}"] += int(document.view.row_word_counts[row])
            self.removed = removed_with(self._whole, self.removed, rows)
        return replace(document, text=text, spans=spans)
