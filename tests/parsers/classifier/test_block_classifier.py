"""Which blocks the second look is asked about."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.classifier import block_classifier, boosted_trees
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.classifier.title_features import compute_title_features

SETTINGS: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
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


@pytest.mark.skipif(SETTINGS.DISABLE_JIT, reason="takes minutes where kernels are not compiled")
def test_a_page_of_more_blocks_than_are_looked_at_together():
    rows = [f"<p>{SENTENCE if number % 3 else 'Read more'} {number}</p>" for number in range(16_500)]
    page = parse("<title>The mill</title><h1>The mill</h1>" + "".join(rows))
    statements = compute_title_features(page.page, page.about)
    features = block_classifier.first_look_features(page.page, statements)
    looks = block_classifier.looks(page.page, statements)
    first = boosted_trees.probabilities(boosted_trees.load("first_look.json", FIRST_LOOK), features)
    assert np.array_equal(looks.first, first)
    table = np.hstack([features, compute_stacked_features(page.page, first)])
    second = boosted_trees.probabilities(boosted_trees.load("second_look.json", SECOND_LOOK), table)
    among = block_classifier.unsure(first)
    assert among[:100].any() and among[16_400:].any()
    assert np.array_equal(looks.second, np.where(among, second, first))
