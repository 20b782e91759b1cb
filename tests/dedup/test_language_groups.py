"""Languages that are taken for one another are one to near-duplicates; others are not."""

from __future__ import annotations

from itertools import combinations

import pytest

from dedup.language_groups import GROUPS, language_group


@pytest.mark.parametrize("pair", ["hr sr", "no nn", "nn da", "id ms", "zh yue", "es gl", "cs sk", "bg mk", "hi ne"])
def test_languages_of_one_group(pair: str) -> None:
    one, other = pair.split()
    assert language_group(one) == language_group(other)


@pytest.mark.parametrize("pair", ["en de", "hr sl", "zh ja", "fr es", "fi et", "xx yy", "ru bg"])
def test_languages_of_two_groups(pair: str) -> None:
    one, other = pair.split()
    assert language_group(one) != language_group(other)


def test_a_language_has_one_group() -> None:
    assert not any(set(one) & set(other) for one, other in combinations(GROUPS, 2))
    assert language_group("eu") == "eu"
