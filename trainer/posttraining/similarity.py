"""How alike two responses are, in tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def are_similar(a: Sequence[int], b: Sequence[int], least: float) -> bool:
    """Whether 1 - edit distance / the longer length is more than ``least``; insertions, deletions and replacements of
    a token cost 1 each.

    Takes O(length + d²) where the distance d is looked for no further than ``least`` allows (Ukkonen, Information and
    Control 64, 1985), and most pairs are told apart by their lengths or by counting tokens.
    """
    longer = max(len(a), len(b))
    most = -1  # the largest distance d with 1 - d / longer > least
    while most < longer and 1 - (most + 1) / max(1, longer) > least:
        most += 1
    if most < 0 or abs(len(a) - len(b)) > most:
        return False
    counts = Counter(a)
    counts.subtract(b)
    if max(sum(n for n in counts.values() if n > 0), -sum(n for n in counts.values() if n < 0)) > most:
        return False
    return _distance_is_at_most(a, b, most)


def _distance_is_at_most(a: Sequence[int], b: Sequence[int], most: int) -> bool:
    target = len(b) - len(a)
    # reached[k]: how much of a is turned into what lies on diagonal k of b with d edits, at best.
    reached: dict[int, int] = {}
    for d in range(most + 1):
        further: dict[int, int] = {}
        for k in range(-d, d + 1):
            if d == 0:
                i = 0
            else:
                replaced, deleted, inserted = reached.get(k), reached.get(k + 1), reached.get(k - 1)
                found = [
                    *([replaced + 1] if replaced is not None else []),
                    *([deleted + 1] if deleted is not None else []),
                    *([inserted] if inserted is not None else []),
                ]
                if not found:
                    continue
                i = max(found)
            i = min(i, len(b) - k)
            if i < 0:  # the diagonal lies beyond both
                continue
            while i < len(a) and i + k < len(b) and a[i] == b[i + k]:
                i += 1
            further[k] = i
        if further.get(target) == len(a):
            return True
        reached = further
    return False
