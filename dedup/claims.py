"""One of each: of all that share a key (a canonical URL, a text) one stays, and the others learn which.

Claims are rows of :data:`CLAIM`, 68 bytes each: the key, what decides who stays, and a pointer. Text isn't in them.
A stretch of claims can be reduced to the best of each key, compared with those of other stretches, and then learn
from the losers among them who of its own goes for whom: no key's claims ever have to be in one place.
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


def best_of_each(claims: np.ndarray, order: Sequence[str]) -> np.ndarray:
    """The best claim of each key: what a stretch of claims has to tell others. ``order`` as in :func:`losers`."""
    rows, first = _by_key(claims, order)
    return rows[first]


def losers(claims: np.ndarray, order: Sequence[str], elsewhere: np.ndarray | None = None) -> np.ndarray:
    """Rows of :data:`LOSER` for all claims but the best of each key.

    ``order`` holds criteria (``newest``, ``oldest``, ``longest``, ``shortest``), the first deciding first; then the
    smallest id stays. ``identical`` says that loser and survivor have one id: they are the same capture, and it
    doesn't matter which of them goes.

    Where ``claims`` are one stretch of many, ``elsewhere`` holds the losers among the :func:`best_of_each` of all
    stretches; a best one that is among them goes too, and all that it had beaten for the same survivor.
    """
    rows, first = _by_key(claims, order)
    best = rows[first]
    high, low, stays = best["id_high"].copy(), best["id_low"].copy(), np.ones(len(best), bool)
    if elsewhere is not None:
        _, here, there = np.intersect1d(best["pointer"], elsewhere["pointer"], return_indices=True)
        high[here], low[here] = elsewhere["survivor_high"][there], elsewhere["survivor_low"][there]
        stays[here] = False
    lost = ~first
    lost[first] = ~stays
    key_of = (np.cumsum(first) - 1)[lost]
    found = np.empty(len(key_of), LOSER)
    found["pointer"] = rows["pointer"][lost]
    found["survivor_high"], found["survivor_low"] = high[key_of], low[key_of]
    found["identical"] = (rows["id_high"][lost] == high[key_of]) & (rows["id_low"][lost] == low[key_of])
    return found


def _by_key(claims: np.ndarray, order: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """``claims`` sorted by key and within a key the best first; and which of them are the first of their key."""
    criteria = [_rank(claims, criterion) for criterion in reversed(order)]
    names = ("pointer", "id_low", "id_high")
    rows = claims[np.lexsort([*(claims[name] for name in names), *criteria, claims["key_low"], claims["key_high"]])]
    first = np.ones(len(rows), bool)
    first[1:] = (rows["key_high"][1:] != rows["key_high"][:-1]) | (rows["key_low"][1:] != rows["key_low"][:-1])
    return rows, first


def _rank(claims: np.ndarray, criterion: str) -> np.ndarray:
    column = claims["date"] if criterion in ("newest", "oldest") else claims["words"]
    _, ranks = np.unique(column, return_inverse=True)
    return -ranks if criterion in ("newest", "longest") else ranks


def survivor_id(loser: np.void) -> str:
    """The id (32 hexadecimal digits) of the one that stays."""
    return f"{int(loser['survivor_high']):016x}{int(loser['survivor_low']):016x}"
