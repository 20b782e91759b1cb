"""Documents laid end to end, and cut into rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from tokens.index import Documents
from trainer.data.batch import Batch
from trainer.labels import IGNORE


class Piece(NamedTuple):
    """A stretch of the stream: tokens, and where among them documents begin."""

    tokens: np.ndarray
    starts: np.ndarray


def pack(stream: Sequence[np.ndarray], rows: int, length: int) -> Batch:
    """Rows of ``length`` from a stretch of ``rows * length + 1`` tokens and their document starts."""
    tokens, starts = stream
    labels = np.where(starts[1:], IGNORE, tokens[1:]).astype(np.int64).reshape(rows, length)
    begins = starts[:-1].reshape(rows, length).copy()
    begins[:, 0] = True
    places = np.arange(length)
    positions = places - np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    return Batch(
        torch.from_numpy(tokens[:-1].astype(np.int64).reshape(rows, length)),
        torch.from_numpy(labels),
        torch.from_numpy(positions),
    )


def concatenate(documents: Documents, order: np.ndarray) -> Piece:
    """The documents numbered ``order``, one behind the other."""
    begins, ends = documents.offsets[:-1][order], documents.offsets[1:][order]
    lengths = ends - begins
    firsts = np.cumsum(lengths) - lengths
    source = np.repeat(begins - firsts, lengths) + np.arange(lengths.sum())
    starts = np.zeros(len(source), dtype=bool)
    starts[firsts[lengths > 0]] = True
    return Piece(documents.values[source], starts)
