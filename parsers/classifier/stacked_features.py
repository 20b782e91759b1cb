"""The second look: what the first look's probabilities say about a block's neighbours, subtree, template and page.

One block is judged better when the others have been: a teaser looks like a paragraph until all its twins turn out to be
links, a short article like a caption until nothing else on the page is content (stacked prediction over a structure;
Cohen and Carvalho 2005, "Stacked sequential learning").
"""

from __future__ import annotations

import numpy as np

from parsers.classifier import feature_table as f
from parsers.classifier.page_statistics import is_long
from parsers.jit.hash_table import places
from parsers.scanner import page as s
from parsers.scanner.page import Page
from parsers.scanner.template_hash import template
from text.jit.options import inner, kernel

_SURE = np.float32(0.5)
_SENTENCE = 5 * s.WORD  # fewer words don't say where content begins or ends
_TEXT = 10 * s.WORD
_NEAR = 6
_FARTHEST = 500.0


def compute_stacked_features(page: Page, p: np.ndarray) -> np.ndarray:
    """``float32[m, len(STACKED)]`` from the first look's probabilities of all blocks, ``float32[m]``."""
    out = np.zeros((len(p), len(f.STACKED)), np.float32)
    if len(p):
        write_stacked_features(p, page.elements, page.signature, page.blocks, out)
    return out


@inner
def _neighbours(p, weight, blocks, out):
    m = len(p)
    expected = 0.0
    for b in range(m):
        expected += weight[b] * p[b]
    before = 0.0
    for b in range(m):
        row = out[b]
        row[f.P] = p[b]
        for step in range(1, 4):
            column = f.P_NEIGHBOURS + 2 * (step - 1)
            row[column] = p[b - step] if b >= step else -0.1
            row[column + 1] = p[b + step] if b + step < m else -0.1
        near = near_weight = 0.0
        for other in range(max(b - _NEAR, 0), min(b + _NEAR + 1, m)):
            share = weight[other] / (1 + abs(other - b))
            near += share * p[other]
            near_weight += share
        row[f.P_NEAR] = near / near_weight
        row[f.P_BEFORE] = before / max(expected, 1e-9)
        before += weight[b] * p[b]
        row[f.P_AFTER] = 1 - before / max(expected, 1e-9)
        row[f.P_NEXT_TEXT] = -0.1
        for other in range(b + 1, min(b + 4, m)):
            if blocks[other, s.WORDS] >= _TEXT:
                row[f.P_NEXT_TEXT] = p[other]
                break


@kernel
def _subtrees(p, weight, elements, blocks, out):
    """Means over the subtrees that a block stands in, going up wherever there is more text than on the level below."""
    m, n = len(p), len(elements)
    sums = np.zeros((n, 2), np.float64)
    for b in range(m):
        e = max(blocks[b, s.ELEMENT], 0)
        sums[e, 0] += weight[b]
        sums[e, 1] += weight[b] * p[b]
    for e in range(n - 1, 0, -1):
        parent = elements[e, s.PARENT]
        if parent >= 0:
            sums[parent, 0] += sums[e, 0]
            sums[parent, 1] += sums[e, 1]
    for b in range(m):
        e = max(blocks[b, s.ELEMENT], 0)
        level, held, steps = 0, -1.0, 0
        while level < f.LEVELS and steps < 60:
            if sums[e, 0] > held + 0.01:
                held = sums[e, 0]
                out[b, f.P_LEVELS + level] = sums[e, 1] / max(held, 1e-9)
                level += 1
            if elements[e, s.PARENT] < 0:
                break
            e = elements[e, s.PARENT]
            steps += 1
        while level < f.LEVELS:
            out[b, f.P_LEVELS + level] = out[b, f.P_LEVELS + level - 1]
            level += 1


@kernel
def _templates(p, weight, elements, signature, blocks, out):
    """Means over blocks of one template: tag and class of their elements and of these elements' parents are the same."""
    m = len(p)
    keys = np.zeros(m, np.uint64)
    for b in range(m):
        e = max(blocks[b, s.ELEMENT], 0)
        keys[b] = template(elements, signature, e, 2)
    place, size = places(keys)
    sums = np.zeros((size + 1, 2), np.float64)
    for b in range(m):
        sums[place[b], 0] += weight[b]
        sums[place[b], 1] += weight[b] * p[b]
    for b in range(m):
        out[b, f.P_TWINS] = sums[place[b], 1] / sums[place[b], 0]


@kernel
def _page(p, weight, blocks, out):
    m = len(p)
    words = expected = long_words = linked = entropy = 0.0
    best = np.float32(0)
    first, last = m, -1
    for b in range(m):
        share = weight[b] * p[b]
        words += weight[b]
        expected += share
        if is_long(blocks[b]):
            long_words += share
        linked += blocks[b, s.LINK_WORDS] / s.WORD * p[b]
        entropy += share * (1 - p[b])
        if blocks[b, s.WORDS] >= _TEXT:
            best = max(best, p[b])
        if p[b] >= _SURE and blocks[b, s.WORDS] >= _SENTENCE:
            first = min(first, b)
            last = b
    running = 0.0
    for b in np.argsort(p, kind="mergesort"):
        running += weight[b]
        out[b, f.P_RANK] = running / words
    for forward in (True, False):
        gap = 0.0
        for place in range(m):
            b = place if forward else m - 1 - place
            out[b, f.P_GAP_BEFORE if forward else f.P_GAP_AFTER] = min(gap, _FARTHEST)
            gap = 0.0 if p[b] >= _SURE and blocks[b, s.WORDS] >= _SENTENCE else gap + weight[b]
    for b in range(m):
        row = out[b]
        row[f.P_PAGE] = expected / words
        row[f.P_LONG] = long_words / max(expected, 1e-9)
        row[f.P_BEST] = best
        row[f.P_LINKED] = linked / max(expected, 1e-9)
        row[f.P_WORDS] = np.log1p(expected)
        row[f.P_ENTROPY] = entropy / max(expected, 1e-9)
        row[f.P_FIRST] = b - first if last >= 0 else -1000
        row[f.P_LAST] = b - last if last >= 0 else -1000


@kernel
def write_stacked_features(p, elements, signature, blocks, out):
    """:func:`compute_stacked_features` into ``out``, which is all zeros; there is a block at least."""
    weight = blocks[:, s.WORDS] / s.WORD + 0.5
    _neighbours(p, weight, blocks, out)
    _subtrees(p, weight, elements, blocks, out)
    _templates(p, weight, elements, signature, blocks, out)
    _page(p, weight, blocks, out)
