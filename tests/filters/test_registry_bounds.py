"""Filters by the names that recipes use."""

from __future__ import annotations

import pytest

from filters.dirty_words import DirtyWordsFilter
from filters.kl_divergence import KLDivergenceFilter
from filters.registry import FILTERS, make_filter
from filters.token_counts import TokenCounts
from text.document import Document
from text.hashing import hash64s


def test_each_filter_is_known_by_its_own_name() -> None:
    assert set(FILTERS) == {
        "repetition", "passages", "dirty_words", "kl_divergence", "quality",
        "gopher_repetition", "gopher_quality", "c4", "fineweb", "refinedweb", "decontamination",
    }  # fmt: skip
    # The one that looks for test sets can't be without any.
    assert all(make_filter(name, {}, {}).name == name for name in FILTERS if name != "decontamination")


def test_settings_reach_the_filter(prose: str) -> None:
    scores = {"hits": 1, "distinct": 1, "per_1000_words": 1.0}
    assert isinstance(make_filter("dirty_words", {}, {}), DirtyWordsFilter)
    assert make_filter("dirty_words", {}, {}).decide(scores) is None
    strict = make_filter("dirty_words", {"max_per_1000": 0, "min_hits": 1, "min_distinct": 1}, {})
    assert strict.decide(scores) is not None


def test_statistics_reach_the_filter_that_takes_them() -> None:
    table = TokenCounts()
    for _ in range(100):
        table.add(hash64s(["mill"] * 20))
    judge = make_filter("kl_divergence", {"window": 10, "background": False}, {"en": table})
    assert isinstance(judge, KLDivergenceFilter)
    assert judge.score(Document("mill " * 10, "en")) is not None
    assert judge.score(Document("mill " * 10, "de")) is None


def test_a_name_or_a_setting_that_nobody_knows_is_a_sentence() -> None:
    with pytest.raises(
        ValueError, match="no filter called 'perplexity'; there are c4, decontamination, dirty_words, fineweb, gopher"
    ):
        make_filter("perplexity", {}, {})
    with pytest.raises(
        ValueError, match="dirty_words has no setting 'max'; it knows added, folder, max_per_1000, min_"
    ):
        make_filter("dirty_words", {"max": 3}, {})
    with pytest.raises(ValueError, match="kl_divergence has no setting 'statistics'"):
        make_filter("kl_divergence", {"statistics": {}}, {})
