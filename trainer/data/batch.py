"""Packed rows, as a model takes them."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from tokens.shards import CLASSES
from trainer.labels import IGNORE


class Batch(NamedTuple):
    """Packed rows, each tensor (rows, sequence_length), of int64 but for ``groups``, which are int16.

    ``labels`` are the next tokens, :data:`trainer.labels.IGNORE` where the next token begins another document.
    ``positions`` start from 0 in every document, and where a row begins in the middle of one. ``groups`` say what a
    token's document is reported under (:func:`group_number`).
    """

    tokens: Tensor
    labels: Tensor
    positions: Tensor
    groups: Tensor

    @classmethod
    def empty(cls, rows: int, length: int) -> Batch:
        """Rows that are to be filled."""
        return cls(*(torch.empty(rows, length, dtype=dtype) for dtype in (*[torch.int64] * 3, torch.int16)))

    @classmethod
    def ungrouped(cls, tokens: Tensor, labels: Tensor, positions: Tensor) -> Batch:
        """Rows that are reported as one."""
        return cls(tokens, labels, positions, torch.zeros(tokens.shape, dtype=torch.int16))

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
            F.pad(tensor, (0, 0, 0, missing), value=fill) for tensor, fill in zip(self, (0, IGNORE, 0, 0), strict=True)
        )
        return Batch(*(tensor.chunk(ranks)[rank] for tensor in filled))


def group_number(source: int, class_: int) -> int:
    """The number under which documents of the directory ``source`` and the content class ``class_`` are reported; the
    latter is a place in :data:`tokens.shards.CLASSES`, or behind it where shards don't say."""
    return source * (len(CLASSES) + 1) + class_


def mean_length(sum_positions: int, tokens: int) -> float:
    """Tokens in the document that a token belongs to, as the rows cut documents, averaged over all ``tokens``."""
    return 2 * sum_positions / tokens + 1  # positions in a document of n tokens average (n - 1) / 2
