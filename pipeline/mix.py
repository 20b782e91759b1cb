"""Stage mix: how often a trainer should see a document of each class, so that tokens come in the wanted shares.

Computed by the driver from the token counts of all receipts. Nothing is thrown away for the mix: the class that has
most of its target gets weight 1, all others more, up to ``max_weight`` epochs; what that cannot reach is said in
``mix.json``. Weights travel with every row of the shards.
"""

from __future__ import annotations

from recipes.schema import Mix


def class_weights(tokens: dict[str, int], mix: Mix | None) -> dict[str, float]:
    """The weight of each class that has tokens. Classes without a target keep weight 1."""
    wanted = mix.targets if mix else {}
    ratios = {name: wanted[name] / count for name, count in tokens.items() if wanted.get(name) and count}
    if mix is None or not ratios:
        return dict.fromkeys(tokens, 1.0)
    base = min(ratios.values())
    return {
        name: round(min(mix.max_weight, max(1.0, ratios[name] / base)), 4) if name in ratios else 1.0
        for name in sorted(tokens)
    }


def describe(tokens: dict[str, int], mix: Mix | None) -> dict:
    """What ``mix.json`` says: tokens, weights, and the shares wanted and reached."""
    weights = class_weights(tokens, mix)
    weighted = {name: count * weights[name] for name, count in tokens.items()}
    total = sum(weighted.values()) or 1
    return {
        "tokens": dict(sorted(tokens.items())),
        "weights": weights,
        "wanted_shares": dict(mix.targets) if mix else None,
        "reached_shares": {name: round(value / total, 4) for name, value in sorted(weighted.items())},
    }
