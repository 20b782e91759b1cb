"""Random numbers by their address: each entry of each matrix is a function of the seed, the matrix's name and the
entry's place in it. A rank draws its own part of a matrix and nothing else, and what all draw together is the same
whatever their number and their division.

Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a generator that can begin anywhere,
makes that possible; numpy guarantees what its Philox gives from version to version.
"""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

_AT_ONCE = 1 << 18
"""Entries that a thread draws together: a bound for the memory of their 64-bit intermediates."""
_STEP = 4  # numbers of 64 bits that Philox makes at a time


class Part(NamedTuple):
    """A rank's part of a matrix: where it is stored, and which row and column of the matrix it begins with."""

    stored: Tensor
    begin: tuple[int, int] = (0, 0)


def fill(part: Part, columns: int, seed: int, name: str, std: float, cut: float = 3.0) -> None:
    """Fills ``part`` of the matrix ``name``, which has so many ``columns`` in all, from N(0, std²) without what lies
    beyond ``cut`` standard deviations."""
    key = int.from_bytes(hashlib.blake2b(f"{seed} {name}".encode(), digest_size=16).digest(), "little")
    (first, left), (rows, width) = part.begin, part.stored.shape
    together = max(1, _AT_ONCE // columns)

    def draw(row: int) -> None:
        piece = part.stored[row : row + together]
        begin = (first + row) * columns + left
        if width == columns:  # whole rows lie behind one another
            uniform = _uniform(key, begin, piece.numel())
        else:
            uniform = np.concatenate([_uniform(key, begin + n * columns, width) for n in range(len(piece))])
        with torch.no_grad():
            piece.copy_(_normal(torch.from_numpy(uniform), std, cut).view(piece.shape))

    with ThreadPoolExecutor() as threads:  # numpy and torch compute without Python's lock
        list(threads.map(draw, range(0, rows, together)))


def _uniform(key: int, begin: int, count: int) -> np.ndarray:
    """(count,) of multiples of 2^-53 in [0, 1): the numbers from ``begin`` on of the stream ``key``."""
    philox = np.random.Philox(key=key)
    philox.advance(begin // _STEP)
    early = begin % _STEP
    return np.random.Generator(philox).random(early + count)[early:]


def _normal(uniform: Tensor, std: float, cut: float) -> Tensor:
    """``uniform`` in fp32 by the inverse of the normal distribution, between its values at the cuts."""
    lowest = 0.5 * math.erfc(cut / math.sqrt(2))
    # Half of the last digit keeps the numbers from 0, whose inverse is not finite.
    return torch.special.ndtri(uniform.add_(2.0**-54).mul_(1 - 2 * lowest).add_(lowest)).mul_(std).float()
