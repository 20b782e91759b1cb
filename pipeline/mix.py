"""What ``mix.json`` says: the tokens of what was kept, the weights of documents, the shares wanted and reached.

:mod:`pipeline.mix_weights` finds the weights; the driver counts and reports here.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.listing import Manifest
from pipeline.mix_weights import CLOSE, OTHERS, Cell, Weights, find_weights, shares_of
from recipes.schema import Mix


def hand_in(attempt: Attempt, tokens: Mapping[Cell, int], mix: Mix | None) -> dict[str, dict[str, int]]:
    """What a unit has to say of its tokens, for :func:`tokens_by_cell`: by class and language for its receipt and, where
    the recipe caps domains, a table."""
    if mix and mix.max_domain_share:
        cells = [
            dict(zip(tables.TOKENS_BY_CELL.names, (*cell, count), strict=True))
            for cell, count in sorted(tokens.items())
        ]
        attempt.write_table(tables.DOMAINS_ROLE, tables.table(tables.TOKENS_BY_CELL, cells))
    by_class: dict[str, Counter[str]] = defaultdict(Counter)
    for cell, count in tokens.items():
        by_class[cell.class_][cell.language] += count
    return {name: dict(languages) for name, languages in by_class.items()}


def tokens_by_cell(counted: Manifest) -> Counter[Cell]:
    """Token counts of everything that was tokenised: from the receipts of the phase that did, or by domain, where the
    recipe caps domains, from the table that :mod:`pipeline.transforms.domain_tokens` has made of those of all parts."""
    totals: Counter[Cell] = Counter()
    if counted.rows(tables.DOMAINS_ROLE):
        for path in counted.paths(tables.DOMAINS_ROLE):
            for row in storage.read_table(path).to_pylist():
                totals[Cell(row["class"], row["language"], row["domain"])] += row["tokens"]
        return totals
    for class_, languages in counted.totals("tokens").items():
        totals.update({Cell(class_, language): count for language, count in languages.items()})
    return totals


def describe(counts: Mapping[Cell, int] | Mapping[str, int], mix: Mix | None) -> dict[str, Any]:
    """What ``mix.json`` says: tokens, weights, the shares wanted and reached, and what was in the way.

    ``counts`` are tokens by cell, or by class where nothing else is to be told apart.
    """
    tokens = {key if isinstance(key, Cell) else Cell(key, ""): count for key, count in counts.items()}
    weights = find_weights(tokens, mix)
    classes: Counter[str] = Counter()
    weighted: defaultdict[str, list[float]] = defaultdict(list)
    for cell, count in sorted(tokens.items()):
        classes[cell.class_] += count
        weighted[cell.class_].append(count * weights.of(cell))
    seen = {name: math.fsum(values) for name, values in sorted(weighted.items())}
    total = math.fsum(seen.values()) or 1.0
    # Of a class whose documents have several weights: their mean.
    mean = {name: round(seen[name] / classes[name], 6) if classes[name] else 1.0 for name in seen}
    found: dict[str, Any] = {
        "tokens": dict(sorted(classes.items())),
        "weights": {name: weights.of(Cell(name, "")) if not weights.languages else mean[name] for name in seen},
        "weighted_tokens": {name: round(value) for name, value in seen.items()},
        "wanted_shares": dict(mix.targets) if mix else None,
        "reached_shares": {name: round(value / total, 4) for name, value in seen.items()},
    }
    if mix is None:
        return found
    found["max_weight"], found["min_weight"] = mix.max_weight, mix.min_weight
    found["down_weighted"] = sorted(name for name, weight in mean.items() if weight < 1 and classes[name])
    if mix.languages:
        shares = shares_of({cell: count for cell, count in tokens.items() if count}, weights, 1)
        found["languages"] = {
            "wanted_shares": dict(mix.languages),
            "reached_shares": {name: round(shares.get(name, 0.0), 4) for name in sorted(mix.languages)},
            "factors": {name: round(value, 6) for name, value in sorted(weights.languages.items())},
        }
    if mix.max_domain_share:
        found["domains"] = {
            "max_share": mix.max_domain_share,
            "factors": {name: round(value, 6) for name, value in sorted(weights.domains.items())},
        }
    found["unreached"] = _unreached(tokens, weights, mix)
    return found


def _unreached(tokens: Mapping[Cell, int], weights: Weights, mix: Mix) -> list[dict[str, Any]]:
    """Targets missed by more than 1 % of themselves, and what stands in the way."""
    there = {cell: count for cell, count in tokens.items() if count}
    found = []
    for what, place, targets in (("class", 0, mix.targets), ("language", 1, mix.languages or {})):
        shares = shares_of(there, weights, place)
        for name, share in sorted(targets.items()):
            reached = shares.get(name, 0.0)
            if abs(reached - share) <= 0.01 * share:
                continue
            own = [weights.of(cell) for cell in there if cell[place] == name]
            if not own:
                because = "there are no tokens of it"
            elif reached < share and max(own) >= mix.max_weight * (1 - CLOSE):
                because = f"max_weight {mix.max_weight:g}"
            elif reached > share and min(own) <= mix.min_weight * (1 + CLOSE):
                because = f"min_weight {mix.min_weight:g}"
            else:
                because = "what else is wanted, or the limits of others"
            found.append({what: name, "wanted": share, "reached": round(reached, 4), "because": because})
    if mix.max_domain_share:
        for name, share in sorted(shares_of(there, weights, 2).items()):
            if share > 1.01 * mix.max_domain_share and name != OTHERS:
                because = "what else is wanted of it" if name in weights.domains else "the caps leave no room"
                found.append(
                    {"domain": name, "wanted": mix.max_domain_share, "reached": round(share, 4), "because": because}
                )
    return found
