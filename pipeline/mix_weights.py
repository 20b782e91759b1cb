"""The mix: how often a trainer should see a document, so that tokens come in the wanted shares.

Computed by the driver from token counts of what was kept, by class, language and, where the recipe caps them, domain.
The weight of a document is a product, ``class x language x domain``, held between ``min_weight`` and ``max_weight``:

1. *Fit.* Iterative proportional fitting (Deming and Stephan 1940): factors are set so that the shares of classes are as
   wanted, then those of languages, then those of domains above their cap, and again until all are. Sums run over sorted
   cells and are exact (``math.fsum``), so that every machine finds the same factors. A domain that comes out above
   the cap is given the cap as its share, and the fit begins anew.
2. *Scale.* Shares don't depend on a common scale. Where it fits, the least weight is 1: nothing is thrown away. Where the
   largest would then be above ``max_weight``, the largest is ``max_weight``: the class with most surplus is shown in
   part, as ``mix.json`` says under ``down_weighted``. Where even that takes a weight below ``min_weight``, no scale
   reaches the shares. Of those that come within 0.02 of the nearest one (by the sum of absolute differences), the one
   is taken that changes least: the sum of tokens times the distance of their weight from 1.

What can't be reached is said under ``unreached``, with what stands in the way. Classes without a target keep weight 1
and count in no target; a target of 0 leaves a class out. Weights travel with every row of the shards.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from recipes.schema import Mix

CLOSE = 1e-9
OTHERS = "\0"
"""In place of a domain: all that are too small to be capped, together (:mod:`pipeline.transforms.domain_tokens`)."""
_ROUNDS = 500
_NEARLY = 0.02
_SCALES = 400


class Cell(NamedTuple):
    """What documents are told apart by."""

    class_: str
    language: str
    domain: str = ""


@dataclass(frozen=True)
class Weights:
    """The weight of a document by its class, language and domain; what is not named has factor 1."""

    classes: Mapping[str, float] = field(default_factory=dict)
    languages: Mapping[str, float] = field(default_factory=dict)
    other_languages: float = 1.0
    domains: Mapping[str, float] = field(default_factory=dict)
    low: float = 0.0
    high: float = math.inf

    def of(self, cell: Cell) -> float:
        """6 decimals; 1 for a class without a target, 0 for one whose target is 0."""
        weight = self.classes.get(cell.class_)
        if not weight:
            return 1.0 if weight is None else 0.0
        weight *= self.languages.get(cell.language, self.other_languages) * self.domains.get(cell.domain, 1.0)
        return round(min(max(weight, self.low), self.high), 6)


def find_weights(tokens: Mapping[Cell, int], mix: Mix | None) -> Weights:
    """The weights that bring ``tokens`` nearest to the shares of ``mix``."""
    if mix is None:
        return Weights()
    # In sorted order, and a class without a target has no say.
    mixed = {cell: count for cell, count in sorted(tokens.items()) if count and mix.targets.get(cell.class_)}
    left_out = {name: 0.0 for name, target in mix.targets.items() if not target}
    if not mixed:
        return Weights(left_out)
    capped: list[str] = []
    while True:
        factors = _fit(mixed, _wanted(mixed, mix, capped))
        fitted = _scaled(factors, mixed, mix, left_out)
        if not mix.max_domain_share or len(capped) * mix.max_domain_share >= 1:
            return fitted
        found = shares_of(mixed, fitted, 2)
        above = sorted(
            name
            for name, share in found.items()
            if name not in (*capped, OTHERS) and share > mix.max_domain_share + CLOSE
        )
        if not above:
            return fitted
        capped += above


def _wanted(tokens: Mapping[Cell, int], mix: Mix, capped: list[str]) -> list[tuple[int, dict[str, float]]]:
    """(place in a cell, share by value) of each thing that is aimed at, over what there are tokens of. Values without
    a share have the rest together."""
    classes = {name: mix.targets[name] for name in sorted({cell.class_ for cell in tokens})}
    whole = math.fsum(classes.values())
    wanted = [(0, {name: share / whole for name, share in classes.items()})]
    if mix.languages:
        there = {cell.language for cell in tokens}
        named = {name: share for name, share in sorted(mix.languages.items()) if name in there}
        if not there - set(named) and named:  # nothing could take the rest
            whole = math.fsum(named.values()) or 1.0
            named = {name: share / whole for name, share in named.items()}
        wanted.append((1, named))
    if capped and mix.max_domain_share:
        wanted.append((2, dict.fromkeys(sorted(capped), mix.max_domain_share)))
    return wanted


def _fit(tokens: Mapping[Cell, int], wanted: list[tuple[int, dict[str, float]]]) -> list[dict[str | None, float]]:
    """For each thing aimed at, the factor of each value; ``None`` stands for all values without a share."""
    factors: list[dict[str | None, float]] = [{**dict.fromkeys(shares, 1.0), None: 1.0} for _, shares in wanted]
    before = math.inf
    for round_ in range(_ROUNDS):
        worst = 0.0
        for number, (place, shares) in enumerate(wanted):
            sums: defaultdict[str | None, list[float]] = defaultdict(list)
            for cell, count in tokens.items():
                weight = math.prod(
                    factor.get(cell[at], factor[None]) for factor, (at, _) in zip(factors, wanted, strict=True)
                )
                sums[cell[place] if cell[place] in shares else None].append(count * weight)
            totals = {value: math.fsum(parts) for value, parts in sums.items()}
            whole = math.fsum(totals.values())
            rest = max(0.0, 1 - math.fsum(shares.values()))
            for value, total in totals.items():
                share = rest if value is None else shares[value]
                if total and share:
                    worst = max(worst, abs(total / whole - share))
                    factors[number][value] *= share * whole / total
        # Targets that contradict each other are never all met; from some round on nothing gets better.
        if worst < CLOSE or (round_ % 20 == 19 and worst > 0.9 * before):
            break
        before = worst if round_ % 20 == 19 else before
    return factors


def _scaled(factors: list[dict[str | None, float]], tokens: Mapping[Cell, int], mix: Mix, left_out: dict) -> Weights:
    """The factors with the scale that the module's docstring chooses, in the classes' factors."""
    classes, *others = factors
    languages = others.pop(0) if mix.languages else {}
    domains = others.pop(0) if others else {}
    # The rest of a cap is no matter of its own: it goes into the common scale.
    rest = domains.get(None, 1.0)

    def weights(scale: float, low: float = mix.min_weight, high: float = mix.max_weight) -> Weights:
        return Weights(
            {**left_out, **{name: scale * rest * value for name, value in classes.items() if name is not None}},
            {name: value for name, value in languages.items() if name is not None},
            languages.get(None, 1.0),
            {name: value / rest for name, value in domains.items() if name is not None},
            low,
            high,
        )

    free = weights(1.0, 0.0, math.inf)
    # Not rounded, so that a scale of many orders of magnitude loses nothing.
    raw = [
        free.classes[cell.class_]
        * free.languages.get(cell.language, free.other_languages)
        * free.domains.get(cell.domain, 1.0)
        for cell in tokens
    ]
    least, largest = min(raw), max(raw)
    if least * mix.max_weight >= mix.min_weight * largest * (1 - CLOSE):
        return weights(min(1 / least, mix.max_weight / largest))
    first, last = mix.min_weight / largest, mix.max_weight / least
    steps = [first * (last / first) ** (step / _SCALES) for step in range(_SCALES + 1)]
    steps += [bound / value for value in sorted(set(raw)) for bound in (mix.min_weight, mix.max_weight)]
    wanted = _wanted(tokens, mix, [name for name in domains if name is not None])

    def distance(scale: float) -> float:
        found = [(shares_of(tokens, weights(scale), place), shares) for place, shares in wanted]
        return math.fsum(abs(got.get(value, 0.0) - share) for got, shares in found for value, share in shares.items())

    def change(scale: float) -> tuple[int, float]:
        found = weights(scale)
        return round(math.fsum(count * abs(found.of(cell) - 1) for cell, count in tokens.items())), scale

    distances = {scale: distance(scale) for scale in steps}
    least_distance = min(distances.values())
    return weights(min((scale for scale in steps if distances[scale] <= least_distance + _NEARLY), key=change))


def shares_of(tokens: Mapping[Cell, int], weights: Weights, place: int) -> dict[str, float]:
    """Shares of weighted tokens by class (0), language (1) or domain (2)."""
    sums: defaultdict[str, list[float]] = defaultdict(list)
    for cell, count in tokens.items():
        sums[cell[place]].append(count * weights.of(cell))
    totals = {value: math.fsum(parts) for value, parts in sums.items()}
    whole = math.fsum(totals.values()) or 1.0
    return {value: total / whole for value, total in totals.items()}
