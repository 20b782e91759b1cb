"""The reward model's head: how it begins, and where it scores."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL
from trainer.model.attention import prepare
from trainer.model.init import Part, fill
from trainer.posttraining.models import RewardModel


@pytest.mark.parametrize("dim", [64, 1024])
def test_the_head_is_drawn_so_that_scores_begin_at_about_one(dim: int) -> None:
    config = dataclasses.replace(MODEL, dim=dim, num_layers=1)
    drawn = []
    for seed in range(2000 // dim + 2):
        model = RewardModel(config)
        model.init_head(seed, Part(model.reward_head.weight))
        drawn.append(model.reward_head.weight.detach().flatten())
    every = torch.cat(drawn)
    assert every.std().item() * (dim + 1) ** 0.5 == pytest.approx(0.986, abs=0.06)  # cut at three deviations
    assert abs(every.mean().item()) < 4 / (dim * len(drawn)) ** 0.5 / dim**0.5
    assert not torch.equal(drawn[0], drawn[1])
    expected = torch.empty(1, dim)
    fill(Part(expected), dim, 0, "reward_head.weight", (dim + 1) ** -0.5)
    assert torch.equal(expected.flatten(), drawn[0])
    again = RewardModel(config)
    again.init_head(0, Part(again.reward_head.weight))
    assert torch.equal(again.reward_head.weight.detach().flatten(), drawn[0])


def test_scores_are_those_of_the_terminators_and_nothing_elsewhere() -> None:
    model = RewardModel(MODEL)
    model.init_weights(0)
    model.init_head(0, Part(model.reward_head.weight))
    tokens = torch.arange(12).reshape(2, 6)
    positions = torch.arange(6).expand(2, -1)
    with torch.no_grad():
        hidden = model.hidden_states(tokens, positions, prepare(positions, "sdpa"))
        found = model(tokens, positions, torch.tensor([[0, 5, -1], [3, -1, -1]]), prepare(positions, "sdpa"))
    expected = hidden.float() @ model.reward_head.weight.detach().flatten().float()
    assert found.dtype == torch.float32
    assert torch.allclose(found, torch.stack([torch.stack([expected[0, 0], expected[0, 5], torch.zeros(())]),
                                              torch.stack([expected[1, 3], torch.zeros(()), torch.zeros(())])]), atol=1e-6)  # fmt: skip
