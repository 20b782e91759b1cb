"""A forest of boosted trees out of a readable file, evaluated for many rows at once.

A file under ``data/`` names the features and has one tree a line: a branch is ``[feature, threshold, at most,
above]``, a leaf a number. A row's score is the sum of one leaf a tree; its probability the logistic function of that.

No tree is walked down. As in QuickScorer (Lucchese et al. 2015, "QuickScorer: a fast algorithm to rank documents with
additive ensembles of regression trees"; 2016 for its vectors), each tree of each row has a word with one bit a leaf,
leftmost leaf lowest, all set. Feature by feature, in ascending order of thresholds, every branch whose threshold the
row exceeds clears the bits of the leaves on its left; the lowest bit that is left is the leaf where the row ends. The
inner loops run over rows, without a jump, and become vector instructions: some seven times as fast as walking.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from text.jit.options import inner, kernel

MAX_LEAVES = 32  # of a tree: the bits of a word
# Rows that are evaluated together. The words of 120 trees then fill the 32 kB that a processor's nearest cache holds.
_ROWS = 64
# Loops over a multiple of this many rows are vectors throughout.
_VECTOR = 16
_ALL = np.uint32(0xFFFFFFFF)
_ONE = np.uint32(1)
# Times a power of two, this de Bruijn sequence has another number in its top five bits for each of the 32 powers
# (Leiserson, Prokop, Randall 1998). A tree's leaf values stand at those numbers, so that a bit finds its value.
_DE_BRUIJN, _SHIFT = np.uint32(0x077CB531), np.uint32(27)


class Forest(NamedTuple):
    """``features``  ``int32[u]``: the columns that some branch looks at.
    ``starts``  ``int32[u + 1]``: where the branches of each begin, and the end.
    ``thresholds``  ``float32[b]``, ascending within a feature, ``trees``  ``int32[b]`` and ``masks``  ``uint32[b]``:
    of each branch its tree and the leaves that remain above its threshold.
    ``leaves``  ``float64[t, 32]``: the values of each tree's leaves.
    """

    features: np.ndarray
    starts: np.ndarray
    thresholds: np.ndarray
    trees: np.ndarray
    masks: np.ndarray
    leaves: np.ndarray


@cache
def load(name: str, features: tuple[str, ...]) -> Forest:
    """The forest in ``parsers/data/<name>``, whose rows will have columns called ``features``.

    Raises ``ValueError`` where it was fitted to other features or to the same in another order, where a branch asks for
    a feature that there is not, and where a tree has more leaves than :data:`MAX_LEAVES`.
    """
    model = json.loads(files("parsers").joinpath("data", name).read_text("utf-8"))
    fitted = tuple(model["features"])
    if fitted != features:
        raise ValueError(
            f"parsers/data/{name} was fitted to other features: {_difference(fitted, features)}. Fit it again with python "
            "-m bench.fit_blocks, or take back the change to parsers/classifier/feature_table.py"
        )
    return assemble(model["trees"], features)


def _difference(fitted: tuple[str, ...], features: tuple[str, ...]) -> str:
    """Where two lists of names part first, in words."""
    for place, (theirs, ours) in enumerate(zip(fitted, features, strict=False)):
        if theirs != ours:
            return f"its column {place} is {theirs!r}, that of the feature table {ours!r}"
    return f"it has {len(fitted)} columns, the feature table {len(features)}"


def assemble(trees: list, features: tuple[str, ...]) -> Forest:
    """A forest out of its trees as the file has them."""
    places = {name: place for place, name in enumerate(features)}
    branches: list[tuple[int, float, int, int]] = []
    leaves = np.zeros((len(trees), MAX_LEAVES))

    def add(node, number: int, bit: int) -> int:
        """Adds what hangs at ``node``, whose leaves begin with ``bit``; the bit after its last leaf."""
        if not isinstance(node, list):
            if bit >> MAX_LEAVES:
                raise ValueError(f"tree {number} has more than {MAX_LEAVES} leaves; fit with at most that many")
            leaves[number, (bit * int(_DE_BRUIJN) & int(_ALL)) >> int(_SHIFT)] = node
            return bit << 1
        feature, threshold, at_most, above = node
        if feature not in places:
            raise ValueError(f"tree {number} asks for {feature!r}, which is no feature of this forest; fit it again")
        middle = add(at_most, number, bit)
        branches.append((places[feature], _floor(threshold), number, int(_ALL) - (middle - bit)))
        return add(above, number, middle)

    for number, tree in enumerate(trees):
        add(tree, number, 1)
    branches.sort()
    column = np.array([branch[0] for branch in branches], np.int32)
    used, starts = np.unique(column, return_index=True)
    return Forest(
        features=used,
        starts=np.append(starts, len(branches)).astype(np.int32),
        thresholds=np.array([branch[1] for branch in branches], np.float32),
        trees=np.array([branch[2] for branch in branches], np.int32),
        masks=np.array([branch[3] for branch in branches], np.uint32),
        leaves=leaves,
    )


def _floor(threshold: float) -> float:
    """The largest 32-bit number that is no larger: a 32-bit feature exceeds the one where it exceeds the other."""
    nearest = np.float32(threshold)
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))


def probabilities(forest: Forest, table: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """``float32[m]`` for ``float32[m, len(features)]``, none of it NaN; or for these ``int64[k]`` of its rows."""
    return evaluate(table, np.arange(len(table)) if rows is None else rows, *forest)


@kernel
def evaluate(table, rows, features, starts, thresholds, trees, masks, leaves):
    """:func:`probabilities` of these rows by the fields of a :class:`Forest`."""
    out = np.empty(len(rows), np.float32)
    values = np.zeros(_ROWS, np.float32)
    totals = np.empty(_ROWS, np.float64)
    remaining = np.empty((len(leaves), _ROWS), np.uint32)
    common = np.empty(len(leaves), np.uint32)  # what remains of a tree in all of these rows alike
    for first in range(0, len(rows), _ROWS):
        present = min(_ROWS, len(rows) - first)
        wide = (present + _VECTOR - 1) // _VECTOR * _VECTOR
        remaining[:] = _ALL
        common[:] = _ALL
        _clear(
            table, rows[first:], present, wide, features, starts, thresholds, trees, masks, values, remaining, common
        )
        _add(leaves, remaining, common, wide, totals)
        for row in range(present):
            out[first + row] = 1.0 / (1.0 + np.exp(-totals[row]))
    return out


@inner
def _clear(table, rows, present, wide, features, starts, thresholds, trees, masks, values, remaining, common):
    """Clears the bits of all leaves where none of the first ``present`` of these rows ends."""
    for place in range(len(features)):
        feature = features[place]
        lowest = highest = table[rows[0], feature]
        low, high, third_low, third_high = lowest, highest, lowest, highest
        row = 0
        while row + 3 <= present:  # three chains side by side, each of which waits for its last comparison
            first, second, third = (
                table[rows[row], feature],
                table[rows[row + 1], feature],
                table[rows[row + 2], feature],
            )
            values[row], values[row + 1], values[row + 2] = first, second, third
            lowest, low, third_low = min(lowest, first), min(low, second), min(third_low, third)
            highest, high, third_high = max(highest, first), max(high, second), max(third_high, third)
            row += 3
        while row < present:
            values[row] = table[rows[row], feature]
            lowest, highest = min(lowest, values[row]), max(highest, values[row])
            row += 1
        lowest, highest = min(lowest, low, third_low), max(highest, high, third_high)
        for branch in range(starts[place], starts[place + 1]):
            threshold, mask = thresholds[branch], masks[branch]
            if highest <= threshold:
                break
            if lowest > threshold:  # of half of the branches: neighbours are alike, and the page is the same
                common[trees[branch]] &= mask
                continue
            bits = remaining[trees[branch]]
            for row in range(wide):
                bits[row] &= mask if values[row] > threshold else _ALL


@inner
def _add(leaves, remaining, common, wide, totals):
    """Adds up each row's leaves, tree by tree."""
    totals[:] = 0.0
    for tree in range(len(leaves)):
        bits, leaf, all_rows = remaining[tree], leaves[tree], common[tree]
        for row in range(wide):
            left = bits[row] & all_rows
            totals[row] += leaf[(((left & (~left + _ONE)) * _DE_BRUIJN) & _ALL) >> _SHIFT]
