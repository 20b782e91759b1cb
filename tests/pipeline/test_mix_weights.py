"""Weights reach the wanted shares wherever the limits allow it, and come near where they don't."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mix_weights import OTHERS, Cell, Weights, find_weights, shares_of
from recipes.schema import Mix

CLASSES = ("general", "math", "code", "multilingual")
LLAMA3 = Mix({"general": 0.5, "math": 0.25, "code": 0.17, "multilingual": 0.08}, 4.0)
COUNTS = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 10**12))
PARTS = st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 1000)).filter(lambda parts: sum(parts.values()))


def mix_of(parts: dict[str, int], **limits) -> Mix:
    return Mix({name: part / sum(parts.values()) for name, part in parts.items()}, **limits)


def cells(tokens: dict[str, int]) -> dict[Cell, int]:
    return {Cell(name, "en"): count for name, count in tokens.items()}


def by_class(tokens: dict[str, int], mix: Mix | None) -> dict[str, float]:
    weights = find_weights(cells(tokens), mix)
    return {name: weights.of(Cell(name, "en")) for name in tokens}


def test_a_class_gets_the_epochs_that_its_share_takes_and_none_less_than_one() -> None:
    mix = Mix({"general": 0.5, "code": 0.25, "math": 0.25}, max_weight=100)
    assert by_class({"general": 1000, "code": 100, "math": 250}, mix) == {"general": 1.0, "code": 5.0, "math": 2.0}


def test_where_the_largest_weight_would_be_too_large_what_there_is_too_much_of_is_shown_in_part() -> None:
    weights = by_class({"general": 10, "math": 10, "code": 10, "multilingual": 70}, LLAMA3)
    assert weights == pytest.approx({"general": 4.0, "math": 2.0, "code": 1.36, "multilingual": 0.64 / 7}, abs=1e-5)
    tokens = {"code": 414009, "general": 624505, "math": 1090383, "multilingual": 1292610}
    assert shares_of(cells(tokens), find_weights(cells(tokens), LLAMA3), 0) == pytest.approx(LLAMA3.targets, abs=1e-5)


def test_a_class_that_there_is_next_to_nothing_of_does_not_cost_the_others_their_tokens() -> None:
    weights = by_class({"general": 1_000_000, "code": 200_000, "math": 100, "multilingual": 100_000}, LLAMA3)
    assert weights["math"] == 4.0 and min(weights.values()) > 0.9


def test_a_target_of_zero_leaves_a_class_out_and_no_target_leaves_it_alone() -> None:
    mix = Mix({"general": 0.8, "math": 0.2, "code": 0.0}, max_weight=9)
    weights = by_class({"general": 900, "multilingual": 5, "math": 0, "code": 10}, mix)
    assert weights == {"general": 1.0, "multilingual": 1.0, "math": 9.0, "code": 0.0} | {"math": weights["math"]}
    assert by_class({"code": 10}, mix) == {"code": 0.0}


@pytest.mark.parametrize("mix", [None, Mix({"poetry": 1.0}, 4.0)])
def test_with_nothing_to_mix_all_weights_are_1(mix: Mix | None) -> None:
    assert by_class({"general": 900, "code": 10}, mix) == {"general": 1.0, "code": 1.0}
    assert find_weights({}, mix).of(Cell("general", "en")) == 1.0


@given(COUNTS, PARTS, st.floats(1, 100), st.floats(0.001, 1))
@settings(max_examples=30)
def test_weights_keep_their_limits(tokens: dict[str, int], parts: dict[str, int], high: float, low: float) -> None:
    mix = mix_of(parts, max_weight=high, min_weight=low)
    for name, weight in by_class(tokens, mix).items():
        if tokens[name] and mix.targets.get(name):
            assert low * 0.999999 <= weight + 1e-6 and weight <= high * 1.000001
    assert by_class(dict(reversed(tokens.items())), mix) == by_class(tokens, mix)


@given(st.dictionaries(st.sampled_from(CLASSES), st.integers(1, 10**9), min_size=1), st.data())
@settings(max_examples=30)
def test_with_wide_limits_every_share_is_reached(tokens: dict[str, int], data: st.DataObject) -> None:
    parts = {name: data.draw(st.integers(1, 100)) for name in tokens}
    mix = mix_of(parts, max_weight=1e6, min_weight=1e-6)
    found = shares_of(cells(tokens), find_weights(cells(tokens), mix), 0)
    assert found == pytest.approx(mix.targets, rel=0.01)


def test_classes_languages_and_a_cap_of_domains_are_met_together() -> None:
    tokens = {
        Cell("general", "en", "big.example"): 8_000, Cell("general", "en", "small.example"): 5_000,
        Cell("code", "en", "forge.example"): 2_000, Cell("code", "de", "kode.example"): 1_000,
        Cell("multilingual", "de", "zeitung.example"): 3_000, Cell("multilingual", "fr", "journal.example"): 4_000,
    }  # fmt: skip
    mix = Mix({"general": 0.5, "code": 0.3, "multilingual": 0.2}, 50, 0.01, {"de": 0.15}, 0.28)
    weights = find_weights(tokens, mix)
    assert shares_of(tokens, weights, 0) == pytest.approx(mix.targets, abs=0.002)
    assert shares_of(tokens, weights, 1)["de"] == pytest.approx(0.15, abs=0.002)
    assert max(shares_of(tokens, weights, 2).values()) <= 0.28 * 1.01
    assert set(weights.domains) == {"big.example"}
    assert find_weights(dict(reversed(tokens.items())), mix) == weights


def test_caps_that_leave_no_room_end_the_search() -> None:
    tokens = {Cell("general", "en", name): 100 for name in ("a.example", "b.example")}
    weights = find_weights(tokens, Mix({"general": 1.0}, 4, max_domain_share=0.3))
    assert shares_of(tokens, weights, 2) == pytest.approx({"a.example": 0.5, "b.example": 0.5})


def test_targets_that_contradict_each_other_end_with_finite_weights() -> None:
    tokens = {Cell("general", "en"): 100, Cell("multilingual", "de"): 100}
    mix = Mix({"general": 0.9, "multilingual": 0.1}, 4, languages={"en": 0.2, "de": 0.8})
    assert all(0.05 <= find_weights(tokens, mix).of(cell) <= 4 for cell in tokens)


def test_the_factors_of_a_document_are_multiplied() -> None:
    weights = Weights({"code": 2.0, "math": 0.0}, {"de": 3.0}, 0.5, {"a.example": 0.1}, 0.4, 5.0)
    assert weights.of(Cell("code", "de", "b.example")) == 5.0
    assert weights.of(Cell("code", "en", "b.example")) == 1.0
    assert weights.of(Cell("code", "de", "a.example")) == pytest.approx(0.6)
    assert weights.of(Cell("code", "en", "a.example")) == 0.4
    assert (weights.of(Cell("math", "de")), weights.of(Cell("general", "de"))) == (0.0, 1.0)
    assert replace(weights, high=10.0).of(Cell("code", "de")) == 6.0


def _clipped(tokens: dict[str, int], mix: Mix, scale: float) -> tuple[float, float]:
    """For classes alone, by a slow reading of the module's docstring: how far from the shares wanted, and how much is changed."""
    whole = sum(tokens.values())
    weights = {
        name: min(max(scale * mix.targets[name] * whole / count, mix.min_weight), mix.max_weight)
        for name, count in tokens.items()
    }
    total = sum(count * weights[name] for name, count in tokens.items())
    far = sum(abs(tokens[name] * weights[name] / total - mix.targets[name]) for name in tokens)
    return far, sum(count * abs(weights[name] - 1) for name, count in tokens.items())


@pytest.mark.parametrize(
    "tokens",
    [
        {"general": 1_000_000, "code": 200_000, "math": 100, "multilingual": 100_000},
        {"general": 10_000_000, "code": 200_000, "math": 90_000, "multilingual": 700},
        {"general": 100, "code": 900_000, "math": 400_000, "multilingual": 10_000},
        {"general": 5_000, "code": 900_000, "math": 40, "multilingual": 4_000_000},
    ],
)
@pytest.mark.parametrize("low", [0.05, 0.5])
def test_out_of_reach_of_the_shares_the_least_change_is_taken_within_2_percent_of_the_nearest(
    tokens: dict[str, int], low: float
) -> None:
    mix = replace(LLAMA3, min_weight=low)
    weights = by_class(tokens, mix)
    total = sum(count * weights[name] for name, count in tokens.items())
    far = sum(abs(count * weights[name] / total - mix.targets[name]) for name, count in tokens.items())
    change = sum(count * abs(weights[name] - 1) for name, count in tokens.items())
    grid = [_clipped(tokens, mix, math.exp(step / 200)) for step in range(-3000, 3001)]
    nearest = min(found for found, _ in grid)
    assert far <= nearest + 0.0201
    assert change <= min(changed for found, changed in grid if found <= nearest + 0.0199) * 1.06  # by steps


def test_languages_that_are_all_named_have_their_shares_of_the_whole() -> None:
    """Nothing could take the rest, and of a language that isn't there nobody has anything."""
    tokens = {Cell("general", "en"): 600, Cell("general", "de"): 300}
    mix = Mix({"general": 1.0}, 50, 0.01, {"en": 0.3, "de": 0.1, "fr": 0.4})
    assert shares_of(tokens, find_weights(tokens, mix), 1) == pytest.approx({"en": 0.75, "de": 0.25}, abs=1e-5)
    others = {**tokens, Cell("general", "it"): 50, Cell("general", "es"): 150}
    found = shares_of(others, find_weights(others, mix), 1)
    # The rest keep their proportions among themselves.
    assert found == pytest.approx({"en": 0.3, "de": 0.1, "it": 0.15, "es": 0.45}, abs=1e-5)


def test_targets_of_classes_that_are_not_there_go_to_those_that_are() -> None:
    tokens = {"general": 400, "code": 100}
    mix = Mix({"general": 0.4, "code": 0.4, "math": 0.2}, 50, 0.01)
    assert shares_of(cells(tokens), find_weights(cells(tokens), mix), 0) == pytest.approx(
        {"general": 0.5, "code": 0.5}
    )


def test_a_domain_at_its_cap_is_no_matter_and_one_above_it_gets_the_cap() -> None:
    tokens = {
        Cell("general", "en", f"{name}.example"): count for name, count in zip("abcd", (5, 2, 2, 1), strict=True)
    }
    at = find_weights(tokens, Mix({"general": 1.0}, 50, 0.01, max_domain_share=0.5))
    assert {at.of(cell) for cell in tokens} == {1.0} and at.domains == {}
    above = find_weights(tokens, Mix({"general": 1.0}, 50, 0.01, max_domain_share=0.4))
    found = shares_of(tokens, above, 2)
    assert found["a.example"] == pytest.approx(0.4) and found["d.example"] == pytest.approx(0.12)
    # One that comes above it only when the first has been cut is cut too.
    both = find_weights(tokens, Mix({"general": 1.0}, 50, 0.01, max_domain_share=0.26))
    assert shares_of(tokens, both, 2) == pytest.approx(
        {f"{n}.example": s for n, s in zip("abcd", (0.26, 0.26, 0.26, 0.22), strict=True)}, abs=1e-4
    )


def test_all_that_is_too_small_for_a_cap_is_not_capped_together() -> None:
    tokens = {Cell("general", "en", "big.example"): 300, Cell("general", "en", OTHERS): 700}
    weights = find_weights(tokens, Mix({"general": 1.0}, 50, 0.01, max_domain_share=0.2))
    assert shares_of(tokens, weights, 2) == pytest.approx({"big.example": 0.2, OTHERS: 0.8}, abs=1e-5)
    assert set(weights.domains) == {"big.example"}
