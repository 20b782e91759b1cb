"""Rotary positions: each pair of entries of a head is turned by an angle that grows with the token's position.

Pairs are (i, i + E/2), Hugging Face's layout; Meta's weights pair (2i, 2i + 1) and are permuted on import.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from trainer.config.model_config import RopeScaling

Table = tuple[Tensor, Tensor]
"""Cosines and sines, each (B, 1, T, E) in fp32."""


def frequencies(head_dim: int, theta: float, scaling: RopeScaling | None, device: torch.device) -> Tensor:
    """(E / 2,) in fp32: the radians by which each pair turns from one position to the next.

    ``scaling`` is Llama 3.1's (:class:`~trainer.config.model_config.RopeScaling`), to the bit that of Hugging Face.
    """
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32, device=device) / head_dim
    plain = 1.0 / theta**exponents
    if scaling is None:
        return plain
    wavelength = 2 * math.pi / plain
    low, high = scaling.low_freq_factor, scaling.high_freq_factor
    blend = (scaling.original_length / wavelength - low) / (high - low)
    blended = (1 - blend) * plain / scaling.factor + blend * plain
    slow = wavelength > scaling.original_length / low
    fast = wavelength < scaling.original_length / high
    return torch.where(slow, plain / scaling.factor, torch.where(fast, plain, blended))


def rotary_table(positions: Tensor, turns: Tensor) -> Table:
    """The table for ``positions`` (B, T) of integers and the frequencies ``turns`` (E / 2,)."""
    angles = positions[:, None, :, None].float() * turns
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, table: Table) -> Tensor:
    """``x`` (B, heads, T, E) turned by its positions: entry i is paired with entry i + E/2. In fp32, cast back."""
    cos, sin = table
    wide = x.float()
    first, second = wide.chunk(2, dim=-1)
    return (wide * cos + torch.cat((-second, first), dim=-1) * sin).to(x.dtype)
