"""Which blocks the second look is asked about."""

from __future__ import annotations

import numpy as np

from parsers.backends.gristmill_backend import parse
from parsers.classifier import block_classifier, boosted_trees
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.title_features import compute_title_features

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause."


def test_no_feature_has_another_ones_name():
    assert len(set(SECOND_LOOK)) == len(SECOND_LOOK)


def test_the_second_look_is_for_those_in_doubt():
    page = parse(
        "<title>The mill</title><nav><a href=/>Home</a> <a href=/a>About</a></nav><h1>The mill</h1>"
        + f"<p>{SENTENCE}</p>" * 5 + f"<div class=box><p>{SENTENCE}</p></div><footer>All rights reserved</footer>"
    )  # fmt: skip
    statements = compute_title_features(page.page, page.about)
    first = boosted_trees.probabilities(
        boosted_trees.load("first_look.json", FIRST_LOOK), block_classifier.first_look_features(page.page, statements)
    )
    both = block_classifier.probabilities(page.page, statements)
    sure = ~block_classifier.unsure(first)
    assert 0 < sure.sum() < len(first)
    assert np.array_equal(both[sure], first[sure]) and not np.array_equal(both, first)
