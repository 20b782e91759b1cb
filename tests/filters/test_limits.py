"""The limits that people are told are those that filters decide by: for any scores, a filter rejects where one is passed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.limits import ALL_MUST_HOLD, limits
from filters.registry import FILTERS, make_filter

MEASURES = {
    "repetition": ("duplicate_5gram", "top_2gram", "duplicate_line_fraction"),
    "gopher_repetition": ("duplicate_5gram", "top_2gram", "duplicate_line_characters"),
    "gopher_quality": ("words", "word_length", "hashes", "bullet_lines", "alphabetic_words", "stop_words"),
    "dirty_words": ("hits", "distinct", "per_1000_words"),
    "kl_divergence": ("excess", "words_per_line"),
    "passages": ("removed_words", "left_words", "removed_share"),
    "quality": ("content",),
    "fineweb": ("end_marks", "short_lines", "duplicate_characters", "line_feeds"),
    "refinedweb": ("removed_share",),
}
SETTINGS = [
    ("repetition", {}), ("repetition", {"thresholds": {"top_2gram": 0.3}}), ("gopher_repetition", {"reading": "dolma"}),
    ("gopher_repetition", {}), ("gopher_quality", {"limits": {"max_hashes": 0.4}}), ("dirty_words", {"min_hits": 3}),
    ("kl_divergence", {}), ("kl_divergence", {"max_excess": 4.0}), ("passages", {}), ("quality", {"min_content": 0.4}),
    ("fineweb", {}), ("refinedweb", {"max_removed_share": 0.2}),
]  # fmt: skip
JUDGES = [make_filter(name, chosen, {}) for name, chosen in SETTINGS]


@pytest.mark.parametrize(("name", "chosen"), SETTINGS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_filter_rejects_where_a_limit_is_passed(name: str, chosen: dict, data: st.DataObject) -> None:
    number = st.one_of(st.floats(0, 1), st.floats(0, 20), st.integers(0, 200).map(float))
    scores = {measure: data.draw(number) for measure in MEASURES[name]}
    if name == "passages":
        scores["removed_words"] = 1.0
    found = limits(name, chosen, scores)
    passed = [found[measure].is_beyond(value) for measure, value in scores.items() if measure in found]
    rejects = JUDGES[SETTINGS.index((name, chosen))].decide(scores) is not None
    assert rejects == (all(passed) if name in ALL_MUST_HOLD else any(passed))


def test_settings_are_named_as_recipes_have_them() -> None:
    assert limits("dirty_words", {}, {})["hits"].setting == "min_hits"
    assert limits("repetition", {}, {})["top_2gram"].setting == "thresholds.top_2gram"
    assert limits("c4", {}, {}) == {} and set(limits("c4", {"max_characters": 9}, {})) == {"characters"}
    assert limits("some.filter.OfMine", {}, {}) == {}
    assert {name for name in FILTERS if name not in MEASURES} == {"c4"}, "a new filter: say its limits here too"
