"""The choice of blocks with the best expected word F1.

Which blocks are kept is decided for the page as a whole. With probabilities p and lengths w, keeping a set K has the
expected F1 of 2 sum(p w over K) / (sum(w over K) + sum(p w over all)); the best K takes the blocks in order of p down
to some point (Lewis 1995, "Evaluating and optimizing autonomous text classification systems"; Nan et al. 2012), so
that a listing, whose blocks are all doubtful, isn't cut by a threshold made for articles. That holds for blocks that
are right or wrong each by itself. They are not: where one reply of a thread is content, all are. So the expectation
is taken over pages on which all probabilities are higher or lower than they look.
"""

from __future__ import annotations

import numpy as np

from parsers.scanner.page import WORD, WORDS, Page
from text.jit.options import kernel

# How much higher or lower, in logits, all probabilities of a page may be, and how likely that is: a normal
# distribution of standard deviation 1.6 at five points.
_SHIFTS = 1.6 * np.array([-1.7, -0.8, 0.0, 0.8, 1.7])
_CHANCES = np.array([0.1, 0.22, 0.36, 0.22, 0.1])


def best_expected_f1(page: Page, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: the blocks whose choice has the best expected word F1."""
    return _best_expected_f1(page.blocks, probabilities, _SHIFTS, _CHANCES)


@kernel
def _best_expected_f1(blocks, probabilities, shifts, chances):
    count, cases = len(probabilities), len(shifts)
    order = np.argsort(-probabilities, kind="mergesort")
    shifted = np.empty((count, cases))  # words of each block that are content, in each case
    expected = np.zeros(cases)
    for row in range(count):
        p = min(max(np.float64(probabilities[row]), 1e-6), 1 - 1e-6)
        words = blocks[row, WORDS] / WORD + 0.5
        for case in range(cases):
            shifted[row, case] = words * p / (p + (1 - p) * np.exp(-shifts[case]))
            expected[case] += shifted[row, case]
    hits = np.zeros(cases)
    taken = 0.0
    best, last = -1.0, 0
    for place in range(count):
        row = order[place]
        taken += blocks[row, WORDS] / WORD + 0.5
        score = 0.0
        for case in range(cases):
            hits[case] += shifted[row, case]
            score += chances[case] * 2 * hits[case] / (taken + expected[case])
        if score > best:
            best, last = score, place + 1
    keep = np.zeros(count, np.bool_)
    keep[order[:last]] = True
    return keep
