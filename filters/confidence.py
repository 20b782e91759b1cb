"""How sure a share is that was counted on a few."""

from __future__ import annotations

import math


def wilson_interval(count: int, of: int, z: float) -> tuple[float, float]:
    """The interval of a share of which ``count`` of ``of`` were seen (E. B. Wilson, JASA 22 (1927), 209-212), ``z`` standard
    deviations to either side. It lies within 0 and 1 and says something also where nothing, or everything, was seen. ``of``
    must be above 0."""
    share, z2 = count / of, z * z
    middle = share + z2 / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    scale = 1 + z2 / of
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
