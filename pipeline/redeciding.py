"""What other limits of filters would change in a run's ledger, by its stored scores: no text is read, no phase is run.

Scores are stored of every document that came to the filters, also by those behind the one that rejected it, so that the
filters' decisions can be taken again. That is exact as long as nothing but limits on scores has changed, and every filter
that removes lines decides as before: where it doesn't, the filters behind it would see another text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from filters.registry import make_filter
from filters.rules import rules_of
from filters.verdict import AnyFilter, LineFilter, Scores
from pipeline import stages
from pipeline.run_state import Part, parts_of_run
from pipeline.taking_over import Base
from recipes import Recipe

KEPT = "kept"
_JUDGE = "judge"
_Filters = list[tuple[str, AnyFilter]]


@dataclass
class Outlook:
    """Documents and their words by outcome (:data:`KEPT`, or stage and reason), now and with the other limits; and how
    many documents a filter that removes lines decides otherwise on, so that their number is not certain."""

    pages: Counter[str] = field(default_factory=Counter)
    pages_then: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    words_then: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0

    def lines(self) -> Iterator[str]:
        """The difference for people."""
        for outcome in sorted({*self.pages, *self.pages_then}, key=lambda name: (name != KEPT, name)):
            before, after = self.pages[outcome], self.pages_then[outcome]
            if before != after or outcome == KEPT:
                change = self.words_then[outcome] - self.words[outcome]
                yield f"{outcome:40} {before:>12,} -> {after:>12,}  {after - before:+,} pages, {change:+,} words"
        if self.uncertain:
            yield (
                f"{self.uncertain:,} of these pages lose other lines than they have lost, so that filters would score "
                f"another text: their outcome is not certain"
            )


def limits_alone(base: Base, recipe: Recipe, changed: Mapping[str, str]) -> bool:
    """Whether all ``changed`` keys (:func:`pipeline.taking_over.changed_keys`) are limits on scores of filters."""
    limits = {
        f"{section}.{condition.setting}"
        for section, judging in _sections(base.recipe) + _sections(recipe)
        for rule in rules_of(judging) or ()
        for condition in rule.conditions
        if condition.setting
    }
    # A mapping of limits (thresholds) that the base's recipe hasn't is named as a whole beside what is in it.
    inside = {key.rpartition(".")[0] for key in changed} & {limit.rpartition(".")[0] for limit in limits}
    same = [name for name, _ in _sections(base.recipe)] == [name for name, _ in _sections(recipe)]
    return same and all(key in limits or key in inside for key in changed)


def outlook(base: Base, recipe: Recipe) -> Outlook:
    """What a run with the limits of ``recipe`` would keep and reject of all that came to the filters of ``base``."""
    found = Outlook()
    before, after = _filters(base.recipe), _filters(recipe)
    for part in parts_of_run(base.dir):
        _add(found, part, before, after)
    return found


def _add(found: Outlook, part: Part, before: _Filters, after: _Filters) -> None:
    tables = {key: path for key, path in part.tables.items() if key[0] != _JUDGE}
    alive = np.flatnonzero(replace(part, tables=tables).alive()).tolist()
    scores = part.read(_JUDGE, "scores", ["scores"])["scores"].to_pylist()
    verdicts = part.read(_JUDGE, "verdicts", ["stage", "reason"]).to_pylist()
    removed = part.read(_JUDGE, "lines", ["removed_words"])["removed_words"].to_pylist()
    words = part.read("extract", "features", ["words"])["words"].to_pylist()
    for row in alive:
        stored = dict(scores[row] or ())
        was = _named(verdicts[row]["stage"], verdicts[row]["reason"])
        now, by_lines = _decide(after, stored)
        # Whom people keep stays, whatever the filters say.
        if was == KEPT and _decide(before, stored)[0] != KEPT:
            now = KEPT
        elif by_lines != _decide(before, stored)[1]:
            found.uncertain += 1
        left = words[row] - removed[row]
        found.pages[was] += 1
        found.words[was] += left
        found.pages_then[now] += 1
        found.words_then[now] += left


def _decide(filters: _Filters, stored: Scores) -> tuple[str, list[bool]]:
    """The outcome, and which of the filters that remove lines reject."""
    outcome, by_lines = KEPT, []
    for stage, judging in filters:
        prefix = f"{judging.name}."
        own = {key.removeprefix(prefix): value for key, value in stored.items() if key.startswith(prefix)}
        reject = judging.decide(own) if own else None
        if isinstance(judging, LineFilter):
            by_lines.append(reject is not None)
        if reject is not None and outcome == KEPT:
            outcome = _named(stage, reject.reason)
    return outcome, by_lines


def _named(stage: str | None, reason: str | None) -> str:
    return KEPT if stage is None else f"{stage}/{reason}"


def _filters(recipe: Recipe) -> _Filters:
    return [(section.partition(".")[0], judging) for section, judging in _sections(recipe)]


def _sections(recipe: Recipe) -> list[tuple[str, AnyFilter]]:
    """The filters of a recipe in its order, each with the key of its settings."""
    sections: list[tuple[str, str, dict[str, Any]]] = [
        (f"{stages.HEURISTICS.name}.{name}", name, settings) for name, settings in (recipe.heuristics or {}).items()
    ]
    if recipe.quality is not None:
        sections.append((stages.QUALITY.name, stages.QUALITY.name, recipe.quality))
    return [(section, make_filter(name, settings, {})) for section, name, settings in sections]
