"""One of each: of all that share a key (a canonical URL, a text) one stays, and the others learn which.

Claims are rows of :data:`CLAIM`, 68 bytes each: the key, what decides who stays, and a pointer. Text isn't in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CLAIM = np.dtype(
    [("key_high", "<u8"), ("key_low", "<u8"), ("id_high", "<u8"), ("id_low", "<u8"), ("date", "S20"), ("words", "<i8"),
     ("pointer", "<i8")]
)  # fmt: skip
LOSER = np.dtype([("pointer", "<i8"), ("survivor_high", "<u8"), ("survivor_low", "<u8"), ("identical", "?")])


def make_claims(keys: Sequence[str], ids: Sequence[str], dates: Sequence[str], words, pointers) -> np.ndarray:
    """Claims from columns. ``keys`` and ``ids`` are 32 hexadecimal digits each, ``dates`` ISO 8601 to the second."""
    claims = np.empty(len(keys), CLAIM)
    for name, digits in (("key", keys), ("id", ids)):
        halves = np.frombuffer(bytes.fromhex("".join(digits)), ">u8").reshape(-1, 2)
        claims[f"{name}_high"], claims[f"{name}_low"] = halves[:, 0], halves[:, 1]
    claims["date"], claims["words"], claims["pointer"] = np.asarray(dates, "S20"), words, pointers
    return claims


def losers(claims: np.ndarray, order: Sequence[str]) -> np.ndarray:
    """Rows of :data:`LOSER` for all claims but the best of each key.

    ``order`` holds criteria (``newest``, ``oldest``, ``longest``, ``shortest``), the first deciding first; then the
    smallest id stays. ``identical`` says that loser and survivor have one id: they are the same capture, and it
    doesn't matter which of them goes.
    """
    criteria = [_rank(claims, criterion) for criterion in reversed(order)]
    names = ("pointer", "id_low", "id_high")
    rows = claims[np.lexsort([*(claims[name] for name in names), *criteria, claims["key_low"], claims["key_high"]])]
    if not len(rows):
        return np.empty(0, LOSER)
    same_key = (rows["key_high"][1:] == rows["key_high"][:-1]) & (rows["key_low"][1:] == rows["key_low"][:-1])
    starts = np.flatnonzero(np.r_[True, ~same_key])
    best = rows[np.repeat(starts, np.diff(np.r_[starts, len(rows)]))]
    lost = np.r_[False, same_key]
    found = np.empty(int(lost.sum()), LOSER)
    found["pointer"] = rows["pointer"][lost]
    found["survivor_high"], found["survivor_low"] = best["id_high"][lost], best["id_low"][lost]
    found["identical"] = ((rows["id_high"] == best["id_high"]) & (rows["id_low"] == best["id_low"]))[lost]
    return found


def _rank(claims: np.ndarray, criterion: str) -> np.ndarray:
    column = claims["date"] if criterion in ("newest", "oldest") else claims["words"]
    _, ranks = np.unique(column, return_inverse=True)
    return -ranks if criterion in ("newest", "longest") else ranks


def survivor_id(loser: np.void) -> str:
    """The id (32 hexadecimal digits) of the one that stays."""
    return f"{int(loser['survivor_high']):016x}{int(loser['survivor_low']):016x}"
