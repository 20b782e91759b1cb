"""The rules of a recipe's filters in its order, over the scores that a run has stored of its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from filters.registry import make_filter
from filters.rules import Condition, Rule, rules_of
from filters.verdict import Scores
from pipeline.stages import HEURISTICS, QUALITY

STAGES = (HEURISTICS.name, QUALITY.name)
"""Stages whose verdicts are rules."""


@dataclass(frozen=True)
class StagedRule:
    """A rule of a filter in a recipe. ``columns``: of each condition the name of its score in a run's records (the
    filter's and the score's own), the key of its limit in the recipe, and the condition on the score of that name."""

    outcome: str
    filter: str
    section: str
    rule: Rule

    @cached_property
    def columns(self) -> tuple[tuple[str, str | None, Condition], ...]:
        found = []
        for one in self.rule.conditions:
            name = f"{self.filter}.{one.score}"
            key = None if one.setting is None else f"{self.section}.{one.setting}"
            found.append((name, key, one._replace(score=name)))
        return tuple(found)

    def fires(self, measured: Scores) -> bool:
        """Whether it does on a record's scores, whatever rules stand before it."""
        return all(condition.holds(measured) for _, _, condition in self.columns)


def rules_in(recipe: Mapping[str, Any]) -> tuple[list[StagedRule], set[str]]:
    """The rules of a recipe's filters in their order, and the names of the filters that have none."""
    named = [
        (HEURISTICS.name, f"heuristics.{name}", name, it) for name, it in (recipe.get("heuristics") or {}).items()
    ]
    if recipe.get("quality") is not None:
        named.append((QUALITY.name, "quality", "quality", recipe["quality"]))
    found: list[StagedRule] = []
    others: set[str] = set()
    for stage, section, name, settings in named:
        try:
            judging = make_filter(name, settings, {})
        except (
            ValueError,
            OSError,
        ):  # a filter of one's own, or its model, that isn't here where the report is written
            others.add(name)
            continue
        rules = rules_of(judging)
        if rules is None:
            others.add(judging.name)
            continue
        for rule in rules:
            if all(np.isfinite(condition.limit) for condition in rule.conditions):
                found.append(StagedRule(f"{stage}/{rule.reason}", judging.name, section, rule))
    return found, others
