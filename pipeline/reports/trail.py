"""The way of one record through a run, step by step, with the numbers that decided and what they were held against.

``trails`` is behind ``gristmill why`` and behind the trail of a page in ``gristmill inspect``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from filters.page_evidence import KINDS
from filters.registry import make_filter
from filters.rules import Rule, Side, limits_of, rules_of
from pipeline import outputs, stages, storage
from pipeline.reports import domains, records
from pipeline.reports.records import Found
from pipeline.reports.steps import Limit, Step, Trail
from pipeline.run_state import Part
from pipeline.transforms.domain_pages import EVIDENCE_JOB

# What a verdict of a stage without filters is held against: the side on which a score goes, and the setting.
_OF_VERDICTS: dict[str, tuple[Side, str]] = {
    "read/too_large": (">", "read.max_record_bytes"),
    "extract/too_many_bytes": (">", "read.max_record_bytes"), "extract/too_many_tags": (">", "extract.max_tags"),
    "extract/too_deep": (">", "extract.max_depth"), "extract/memory": (">", "extract.memory_mb"),
    "extract/clock": (">", "extract.seconds"), "extract/undecodable": (">", "extract.max_undecodable"),
    "extract/too_short": ("<", "extract.min_words"), "identify/uncertain_language": ("<", "identify.min_score"),
    "documents/near_duplicate": (">=", "documents.min_similarity"), "lines/too_short": ("<", "lines.min_words"),
    "lines/mostly_frequent_lines": (">", "lines.max_removed_share"), "domains/adult": (">", "domains.confidence"),
    "domains/harm": (">", "domains.confidence"), "domains/pii": (">", "domains.confidence"),
    "domains/adult_page": (">", "domains.confidence"), "domains/harm_page": (">", "domains.confidence"),
    "domains/pii_page": (">", "domains.confidence"),
}  # fmt: skip
_LONGEST_CHAIN = 8


def trails(run_dir: str, wanted: str) -> Iterator[Trail]:
    """The trail of every record that ``wanted`` may mean (:func:`pipeline.reports.records.find`). Raises ``FileNotFoundError``
    for no finished run, ``ValueError`` where the run has never seen it."""
    run_dir = storage.absolute(run_dir)
    outputs.read_ledger(run_dir)
    tracer = Tracer(run_dir)
    found = False
    for record in records.find(run_dir, wanted):
        found = True
        yield tracer.trail(record)
    if not found:
        raise ValueError(f"the run in {run_dir} has never seen {wanted}; give the URL as it was crawled, or an id")


def _limit_of_score(row: Mapping[str, Any], steps: list[Step]) -> Limit | None:
    """The limit of the score that a filter's verdict names."""
    for step in steps:
        if step.limit is None or step.value is None or not step.said.startswith(f"{row['detail']}."):
            continue
        if step.value == row["score"] and step.limit.is_beyond(step.value):
            return step.limit
    return None


class Tracer:
    """Makes the trails of one run's records. Holds the run's small files and the list of its parts, not their rows."""

    def __init__(self, run_dir: str) -> None:
        self.run_dir = run_dir
        self.recipe = records.recipe_of(run_dir)
        self.parts = list(records.parts_with_evidence(run_dir))
        self._rules_of: dict[str, list[Rule]] = {}

    def trail(self, record: Found) -> Trail:
        row, steps = record.row, list[Step]()
        missing = [] if self.parts else ["work/ is gone from the run: what was measured on the way can't be told"]
        if record.folder != "failed":
            for part in self.parts:
                place = records.row_in_part(part, row["id"])
                if place is not None:
                    steps += self._measured(part, place)
                    break
            steps += self._about_domain(row) + list(self._survivors(row))
        outcome, end = self._end(record, steps)
        address, date = row["url"] or "", row.get("date") or ""
        return Trail(row["id"], address, date, outcome, row, steps, end, missing, self._terms(row))

    def extracted(self, identity: str) -> tuple[dict[str, Any] | None, list[int]]:
        """What extraction measured on a document, ``None`` where it came to none, and the rows of its text that went since."""
        for part in self.parts:
            place = records.row_in_part(part, identity)
            if place is not None:
                features = self._row(part, "extract", "features", place)
                for phase in ("judge", "clean"):  # the lines of judge hold those of clean
                    if (phase, "lines") in part.tables:
                        return features, self._row(part, phase, "lines", place)["removed"] or []
                return features, []
        return None, []

    def _end(self, record: Found, steps: list[Step]) -> tuple[str, Step]:
        row = record.row
        if record.folder == "failed":
            return "failed", Step("failed", row["error"])
        if record.folder == "documents":
            weight = self._weights().get(row["class"], 1.0)
            return "kept", Step("KEPT", f"{row['words']} words of class {row['class']}, weight {weight:g} in the mix")
        outcome = f"{row['stage']}/{row['reason']}"
        score = "" if row["score"] is None else f", score {row['score']:g}"
        detail = f" ({stages.stage(row['stage']).detail} {row['detail']})" if row["detail"] else ""
        limit = _limit_of_score(row, steps) or self.limit_of(row)
        return outcome, Step("REJECTED", f"{row['stage']}: {row['reason']}{score}{detail}", row["score"], limit)

    def _weights(self) -> dict[str, float]:
        return json.loads(storage.read_bytes(storage.join(self.run_dir, "mix.json")))["weights"]

    def limit_of(self, row: Mapping[str, Any]) -> Limit | None:
        """What the score of a rejected row was held against, as far as the row alone can tell."""
        limit = self._limit_of_verdict(row)
        if limit is not None or row["score"] is None or row["stage"] not in ("heuristics", "quality"):
            return limit
        fired = [rule.conditions[0] for rule in self.rules_of(row["detail"] or "") if rule.reason == row["reason"]]
        if len(fired) != 1:
            return None  # which of several limits counted the row alone doesn't say
        return Limit(fired[0].side, fired[0].limit, f"{self.settings_of(row['detail'])[0]}.{fired[0].setting}")

    def _limit_of_verdict(self, row: Mapping[str, Any]) -> Limit | None:
        known = _OF_VERDICTS.get(f"{row['stage']}/{row['reason']}")
        if row["score"] is None or known is None:
            return None
        side, setting = known
        if row["stage"] == "domains" and (self.recipe.get("domains") or {}).get("worst") is not None:
            return None  # the cut follows from the ranking
        section, _, key = setting.partition(".")
        number = (self.recipe.get(section) or {}).get(key)
        return None if number is None else Limit(side, number, setting)

    def _measured(self, part: Part, row: int) -> Iterator[Step]:
        """What was measured on a document, for as far as it came."""
        features = self._row(part, "extract", "features", row)
        told = f"{features['words']} words, {features['lines']} lines, language {features['language']}"
        yield Step("extracted", told, features["words"])
        if features.get("language_score") is not None:
            limit = (
                Limit("<", self.recipe["identify"]["min_score"], "identify.min_score")
                if self.recipe.get("identify")
                else None
            )
            yield Step("language", f"score {features['language_score']:g}", features["language_score"], limit)
        yield Step("domain", features["domain"])
        if features["kinds"]:
            yield Step("page", ", ".join(features["kinds"]))
        if features["removed"] is not None:
            yield Step(
                "removed", f"{features['removed']:.0%} of the page's words were not content", features["removed"]
            )
        if ("decisions", "kept") in part.tables and self._row(part, "decisions", "kept", row)["kept"]:
            yield Step("people", "keep it, whatever lists, domains, lines and filters say")
        evidence = part.tables.get((EVIDENCE_JOB, "evidence"))
        if evidence is not None and storage.size(evidence) is not None:  # earlier versions cleared it away
            yield from self._page_evidence(self._row(part, EVIDENCE_JOB, "evidence", row))
        yield from self._lines(part, row)
        if ("judge", "scores") in part.tables:
            yield from self._scores(self._row(part, "judge", "scores", row))

    def _row(self, part: Part, phase: str, role: str, row: int) -> dict[str, Any]:
        with storage.open_parquet(part.tables[phase, role]) as file:
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if row < rows:
                    return file.read_row_group(group).slice(row, 1).to_pylist()[0]
                row -= rows
        raise IndexError(f"{part.tables[phase, role]} has no row for a document of its part")

    def _page_evidence(self, found: Mapping[str, Any]) -> Iterator[Step]:
        if found["strengths"] is None:
            return  # its domain is large, and this page is not in the sample
        over = [f"{kind} {times} times over" for kind, times in zip(KINDS, found["strengths"], strict=True) if times]
        words = f"; words: {', '.join(found['terms'])}" if found["terms"] else ""
        if over or words:
            said = ", ".join(over) or "nothing over"
            yield Step("evidence", f"this page has {said} the limits of domains.page{words}")

    def _lines(self, part: Part, row: int) -> Iterator[Step]:
        if ("clean", "lines") in part.tables:
            lines = self._row(part, "clean", "lines", row)
            if lines["removed"]:
                said = f"{len(lines['removed'])} frequent ones removed, {lines['removed_words']} words"
                yield Step("lines", said, lines["removed_words"])
        if ("judge", "lines") in part.tables:
            for rule, words in self._row(part, "judge", "lines", row)["removed_by"] or ():
                yield Step("lines", f"removed by {rule}, {words} words", words)

    def _scores(self, judged: Mapping[str, Any]) -> Iterator[Step]:
        by_filter: dict[str, dict[str, float]] = {}
        for name, value in judged["scores"] or ():
            own, _, measure = name.partition(".")
            by_filter.setdefault(own, {})[measure] = value
        for own, scores in by_filter.items():
            section = self.settings_of(own)[0]
            known = limits_of(self.rules_of(own), scores)
            for measure, value in scores.items():
                held = known.get(measure)
                limit = Limit(held.side, held.limit, f"{section}.{held.setting}") if held else None
                yield Step("score", f"{own}.{measure} = {value:g}", value, limit)
        for name in judged["not_judged"] or ():
            yield Step("not judged", f"by {name}: too little evidence")

    def rules_of(self, name: str) -> list[Rule]:
        """The rules of the filter called ``name`` with the recipe's settings; none where its verdict is more than limits."""
        if name not in self._rules_of:
            settings = self.settings_of(name)[1]
            try:
                judge = make_filter(name, settings, {}) if settings is not None else None
            except ValueError:
                judge = None  # a class of one's own that isn't installed here
            self._rules_of[name] = rules_of(judge) or []
        return self._rules_of[name]

    def settings_of(self, name: str) -> tuple[str, dict[str, Any] | None]:
        """Where a recipe has the filter called ``name``, and its settings; ``None`` where it has none."""
        if name == "quality":
            return "quality", self.recipe.get("quality")
        return f"heuristics.{name}", (self.recipe.get("heuristics") or {}).get(name)

    def _about_domain(self, row: Mapping[str, Any]) -> list[Step]:
        """The evidence of the domain, where that decided; otherwise nothing."""
        if row.get("stage") != "domains" or not row["detail"]:
            return []
        try:
            return [Step("evidence", line.strip()) for line in domains.explain_domain(self.run_dir, row["detail"])]
        except (FileNotFoundError, ValueError) as error:
            return [Step("evidence", str(error))]

    def _terms(self, row: Mapping[str, Any]) -> list[str]:
        if row.get("stage") != "domains" or not row["detail"]:
            return []
        try:
            samples = domains.row_of(self.run_dir, row["detail"])["samples"]
        except (FileNotFoundError, ValueError):
            return []
        return sorted({term for sample in samples for term in sample["terms"]})

    def _survivors(self, row: Mapping[str, Any]) -> Iterator[Step]:
        """What became of the document that this one went for, and of the one that that went for, and so on."""
        for _ in range(_LONGEST_CHAIN):
            if not row.get("detail") or not stages.stage(row["stage"]).levels:
                return
            survivor = records.with_id(self.run_dir, row["detail"])
            if survivor is None:
                return
            row = survivor.row
            if survivor.folder == "documents":
                yield Step("survivor", f"{row['id']} was kept: {row['url']}")
                return
            if survivor.folder == "failed":
                return
            yield Step("survivor", f"{row['id']} itself went later, {row['stage']}: {row['reason']}: {row['url']}")
