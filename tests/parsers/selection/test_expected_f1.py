"""Which blocks are kept for their probabilities and lengths."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.selection.expected_f1 import best_expected_f1


def page_of(lengths: list[int]):
    """A page with blocks of so many words."""
    return parse("<body>" + "".join(f"<p>{' '.join(['word'] * length)}</p>" for length in lengths)).page


def kept(lengths: list[int], p: list[float]) -> list[bool]:
    return best_expected_f1(page_of(lengths), np.array(p, np.float32)).tolist()


def test_the_sure_stay_and_the_unlikely_go():
    assert kept([50, 40, 50, 5], [0.97, 0.02, 0.95, 0.01]) == [True, False, True, False]


def test_a_page_of_doubtful_blocks_is_not_emptied():
    assert all(kept([30] * 10, [0.3] * 10))


def test_doubtful_blocks_beside_sure_ones_need_a_better_chance():
    assert kept([200, 50], [0.99, 0.3]) == [True, False]
    assert kept([200, 50], [0.99, 0.7]) == [True, True]


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1, width=32)), min_size=1, max_size=12))
def test_what_is_kept_is_likelier_than_what_is_not(blocks: list[tuple[int, float]]):
    lengths, p = zip(*blocks, strict=True)
    keep = np.array(kept(list(lengths), list(p)))
    chances = np.array(p, np.float32)
    assert keep.any()
    assert keep.all() or chances[keep].min() >= chances[~keep].max()
