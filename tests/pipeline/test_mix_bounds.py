"""Weights bring the classes to their shares, never below one epoch and never above the most that is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mix import class_weights, describe
from recipes.schema import Mix

CLASSES = ("general", "math", "code", "multilingual")
TOKENS = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 10**12))
PARTS = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 1000)).filter(lambda parts: sum(parts.values()))
MIX = st.builds(
    lambda parts, most: Mix({name: part / sum(parts.values()) for name, part in parts.items()}, most),
    PARTS,
    st.floats(1, 100),
)


def test_a_class_gets_the_epochs_that_its_share_takes() -> None:
    mix = Mix({"general": 0.5, "code": 0.25, "math": 0.25}, max_weight=100)
    assert class_weights({"general": 1000, "code": 100, "math": 250}, mix) == {
        "general": 1.0,
        "code": 5.0,
        "math": 2.0,
    }


def test_no_class_is_seen_more_often_than_the_most_that_is_allowed() -> None:
    mix = Mix({"general": 0.5, "code": 0.5}, max_weight=4)
    assert class_weights({"general": 1000, "code": 10}, mix) == {"general": 1.0, "code": 4.0}
    assert class_weights({"general": 1000, "code": 250}, mix)["code"] == 4.0
    assert class_weights({"general": 1000, "code": 251}, mix)["code"] == round(1000 / 251, 4)


def test_a_class_without_a_target_or_without_tokens_keeps_weight_1() -> None:
    mix = Mix({"general": 0.8, "math": 0.2, "code": 0.0}, max_weight=9)
    weights = class_weights({"general": 900, "multilingual": 5, "math": 0, "code": 10}, mix)
    assert weights == {"code": 1.0, "general": 1.0, "math": 1.0, "multilingual": 1.0}
    assert list(weights) == sorted(weights)


@pytest.mark.parametrize("mix", [None, Mix({"math": 1.0}, 4.0)])
def test_with_nothing_to_mix_all_weights_are_1(mix: Mix | None) -> None:
    assert class_weights({"general": 900, "code": 10}, mix) == {"general": 1.0, "code": 1.0}


@given(TOKENS, MIX)
def test_weights_lie_between_one_epoch_and_the_most(tokens: dict[str, int], mix: Mix) -> None:
    weights = class_weights(tokens, mix)
    assert set(weights) == set(tokens)
    assert all(1.0 <= weight <= round(mix.max_weight, 4) for weight in weights.values())


def test_mix_json_says_what_was_wanted_and_what_was_reached() -> None:
    mix = Mix({"general": 0.5, "code": 0.5}, max_weight=3)
    assert describe({"general": 900, "code": 100}, mix) == {
        "tokens": {"code": 100, "general": 900},
        "weights": {"code": 3.0, "general": 1.0},
        "wanted_shares": {"general": 0.5, "code": 0.5},
        "reached_shares": {"code": 0.25, "general": 0.75},
    }
    assert describe({"code": 100}, None) == {
        "tokens": {"code": 100},
        "weights": {"code": 1.0},
        "wanted_shares": None,
        "reached_shares": {"code": 1.0},
    }


def test_a_run_without_tokens_has_a_mix_too() -> None:
    assert describe({"code": 0}, None)["reached_shares"] == {"code": 0.0}
    assert describe({}, None)["reached_shares"] == {}
