"""Stage mix: how often a trainer should see a document of each class, so that tokens come in the wanted shares.

Computed by the driver from the token counts of all receipts. Nothing is thrown away for the mix: the class that has
most of its target gets weight 1, all others more, up to ``max_weight`` epochs; what that cannot reach is said in
``mix.json``. Weights travel with every row of the shards.
"""

from __future__ import annotations

from collections import Counter

from recipes.schema import Mix

PHASE = "mix"


def class_weights(tokens_by_class: dict[str, int], mix: Mix | None) -> dict[str, float]:
    """The weight of each class that has tokens. Classes without a target keep weight 1."""
    wanted = {name: mix.targets[name] for name in tokens_by_class if mix and mix.targets.get(name)}
    ratios = {name: target / tokens_by_class[name] for name, target in wanted.items() if tokens_by_class[name]}
    if not ratios:
        return dict.fromkeys(tokens_by_class, 1.0)
    base = min(ratios.values())
    return {
        name: round(min(mix.max_weight, max(1.0, ratios[name] / base)), 4) if name in ratios else 1.0
        for name in sorted(tokens_by_class)
    }


def describe(tokens_by_class: dict[str, int], mix: Mix | None) -> dict:
    """What ``mix.json`` says: tokens, weights, and the shares wanted and reached."""
    weights = class_weights(tokens_by_class, mix)
    weighted = Counter({name: tokens_by_class[name] * weights[name] for name in tokens_by_class})
    total = weighted.total() or 1
    return {
        "tokens": dict(sorted(tokens_by_class.items())),
        "weights": weights,
        "wanted_shares": dict(mix.targets) if mix else None,
        "reached_shares": {name: round(value / total, 4) for name, value in sorted(weighted.items())},
    }
