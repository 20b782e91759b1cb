"""What the judges found: means, intervals, and the smallest difference that this many texts and seeds could have shown.

``bits[arm]`` is (seeds, texts) float64, the bits that each judged text cost; the texts are the same for all arms. A set's
score is the bits of its texts over their UTF-8 bytes; the score of an arm is the mean over sets, so that a set with
many texts weighs no more than one with few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_DRAWS = 2000
# A difference d shows at the 5 % level in four of five trials where d = (1.96 + 0.84) standard errors.
_POWER = 2.8


@dataclass(frozen=True)
class Texts:
    """The judged texts' sizes in UTF-8 bytes, (texts,), and the number of each one's set, (texts,)."""

    bytes: np.ndarray
    sets: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """An arm's score minus another's: the mean over seeds, its 95 % interval, and what could have been seen."""

    mean: float
    low: float
    high: float
    visible: float


def by_set(bits: np.ndarray, texts: Texts) -> np.ndarray:
    """(seeds, sets) bits per byte."""
    return _sums(bits, texts) / _sums(texts.bytes[None].astype(float), texts)


def score(bits: np.ndarray, texts: Texts) -> float:
    """Bits per byte, the mean over sets and seeds."""
    return float(by_set(bits, texts).mean())


def difference(bits: np.ndarray, other: np.ndarray, texts: Texts, seed: int = 0) -> Difference:
    """``bits`` against ``other``, paired: texts are drawn again within their sets, seeds among the seeds."""
    rng = np.random.default_rng(seed)
    found = np.empty(_DRAWS)
    members = [np.flatnonzero(texts.sets == number) for number in range(len(texts.names))]
    for draw in range(_DRAWS):
        seeds = rng.integers(len(bits), size=len(bits))
        differences = []
        for rows in members:
            chosen = rng.choice(rows, len(rows))
            size = texts.bytes[chosen].sum() * len(bits)
            differences.append((bits[seeds][:, chosen].sum() - other[seeds][:, chosen].sum()) / size)
        found[draw] = np.mean(differences)
    low, high = np.percentile(found, [2.5, 97.5])
    mean = score(bits, texts) - score(other, texts)
    return Difference(mean, float(low), float(high), float(_POWER * found.std()))


def share(right: np.ndarray, rules: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """The share of ``right``, ``bool[seeds, pairs]``, the mean over the rules that pairs are of (``int64[pairs]``), with its 95 % interval:
    pairs are drawn again within their rules, seeds among the seeds."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(rules == rule) for rule in np.unique(rules)]
    found = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        drawn = right[rng.integers(len(right), size=len(right))]
        found[draw] = np.mean([drawn[:, rng.choice(rows, len(rows))].mean() for rows in members])
    low, high = np.percentile(found, [2.5, 97.5])
    return float(np.mean([right[:, rows].mean() for rows in members])), float(low), float(high)


def _sums(values: np.ndarray, texts: Texts) -> np.ndarray:
    """(rows, sets)."""
    return np.stack([np.bincount(texts.sets, row, minlength=len(texts.names)) for row in values])


def markdown(rows: list[list[str]], heads: list[str]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "--:|" * (len(heads) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
