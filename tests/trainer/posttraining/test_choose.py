from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.posttraining.choose import choose_model, paired_difference


def test_the_interval_by_hand() -> None:
    difference = paired_difference([1.0, 0.5, 1.0, 0.5], [0.5, 0.5, 0.5, 0.5])
    # Differences .5, 0, .5, 0: variance 1/12, standard error sqrt(1/48).
    assert difference.mean == 0.25
    assert difference.half_width == pytest.approx(1.96 * math.sqrt(1 / 48))
    assert difference.lower == pytest.approx(0.25 - 1.96 * math.sqrt(1 / 48))


def test_a_better_model_is_chosen() -> None:
    rates = {"incumbent": [0.25] * 50 + [0.5] * 50, "sft": [0.5] * 100, "dpo": [0.375] * 100}
    choice = choose_model(rates, "incumbent")
    assert (choice.chosen, choice.best) == ("sft", "sft")
    assert choice.rates == {"incumbent": 0.375, "sft": 0.5, "dpo": 0.375}


def test_one_that_is_better_by_chance_is_not() -> None:
    draw = random.Random(0)
    rates = {name: [draw.choice([0, 0.5, 1]) for _ in range(40)] for name in ("incumbent", "sft", "dpo")}
    rates["sft"][:5] = [1.0] * 5
    choice = choose_model(rates, "incumbent")
    assert choice.difference.mean >= 0 > choice.difference.lower
    assert choice.chosen == "incumbent"


def test_pairing_sees_what_two_separate_rates_would_not() -> None:
    draw = random.Random(1)
    hardness = [draw.random() for _ in range(100)]
    better = [rate + 0.02 for rate in hardness]
    assert choose_model({"incumbent": hardness, "dpo": better}, "incumbent").chosen == "dpo"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_an_equal_model_never_replaces_the_incumbent(rates) -> None:
    choice = choose_model({"dpo": rates, "incumbent": rates}, "incumbent")
    assert choice.chosen == "incumbent"


@given(st.integers(2, 30).flatmap(lambda n: st.tuples(*[st.lists(st.floats(0, 1), min_size=n, max_size=n)] * 2)))
def test_whatever_is_chosen_has_no_lower_rate(both) -> None:
    choice = choose_model({"incumbent": both[0], "sft": both[1]}, "incumbent")
    assert choice.rates[choice.chosen] >= choice.rates["incumbent"]


@pytest.mark.parametrize(("ours", "theirs"), [([1.0], [0.0]), ([1.0, 0.0], [1.0]), ([], [])])
def test_too_few_or_other_prompts_are_refused(ours, theirs) -> None:
    with pytest.raises(TrainerError, match="two at least"):
        paired_difference(ours, theirs)
