"""Verdicts as data: rules that compare stored scores with limits, for whoever moves a limit without the document.

A filter whose verdict is limits on its scores says so by a method ``rules``; then a report can show what another limit
would do, and a recipe's change can be told from one for which documents must be scored again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from filters.verdict import Reject, Scores

Side = Literal[">", "<", ">=", "<="]
_COMPARE: dict[str, Callable[[float, float], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}


class Condition(NamedTuple):
    """``score`` lies on this ``side`` of ``limit``. ``setting`` is the key of the limit among the filter's settings
    (``thresholds.top_2gram``), ``None`` for a limit that is none. On a score that isn't there no condition holds."""

    score: str
    side: Side
    limit: float
    setting: str | None = None

    def holds(self, scores: Scores) -> bool:
        return self.score in scores and _COMPARE[self.side](scores[self.score], self.limit)


class Rule(NamedTuple):
    """A document goes for ``reason`` where all ``conditions`` hold; its number is the first condition's score."""

    reason: str
    conditions: tuple[Condition, ...]


@runtime_checkable
class HasRules(Protocol):
    """A filter whose ``decide`` is :func:`first_rule` of ``rules``, in that order."""

    name: str

    def rules(self) -> list[Rule]: ...


def first_rule(rules: Sequence[Rule], scores: Scores) -> Reject | None:
    """The verdict of the first rule that fires."""
    for rule in rules:
        if all(condition.holds(scores) for condition in rule.conditions):
            return Reject(rule.reason, scores[rule.conditions[0].score])
    return None


def each_above(thresholds: Mapping[str, float], key: str = "thresholds") -> list[Rule]:
    """A rule for each score that is to stay below a threshold of the setting ``key``, named like the score."""
    return [
        Rule(score, (Condition(score, ">", threshold, f"{key}.{score}"),)) for score, threshold in thresholds.items()
    ]
