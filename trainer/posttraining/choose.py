"""Which model goes on: the best of a round, if it is better beyond chance than the one there was.

Models answer the same prompts, several times each, and are compared prompt by prompt: the difference between two models
has a smaller error than either rate. Training loss, the margin of DPO and the round's own reward model have no say: all
three rise while a model gets worse. The paper (arXiv 2407.21783, §4.1.6) picks the best of a round and does not print
how; its intervals (§5.1.1) are mean ± 1.96 standard errors, which is the interval here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.errors import TrainerError

Z = 1.96
"""Standard errors on either side of a 95 % interval."""


class Difference(NamedTuple):
    """A mean difference over prompts, and half the width of its 95 % interval."""

    mean: float
    half_width: float

    @property
    def lower(self) -> float:
        return self.mean - self.half_width


class Choice(NamedTuple):
    chosen: str
    best: str
    """The candidate with the highest rate, which may have been refused; of equals the first."""
    difference: Difference
    """Of the best to the incumbent."""
    rates: dict[str, float]


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """The mean of ``ours - theirs``, each the pass rates of a model on the same prompts in the same order."""
    if len(ours) != len(theirs) or len(ours) < 2:
        raise TrainerError(
            f"Two models are compared on the same prompts, two at least; here are {len(ours)} and {len(theirs)}."
        )
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    mean = math.fsum(differences) / len(differences)
    variance = math.fsum((d - mean) ** 2 for d in differences) / (len(differences) - 1)
    return Difference(mean, Z * math.sqrt(variance / len(differences)))


def choose_model(rates: Mapping[str, Sequence[float]], incumbent: str) -> Choice:
    """``rates`` has each candidate's pass rate on every prompt; ``incumbent`` is one of them and stays unless the best
    is better with a lower bound above 0."""
    means = {name: math.fsum(found) / len(found) for name, found in rates.items()}
    best = max(means, key=lambda name: means[name])
    difference = paired_difference(rates[best], rates[incumbent])
    return Choice(best if difference.lower > 0 else incumbent, best, difference, means)
