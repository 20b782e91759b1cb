from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.posttraining.losses import chosen_nll, preference_loss, response_sums, reward_loss

ALL = torch.ones(1, 1, 3, dtype=torch.bool)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_reward_loss_by_hand() -> None:
    scores = torch.tensor([[[2.0, 1.0, 4.0]], [[0.5, -0.5, 9.0]]])
    taken = torch.tensor([[[True, True, True]], [[True, True, False]]])
    found = reward_loss(scores, taken)
    three = (softplus(-1.0) + softplus(2.0) + softplus(3.0)) / 3
    assert found.loss.item() == pytest.approx(three + softplus(-1.0))
    assert found.accuracy.item() == pytest.approx(1 / 3 + 1)
    assert found.margin.item() == pytest.approx((1 - 2 - 3) / 3 + 1)
    centred = reward_loss(scores, taken, center=0.01).loss.item()
    assert centred - found.loss.item() == pytest.approx(0.01 * ((9 + 36 + 25) / 3 + 0))


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.floats(-9, 9))
def test_only_differences_count(scores: list[float], shift: float) -> None:
    one = torch.tensor(scores, dtype=torch.float64).view(1, 1, 3)
    assert reward_loss(one, ALL).loss.item() == pytest.approx(reward_loss(one + shift, ALL).loss.item(), abs=1e-9)


def test_equal_scores_are_not_in_order() -> None:
    found = reward_loss(torch.zeros(1, 1, 3), ALL)
    assert found.accuracy == 0 and found.loss.item() == pytest.approx(math.log(2))


def test_nothing_taken_is_nothing() -> None:
    scores = torch.zeros(1, 2, 2, requires_grad=True)
    loss = reward_loss(scores, torch.zeros(1, 2, 2, dtype=torch.bool)).loss
    loss.backward()
    assert loss == 0 and (scores.grad == 0).all()


def test_sums_go_to_their_slots() -> None:
    log_probs = torch.tensor([[-1.0, -2.0, -4.0, -8.0, -16.0]])
    slots = torch.tensor([[0, 0, 1, -1, 3]])
    counted = torch.tensor([[True, False, True, True, True]])
    assert response_sums(log_probs, slots, counted, torch.Size((1, 2, 2))).tolist() == [[[-1.0, -4.0], [0.0, -16.0]]]


@given(st.lists(st.floats(-20, 0), min_size=4, max_size=4), st.sampled_from([0.1, 0.5]))
def test_swapping_the_sides_flips_the_margin(sums: list[float], beta: float) -> None:
    policy, reference = torch.tensor(sums, dtype=torch.float64).view(2, 1, 1, 2)
    taken = torch.ones(1, 1, 2, dtype=torch.bool)
    one = preference_loss(policy, reference, taken, beta)
    other = preference_loss(policy.flip(-1), reference.flip(-1), taken, beta)
    assert one.margin.item() == -other.margin.item()
    z = beta * ((sums[0] - sums[2]) - (sums[1] - sums[3]))
    assert one.margin.item() == pytest.approx(z) and one.loss.item() == pytest.approx(softplus(-z))
    assert one.chosen.item() == pytest.approx(sums[0] - sums[2])


def test_equal_models_have_a_loss_of_log_2() -> None:
    sums = torch.tensor([[[-3.0, -7.0]]])
    assert preference_loss(sums, sums, torch.ones(1, 1, 2, dtype=torch.bool), 0.1).loss.item() == pytest.approx(
        math.log(2), abs=1e-7
    )


def test_nll_of_rows_and_of_tokens() -> None:
    log_probs = torch.tensor([[-1.0, -3.0, -5.0]])
    assert chosen_nll(log_probs, torch.tensor([[0.5, 0.5, 0.0]])).item() == 2.0
