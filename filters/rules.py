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


def is_beyond(value: float, side: Side, limit: float) -> bool:
    """Whether ``value`` lies on that ``side`` of ``limit``."""
    return _COMPARE[side](value, limit)


class Condition(NamedTuple):
    """``score`` lies on this ``side`` of ``limit``. ``setting`` is the key of the limit among the filter's settings
    (``thresholds.top_2gram``), ``None`` for a limit that is none. On a score that isn't there no condition holds."""

    score: str
    side: Side
    limit: float
    setting: str | None = None

    def holds(self, scores: Scores) -> bool:
        return self.score in scores and is_beyond(scores[self.score], self.side, self.limit)


class Rule(NamedTuple):
    """A document goes for ``reason`` where all ``conditions`` hold; its number is the first condition's score."""

    reason: str
    conditions: tuple[Condition, ...]


@runtime_checkable
class HasRules(Protocol):
    """A filter whose ``decide`` is :func:`first_rule` of ``rules``, in that order; with these settings, where it has any."""

    name: str

    def rules(self) -> list[Rule] | None: ...


def rules_of(judging: object) -> list[Rule] | None:
    """The rules that a filter decides by; ``None`` where its verdict is more than limits on its scores."""
    return judging.rules() if isinstance(judging, HasRules) else None


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


def limits_of(rules: Sequence[Rule], scores: Scores) -> dict[str, Condition]:
    """By score, the condition that it is held against, for people who ask why a page went.

    Of a score with several the one that decides with these other ``scores``; of a least and a most the nearer. A score
    that only switches between rules has none.
    """
    switches = {one.score for rule in rules for one in rule.conditions if _is_switch(one, rules)}
    found: dict[str, Condition] = {}
    for name, value in scores.items():
        deciding = []
        for relevant in (True, False):  # rules that the other scores rule out, where there are no others
            for rule in rules:
                own = [one for one in rule.conditions if one.score == name and one.setting is not None]
                others = [one for one in rule.conditions if one.score != name]
                if own and (not relevant or all(one.holds(scores) for one in others)):
                    # All conditions of a rule must hold: of two on the same side the one farther out decides.
                    deciding.append(max(own, key=_severity))
            if deciding:
                break
        if deciding and name not in switches:
            by_side = {
                side: min((c for c in deciding if c.side == side), key=_severity)
                for side in {c.side for c in deciding}
            }
            found[name] = min(by_side.values(), key=lambda one: (abs(value - one.limit), one.side))
    return found


def _severity(one: Condition) -> float:
    """How far out a limit lies, on its own side."""
    return one.limit if one.side in (">", ">=") else -one.limit


_OPPOSITE: dict[Side, Side] = {">": "<=", "<=": ">", "<": ">=", ">=": "<"}


def _is_switch(one: Condition, rules: Sequence[Rule]) -> bool:
    """Whether some other rule asks for the opposite of this condition."""
    return any(one._replace(side=_OPPOSITE[one.side]) in rule.conditions for rule in rules)
