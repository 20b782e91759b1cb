"""The groups of features that are left out one by one are all there are."""

from __future__ import annotations

from collections import Counter

from bench.feature_worth import GROUPS
from parsers.classifier.feature_table import FIRST_LOOK


def test_each_feature_stands_in_one_group():
    names = Counter(name for group in GROUPS.values() for name in group)
    assert names == Counter(FIRST_LOOK)
