"""Bars and histograms as SVG: no script, readable in light and dark, and on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence

from review.html import Element, number

_WIDTH, _HEIGHT, _BINS = 400, 90, 40
_STACKS = (("by", "rejected by this measure"), ("other", "rejected by something else"), ("kept", "kept"))
"""Classes of the style sheet, the lowest first, and what they stand for."""


def bar(share: float) -> Element:
    """A bar of a share between 0 and 1, for a table's cell."""
    share = min(1.0, max(0.0, share))
    rectangle = Element("rect", width=f"{share * 120:.1f}", height="10", fill="currentColor", opacity="0.45")
    return Element("svg", rectangle, width="120", height="10", role="img", aria_label=f"{share:.1%}")


def legend() -> Element:
    """What the colours of histograms stand for."""
    keys = [[Element("span", class_=f"key {kind}"), said] for kind, said in reversed(_STACKS)]
    return Element(
        "p", keys, ". Dashed lines are limits. Heights are square roots of counts, so that few among many show."
    )


def histogram(
    kept: Sequence[float], others: Sequence[float], by: Sequence[float] = (), limits: Sequence[float] = ()
) -> Element:
    """How the values of a measure are spread, over kept records, over records that were rejected for it (``by``)
    and over those that were rejected for something else. Heights are square roots, so that a few among thousands show.
    ``limits`` within the values are lines.
    """
    low, high = _range([*kept, *others, *by])
    stacks = [
        (_counts(values, low, high), kind) for values, (kind, _) in zip((by, others, kept), _STACKS, strict=True)
    ]
    top = max(sum(counts[place] for counts, _ in stacks) for place in range(_BINS)) or 1
    shapes = []
    for place in range(_BINS):
        under = 0
        for counts, kind in stacks:
            foot, head = (_HEIGHT * math.sqrt(count / top) for count in (under, under + counts[place]))
            under += counts[place]
            if head > foot:
                shapes.append(
                    Element(
                        "rect", x=f"{place * _WIDTH / _BINS:.1f}", y=f"{_HEIGHT - head:.1f}", class_=kind,
                        width=f"{_WIDTH / _BINS - 1:.1f}", height=f"{head - foot:.1f}",
                    )
                )  # fmt: skip
    for limit in limits:
        if low <= limit <= high:
            x = f"{(limit - low) / (high - low) * _WIDTH:.1f}"
            shapes.append(Element("line", x1=x, x2=x, y1="0", y2=str(_HEIGHT), stroke_dasharray="5 3"))
    count = len(kept) + len(others) + len(by)
    picture = Element(
        "svg", shapes, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", preserveAspectRatio="none", role="img", class_="histogram",
        aria_label=f"histogram of {count} values from {low:g} to {high:g}",
    )  # fmt: skip
    ends = [Element("span", number(low)), Element("span", number(high))]
    return Element("figure", picture, Element("div", ends, class_="ends note"))


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From the smallest value to the largest; without the uppermost hundredth where that lies far away."""
    ordered = sorted(values) or [0.0]
    low, high = ordered[0], ordered[-1]
    most = ordered[int(0.99 * (len(ordered) - 1))]
    if high - low > 3 * (most - low) and most > low:
        high = most
    return (low, high) if high > low else (low, low + 1)


def _counts(values: Sequence[float], low: float, high: float) -> list[int]:
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int((value - low) / (high - low) * _BINS)))] += 1
    return counts
