"""The block classifier: gradient-boosted trees over :mod:`parsers.features`, and which blocks to keep.

The trees stand in ``data/blocks.json``, one a line, readable: a branch is ``[feature, threshold, at most, above]``, a
leaf a number. ``bench/fit_blocks.py`` rebuilds the file.

Which blocks are kept is decided for the page as a whole. With probabilities p and lengths w, keeping a set K has the
expected F1 of 2 sum(p w over K) / (sum(w over K) + sum(p w over all)); the best K takes the blocks in order of p down
to some point (Lewis 1995, "Evaluating and optimizing autonomous text classification systems"; Nan et al. 2012), so
that a listing, whose blocks are all doubtful, isn't cut by a threshold made for articles.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numba import njit

from parsers import scan as s
from parsers.features import NAMES, Tree
from parsers.scan import Page

# Rows whose features are computed at once: bounds their memory to some 10 MB, whatever the page.
_ROWS = 16_384


@cache
def _forest() -> tuple[np.ndarray, ...]:
    """Feature, threshold, the two children of every node (negative: a leaf, its place in the values), values, roots."""
    model = json.loads(files("parsers").joinpath("data/blocks.json").read_text("utf-8"))
    if tuple(model["features"]) != NAMES:
        raise ValueError("parsers/data/blocks.json was fitted to other features; run python -m bench.fit_blocks")
    places = {name: place for place, name in enumerate(NAMES)}
    feature, threshold, children, values, roots = [], [], [], [], []

    def add(node) -> int:
        if not isinstance(node, list):
            values.append(node)
            return -len(values)
        place = len(feature)
        feature.append(places[node[0]])
        threshold.append(node[1])
        children.append([0, 0])
        children[place] = [add(node[2]), add(node[3])]
        return place

    roots = [add(tree) for tree in model["trees"]]
    return (np.array(feature, np.int32), np.array(threshold), np.array(children, np.int32), np.array(values),
            np.array(roots, np.int32))  # fmt: skip


@njit(cache=True, nogil=True)
def _evaluate(rows, feature, threshold, children, values, roots):
    out = np.zeros(len(rows), np.float32)
    for row in range(len(rows)):
        total = 0.0
        for root in roots:
            node = root
            while node >= 0:
                node = children[node, 0 if rows[row, feature[node]] <= threshold[node] else 1]
            total += values[-node - 1]
        out[row] = 1.0 / (1.0 + np.exp(-total))
    return out


def probabilities(page: Page) -> np.ndarray:
    """``float32[m]``: how likely each block of the page is content."""
    tree = Tree(page)
    count = len(page.blocks)
    parts = [_evaluate(tree.features(at, min(at + _ROWS, count)), *_forest()) for at in range(0, count, _ROWS)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def kept(page: Page) -> np.ndarray:
    """``bool[m]``: the blocks whose choice has the best expected word F1."""
    if not len(page.blocks):
        return np.zeros(0, bool)
    p = probabilities(page).astype(np.float64)
    words = page.blocks[:, s.WORDS] / s.WORD + 0.5
    order = np.argsort(-p, kind="stable")
    hits, taken = np.cumsum((p * words)[order]), np.cumsum(words[order])
    best = int(np.argmax(2 * hits / (taken + hits[-1])))
    keep = np.zeros(len(p), bool)
    keep[order[: best + 1]] = True
    return keep
