"""Clipping of gradients by their norm over all parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor


def clip(model: nn.Module, most: float) -> Tensor:
    """Scales the gradients down to the Euclidean norm ``most``; returns the norm they had, a scalar in fp32."""
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), most, foreach=True)
    return norm.full_tensor() if isinstance(norm, DTensor) else norm
