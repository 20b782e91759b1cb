"""Blocks that one template has made are content together, or none of them is.

The classifier judges each block by itself, and so keeps the names of some authors of a thread, some rows of a listing,
and drops a paragraph from the middle of an article. Blocks made by one template stand in elements of the same tags and
classes up to the fourth ancestor; without any class tags alone say little, and on pages of the 1990s nothing. Where the
classifier all but agrees about such a group, each of its blocks is moved most of the way to their mean; where a group
disagrees, its blocks have less in common than their template, and stay as they are.
"""

from __future__ import annotations

import numpy as np

from parsers.jit.hash_table import places
from parsers.markup.names import TAG, fnv
from parsers.scanner import page as s
from parsers.scanner.page import Page
from parsers.scanner.template_hash import UNIT, template
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import kernel

# The block's element and four ancestors. Chosen on pages of WCXB that were not fitted to, as are the pull and its square:
# with two ancestors or more, up to all, F1 is lower by .001 at most, with one by .003.
_LEVELS = 5
_PULL = 0.9


def _without_class() -> np.ndarray:
    """``uint64[tags]``: the signature of an element of each tag that has no class (:func:`parsers.scanner.start_tags.read`)."""
    bare = np.zeros(max(TAG.values()) + 1, np.uint64)
    for name, tag in TAG.items():
        bare[tag] = (FNV_OFFSET ^ fnv(name)) * FNV_PRIME & 0xFFFFFFFFFFFFFFFF | int(UNIT)
    return bare


WITHOUT_CLASS = _without_class()


def smooth_by_template(page: Page, probabilities: np.ndarray) -> np.ndarray:
    """``float32[m]``: the ``probabilities`` (``float32[m]``) of a page's blocks, each pulled towards the mean of its
    template's blocks, weighted by words.

    With mean m and variance v over a group, 1 - v / (m (1 - m)) says how far it agrees: 1 where all are equally likely,
    0 where all are sure and contradict each other. The pull is :data:`_PULL` times its square.
    """
    return smoothed(page.elements, page.signature, page.blocks, probabilities, WITHOUT_CLASS)


@kernel
def smoothed(elements, signature, blocks, p, without_class):
    """:func:`smooth_by_template`, where ``without_class`` are :data:`WITHOUT_CLASS`."""
    count = len(p)
    keys = np.zeros(count, np.uint64)
    for b in range(count):
        e = max(blocks[b, s.ELEMENT], 0)
        key = template(elements, signature, e, _LEVELS)
        for _ in range(_LEVELS):
            if signature[e] | UNIT != without_class[elements[e, s.TAG_]]:
                keys[b] = key  # without any class it stays 0, which is no key
                break
            e = max(elements[e, s.PARENT], 0)
    place, size = places(keys)
    words, sums, squares = np.zeros(size + 1), np.zeros(size + 1), np.zeros(size + 1)
    for b in range(count):
        weight = blocks[b, s.WORDS] / s.WORD + 0.5
        words[place[b]] += weight
        sums[place[b]] += weight * p[b]
        squares[place[b]] += weight * p[b] * p[b]
    out = p.copy()
    for b in range(count):
        if place[b] == size:
            continue
        mean = sums[place[b]] / words[place[b]]
        variance = squares[place[b]] / words[place[b]] - mean * mean
        agreement = 1 - variance / max(mean * (1 - mean), 1e-6)
        pull = _PULL * min(max(agreement, 0.0), 1.0) ** 2
        out[b] += pull * (mean - p[b])
    return out
