"""Which documents a score judges, what they must reach, and settings that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from filters.score_limits import Limits
from text.document import Document


def words(count: int, language: str = "en") -> Document:
    return Document("corn " * count, language)


def test_documents_that_are_long_enough_and_in_a_language_are_judged() -> None:
    limits = Limits(0.5, ["en", "de"], 3)
    assert [limits.judges(words(count)) for count in (2, 3, 4)] == [False, True, True]
    assert [limits.judges(words(3, language)) for language in ("de", "fr", "")] == [True, False, False]
    everywhere = Limits(0.5, None, 1)
    assert everywhere.judges(words(1, "fr")) and not everywhere.judges(words(0, "fr"))


@pytest.mark.parametrize(
    ("limit", "decides", "of_german", "of_french"),
    [
        (None, False, None, None),
        (0.0, True, 0.0, 0.0),
        (0.5, True, 0.5, 0.5),
        ({"default": 0.25, "de": 0.75}, True, 0.75, 0.25),
        ({"de": 0.75}, True, 0.75, None),
        ({"default": 0.25, "de": None}, True, None, 0.25),
        ({"de": None}, False, None, None),
    ],
)
def test_a_limit_for_all_or_by_language(limit: Any, decides: bool, of_german: Any, of_french: Any) -> None:
    limits = Limits(limit, None, 1)
    assert (limits.decide, limits.of("de"), limits.of("fr")) == (decides, of_german, of_french)


@pytest.mark.parametrize("limit", [0.0, 1.0, {"quantile": 0.0}, {"quantile": 1.0}, {"de": 1, "default": None}])
def test_the_ends_of_the_range_are_limits(limit: Any) -> None:
    assert Limits(limit, None, 1).decide


@pytest.mark.parametrize("limit", [-3.5, 7, {"quantile": 0.5}, {"de": 2.5}])
def test_scores_that_are_no_fractions_have_any_number_as_a_limit(limit: Any) -> None:
    assert Limits(limit, None, 1, fractions=False).decide


@pytest.mark.parametrize(
    ("limit", "languages", "min_words", "fractions", "said"),
    [
        (0.5, "en", 1, True, "languages is 'en'; list language codes"),
        (0.5, [], 1, True, r"languages is \[\]"),
        (0.5, None, 0, True, "min_words is 0"),
        (1.01, None, 1, True, r"reject_below \(default\) is 1.01"),
        (-0.01, None, 1, True, r"reject_below \(default\) is -0.01"),
        ({"de": 2}, None, 1, True, r"reject_below \(de\) is 2"),
        ({"quantile": 2}, None, 1, False, r"reject_below \(quantile\) is 2"),
        (True, None, 1, False, r"reject_below \(default\) is True; it must be a number"),
        ("much", None, 1, False, r"reject_below \(default\) is 'much'; it must be a number"),
        ({"quantile": 0.5, "de": 0.5}, None, 1, True, "a quantile beside other limits"),
    ],
)
def test_mistakes_are_sentences(limit: Any, languages: Any, min_words: int, fractions: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Limits(limit, languages, min_words, fractions)
