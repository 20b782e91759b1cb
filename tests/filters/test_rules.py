"""Verdicts as data: each limit is the recipe's setting of that name, and the first rule that fires gives the verdict."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.registry import FILTERS, make_filter
from filters.rules import Condition, HasRules, Rule, first_rule, limits_of
from filters.verdict import Reject

# Its verdict is what was found of which sets, not limits on scores.
NAMES = [name for name in FILTERS if name != "decontamination"]


@cache
def shipped(name: str) -> HasRules:
    """The filter as it ships: made once, since some open a model."""
    judging = make_filter(name, {}, {})
    assert isinstance(judging, HasRules)
    return judging


def nested(key: str, value: float) -> dict[str, Any]:
    outer, dot, inner = key.partition(".")
    return {outer: nested(inner, value) if dot else value}


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_of_ours_has_rules_whose_limits_are_its_settings(name: str) -> None:
    judging = shipped(name)
    settings = {c.setting for rule in judging.rules() for c in rule.conditions if c.setting}
    assert settings
    for setting in settings:
        moved = make_filter(name, nested(setting, 1), {})
        assert isinstance(moved, HasRules)
        before, after = ([c for rule in one.rules() for c in rule.conditions] for one in (judging, moved))
        assert [c.limit for c in after if c.setting == setting] == [1] * sum(c.setting == setting for c in before)
        assert [c for c in after if c.setting != setting] == [c for c in before if c.setting != setting]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_decide_is_the_first_rule(name: str, data: st.DataObject) -> None:
    judging = shipped(name)
    limits: dict[str, list[float]] = {}
    for rule in judging.rules():
        for condition in rule.conditions:
            limits.setdefault(condition.score, []).append(condition.limit)
    near = {
        score: st.sampled_from([around for limit in values for around in (limit - 0.001, limit, limit + 0.001)])
        for score, values in limits.items()
    }
    scores = data.draw(st.fixed_dictionaries(near))
    assert judging.decide(scores) == first_rule(judging.rules(), scores)


def test_the_first_rule_that_fires_wins_with_its_first_score() -> None:
    rules = [
        Rule("both", (Condition("a", ">", 1), Condition("b", "<=", 2))),
        Rule("least", (Condition("b", ">=", 2),)),
        Rule("below", (Condition("c", "<", 0),)),
    ]
    assert first_rule(rules, {"a": 1.5, "b": 2}) == Reject("both", 1.5)
    assert first_rule(rules, {"a": 1, "b": 2}) == Reject("least", 2)
    assert first_rule(rules, {"a": 1, "b": 1, "c": 0}) is None
    assert first_rule(rules, {"c": -1}) == Reject("below", -1)
    assert first_rule(rules, {}) is None


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_limits_that_people_are_told_decide(name: str, data: st.DataObject) -> None:
    judging = shipped(name)
    rules = judging.rules()
    names = sorted({c.score for rule in rules for c in rule.conditions})
    scores = {score: float(data.draw(st.one_of(st.floats(0, 20), st.integers(0, 200)))) for score in names}
    passed = [held.holds(scores) for held in limits_of(rules, scores).values()]
    # Limits that aren't settings (whether there is any brace at all) are told by the reason.
    unnamed = [c.holds(scores) for rule in rules for c in rule.conditions if c.setting is None]
    if judging.decide(scores):
        assert any(passed) or any(unnamed)
    else:
        assert not passed or not all(passed) or not all(unnamed)


def test_of_several_limits_the_one_is_told_that_decides() -> None:
    long_lines = [
        Rule("outlier", (Condition("excess", ">", 1, "max"), Condition("excess", ">", 3, "max_long"))),
        Rule("outlier", (Condition("excess", ">", 1, "max"), Condition("words", "<", 10, "long"))),
    ]
    assert limits_of(long_lines, {"excess": 2.0, "words": 20})["excess"].setting == "max_long"
    assert limits_of(long_lines, {"excess": 2.0, "words": 5})["excess"].setting == "max"
    sides = [Rule("a", (Condition("x", "<", 1, "least"),)), Rule("b", (Condition("x", ">", 9, "most"),))]
    assert [limits_of(sides, {"x": x})["x"].setting for x in (0.0, 3.0, 8.0)] == ["least", "least", "most"]
    switched = [
        Rule("a", (Condition("share", ">", 0.5, "mostly"), Condition("left", "<", 9, "left_of_mostly"))),
        Rule("b", (Condition("share", "<=", 0.5, "mostly"), Condition("left", "<", 5, "left"))),
    ]
    found = limits_of(switched, {"share": 0.6, "left": 7.0})
    assert {name: held.setting for name, held in found.items()} == {"left": "left_of_mostly"}
