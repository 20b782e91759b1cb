"""Bars and histograms as SVG: no script, readable in light and dark, and on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence

from review.html import Element

_WIDTH, _HEIGHT, _BINS = 420, 90, 40


def bar(share: float) -> Element:
    """A bar of a share between 0 and 1, for a table's cell."""
    share = min(1.0, max(0.0, share))
    rectangle = Element("rect", width=f"{share * 120:.1f}", height="10", fill="currentColor", opacity="0.45")
    return Element("svg", rectangle, width="120", height="10", role="img", aria_label=f"{share:.1%}")


def histogram(
    kept: Sequence[float], others: Sequence[float], by: Sequence[float] = (), limits: Sequence[float] = ()
) -> Element:
    """How the values of a measure are spread, over kept records (green), over records that went for it (dark, ``by``)
    and over those that went for something else (light). Heights are square roots, so that a few among thousands show.
    ``limits`` within the values are lines.
    """
    low, high = _range([*kept, *others, *by])
    stacks = [
        (_counts(by, low, high), "#c60", "0.9"),
        (_counts(others, low, high), "#c60", "0.35"),
        (_counts(kept, low, high), "#2a6", "0.7"),
    ]
    top = max(sum(counts[place] for counts, _, _ in stacks) for place in range(_BINS)) or 1
    shapes = []
    for place in range(_BINS):
        under = 0
        for counts, fill, opacity in stacks:
            foot, head = (_HEIGHT * math.sqrt(count / top) for count in (under, under + counts[place]))
            under += counts[place]
            if head > foot:
                shapes.append(
                    Element(
                        "rect", x=f"{place * _WIDTH / _BINS:.1f}", y=f"{_HEIGHT - head:.1f}", fill=fill,
                        width=f"{_WIDTH / _BINS - 1:.1f}", height=f"{head - foot:.1f}", fill_opacity=opacity,
                    )
                )  # fmt: skip
    for limit in limits:
        if low <= limit <= high:
            x = f"{(limit - low) / (high - low) * _WIDTH:.1f}"
            shapes.append(
                Element("line", x1=x, x2=x, y1="0", y2=str(_HEIGHT), stroke="currentColor", stroke_dasharray="4 3")
            )
    picture = Element(
        "svg", shapes, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", width=str(_WIDTH), height=str(_HEIGHT), role="img",
        aria_label=f"histogram of {len(kept) + len(others) + len(by)} values from {low:.4g} to {high:.4g}",
    )  # fmt: skip
    ends = Element("span", f"{high:.4g}", style="float: right")
    return Element("div", picture, Element("div", f"{low:.4g}", ends, style=f"width: {_WIDTH}px", class_="note"))


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
