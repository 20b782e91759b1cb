"""Which blocks are kept, and which of them the second look is asked about."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.classifier import block_classifier as classifier
from parsers.classifier import boosted_trees as forest
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.title_features import compute_title_features
from parsers.parsed_page import parse

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause."


def page_of(lengths: list[int]):
    """A page with blocks of so many words."""
    return parse("<body>" + "".join(f"<p>{' '.join(['word'] * length)}</p>" for length in lengths)).page


def kept(lengths: list[int], p: list[float]) -> list[bool]:
    return classifier.kept(page_of(lengths), np.array(p, np.float32)).tolist()


def test_no_feature_has_another_ones_name():
    assert len(set(SECOND_LOOK)) == len(SECOND_LOOK)


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


def test_the_second_look_is_for_those_in_doubt():
    page = parse(
        "<title>The mill</title><nav><a href=/>Home</a> <a href=/a>About</a></nav><h1>The mill</h1>"
        + f"<p>{SENTENCE}</p>" * 5 + f"<div class=box><p>{SENTENCE}</p></div><footer>All rights reserved</footer>"
    )  # fmt: skip
    title_features = compute_title_features(page.page, page.about)
    first = forest.probabilities(
        forest.load("first_look.json", FIRST_LOOK), classifier.first_look_features(page.page, title_features)
    )
    both = classifier.probabilities(page.page, title_features)
    sure = ~classifier.unsure(first)
    assert 0 < sure.sum() < len(first)
    assert np.array_equal(both[sure], first[sure]) and not np.array_equal(both, first)
