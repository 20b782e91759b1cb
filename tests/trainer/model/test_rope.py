"""Rotary positions, against the rotation of complex numbers and Llama 3.1's rule written out."""

from __future__ import annotations

import math

import pytest
import torch

from trainer.config.model_config import RopeScaling
from trainer.model.rope import frequencies, rotary_table, rotate

CPU = torch.device("cpu")


@pytest.mark.parametrize(("head_dim", "theta"), [(8, 10_000.0), (64, 500_000.0)])
def test_frequencies_fall_from_one_turn_a_token(head_dim: int, theta: float) -> None:
    found = frequencies(head_dim, theta, None, CPU)
    assert found.tolist() == pytest.approx([theta ** (-2 * i / head_dim) for i in range(head_dim // 2)], rel=1e-6)


def test_slow_pairs_are_stretched_fast_ones_stay_and_those_between_are_blended() -> None:
    scaling = RopeScaling(factor=8, low_freq_factor=1, high_freq_factor=4, original_length=8192)
    plain, found = (frequencies(128, 500_000.0, each, CPU).tolist() for each in (None, scaling))
    kinds = set()
    for before, after in zip(plain, found, strict=True):
        turns = 8192 * before / (2 * math.pi)  # within the original length
        blend = min(1.0, max(0.0, (turns - 1) / (4 - 1)))
        assert after == pytest.approx(before * ((1 - blend) / 8 + blend), rel=1e-4)
        kinds.add(0 if blend == 0 else 2 if blend == 1 else 1)
    assert kinds == {0, 1, 2}


def test_pairs_turn_as_complex_numbers_do() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 5, 8, generator=generator)
    positions = torch.tensor([[0, 1, 2, 3, 4], [0, 1, 0, 1, 7]])
    turns = frequencies(8, 100.0, None, CPU)
    found = rotate(x, rotary_table(positions, turns))
    angles = positions[:, None, :, None] * turns
    expected = torch.complex(x[..., :4], x[..., 4:]) * torch.polar(torch.ones_like(angles), angles)
    assert torch.allclose(found, torch.cat((expected.real, expected.imag), -1), atol=1e-5)
    assert rotate(x.bfloat16(), rotary_table(positions, turns)).dtype == torch.bfloat16
    assert torch.equal(found[:, :, 0], x[:, :, 0])
