"""Packed rows, as a model takes them."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.labels import IGNORE


class Batch(NamedTuple):
    """Packed rows, each tensor (rows, sequence_length) of int64.

    ``labels`` are the next tokens, :data:`trainer.labels.IGNORE` where the next token begins another document.
    ``positions`` start from 0 in every document, and where a row begins in the middle of one.
    """

    tokens: Tensor
    labels: Tensor
    positions: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))

    def num_labels(self) -> int:
        return int((self.labels != IGNORE).sum())

    def mean_length(self) -> float:
        """:func:`mean_length` of all rows."""
        return mean_length(int(self.positions.sum()), self.positions.numel())

    def share(self, rank: int, ranks: int) -> Batch:
        """The rows of one of ``ranks`` ranks; rows without a label are added where they don't divide."""
        missing = -len(self.tokens) % ranks
        filled = (
            F.pad(tensor, (0, 0, 0, missing), value=fill) for tensor, fill in zip(self, (0, IGNORE, 0), strict=True)
        )
        return Batch(*(tensor.chunk(ranks)[rank] for tensor in filled))


def mean_length(sum_positions: int, tokens: int) -> float:
    """Tokens in the document that a token belongs to, as the rows cut documents, averaged over all ``tokens``."""
    return 2 * sum_positions / tokens + 1  # positions in a document of n tokens average (n - 1) / 2
