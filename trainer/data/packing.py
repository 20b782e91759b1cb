"""Documents laid end to end, and cut into rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from tokens.index import Documents
from trainer.data.batch import Batch, group_number
from trainer.labels import IGNORE


class Piece(NamedTuple):
    """A stretch of the stream: tokens, where among them documents begin, and what their documents are reported under
    (:func:`trainer.data.batch.group_number`)."""

    tokens: np.ndarray
    starts: np.ndarray
    groups: np.ndarray


def pack(stream: Sequence[np.ndarray], rows: int, length: int) -> Batch:
    """Rows of ``length`` from a stretch of ``rows * length + 1`` tokens, their document starts and perhaps groups."""
    tokens, starts, *rest = stream
    groups = rest[0] if rest else np.zeros(len(tokens))
    labels = np.where(starts[1:], IGNORE, tokens[1:]).astype(np.int64).reshape(rows, length)
    begins = starts[:-1].reshape(rows, length).copy()
    begins[:, 0] = True
    places = np.arange(length)
    positions = places - np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    return Batch(
        torch.from_numpy(tokens[:-1].astype(np.int64).reshape(rows, length)),
        torch.from_numpy(labels),
        torch.from_numpy(positions),
        torch.from_numpy(groups[:-1].astype(np.int16).reshape(rows, length)),
    )


def concatenate(documents: Documents, order: np.ndarray, source: int = 0) -> Piece:
    """The documents numbered ``order`` of the directory ``source``, one behind the other."""
    begins, ends = documents.offsets[:-1][order], documents.offsets[1:][order]
    lengths = ends - begins
    firsts = np.cumsum(lengths) - lengths
    places = np.repeat(begins - firsts, lengths) + np.arange(lengths.sum())
    starts = np.zeros(len(places), dtype=bool)
    starts[firsts[lengths > 0]] = True
    groups = group_number(source, 0) + documents.classes[order].astype(np.int16)
    return Piece(documents.values[places], starts, np.repeat(groups, lengths))
