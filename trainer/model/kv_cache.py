"""Where an attention layer takes keys and values from that are not those of the tokens it was given.

Two things provide them: a cache of earlier tokens, for generation, and whoever holds the other tokens of a row that is
divided, for context parallelism. The model knows the second only as a protocol.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from trainer.model.attention import Mask


class KeyValues(Protocol):
    """What an attention layer asks for the keys and values that its queries see."""

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Takes ``k`` and ``v`` (B, kv heads, T, E) of the layer's own tokens; returns all, (B, kv heads, S, E)."""
        ...


class DividedRows(KeyValues, Protocol):
    """For rows of which the model is given a part of the tokens; one object serves all layers."""

    def mask(self, positions: Tensor, backend: str) -> Mask:
        """As :func:`trainer.model.attention.prepare`, from the tokens at ``positions`` (B, T) to the keys in the
        order in which :meth:`extend` returns them."""
        ...


class KVCache:
    """Keys and values of the tokens so far, of one layer: two (B, kv heads, capacity, E), filled from the left."""

    def __init__(self, shape: tuple[int, int, int, int], like: Tensor) -> None:
        self._keys, self._values = (torch.empty(shape, dtype=like.dtype, device=like.device) for _ in range(2))
        self.length = 0

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Adds ``k`` and ``v`` (B, kv heads, T, E); returns all there are."""
        begin, self.length = self.length, self.length + k.shape[2]
        self._keys[:, :, begin : self.length] = k
        self._values[:, :, begin : self.length] = v
        return self._keys[:, :, : self.length], self._values[:, :, : self.length]
