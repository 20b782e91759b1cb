"""Weights of the classes, and what mix.json says of them. (The bound ``max_weight`` has tests of its own.)"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mix import class_weights, describe
from recipes.schema import Mix

MIX = Mix({"general": 0.5, "math": 0.25, "code": 0.25}, 100.0)


def test_the_class_that_has_most_of_its_target_is_seen_once_and_all_others_more() -> None:
    assert class_weights({"general": 800, "math": 100, "code": 200}, MIX) == {"general": 1.0, "math": 4.0, "code": 2.0}


@pytest.mark.parametrize("mix", [None, Mix({"poetry": 1.0}, 4.0)])
def test_without_a_target_every_class_is_seen_once(mix: Mix | None) -> None:
    assert class_weights({"general": 3, "math": 1}, mix) == {"general": 1.0, "math": 1.0}


def test_a_class_without_target_or_without_tokens_decides_nothing() -> None:
    assert class_weights({"general": 800, "math": 100, "code": 0, "other": 7}, MIX) == {
        "code": 1.0, "general": 1.0, "math": 4.0, "other": 1.0,
    }  # fmt: skip


@given(st.dictionaries(st.sampled_from(["general", "math", "code"]), st.integers(1, 10**12), min_size=1))
def test_with_enough_epochs_the_wanted_shares_are_reached(tokens: dict[str, int]) -> None:
    reached = describe(tokens, Mix(MIX.targets, 1e15))["reached_shares"]
    total = sum(MIX.targets[name] for name in tokens)
    assert reached == pytest.approx({name: MIX.targets[name] / total for name in tokens}, abs=1e-3)


def test_what_is_said_of_the_mix() -> None:
    assert describe({"math": 100, "general": 800}, Mix(MIX.targets, 2.0)) == {
        "tokens": {"general": 800, "math": 100},
        "weights": {"general": 1.0, "math": 2.0},
        "wanted_shares": MIX.targets,
        "reached_shares": {"general": 0.8, "math": 0.2},
    }
    assert describe({}, None) == {"tokens": {}, "weights": {}, "wanted_shares": None, "reached_shares": {}}
