"""The words of a document that stand nowhere in another one are counted, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.shingles import Shingling
from dedup.unique_words import MIN_UNIQUE_WORDS, too_many, unique_words, vocabulary
from text.view import TextView

TEXTS = st.lists(st.sampled_from(["mill", "stone", "water", "flour", "wheel", "grain", "12", "7"]), max_size=30)


def unique(document: str, survivor: str, language: str = "en", rule: Shingling | None = None) -> int:
    rule = rule or Shingling()
    one, other = TextView(document), TextView(survivor)
    return unique_words(vocabulary(one, language, rule), vocabulary(other, language, rule))


@pytest.mark.parametrize(
    ("document", "survivor", "count"),
    [
        ("the wheel turns", "the wheel turns", 0),
        ("The WHEEL turns", "the wheel turns", 0),
        ("turns the wheel", "the wheel turns slowly", 0),
        ("the stone turns, the stone stops", "the wheel turns", 3),
        ("the wheel turns", "", 3),
        ("", "the wheel turns", 0),
    ],
)
def test_words_are_counted_where_the_survivor_lacks_them(document: str, survivor: str, count: int) -> None:
    assert unique(document, survivor) == count


@given(TEXTS, TEXTS)
def test_it_is_what_counting_word_by_word_gives(one: list[str], other: list[str]) -> None:
    assert unique(" ".join(one), " ".join(other)) == sum(word not in other for word in one)


def test_numbers_are_one_where_the_recipe_says_so() -> None:
    assert unique("12 sacks", "7 sacks") == 1
    assert unique("12 sacks", "7 sacks", rule=Shingling(fold_numbers=True)) == 0


@pytest.mark.parametrize(
    ("language", "shared", "own"),
    [
        ("zh", "水车在黎明前转动磨坊的石头", "面粉装进十二个麻袋里运走"),
        ("th", "กังหันน้ำหมุนก่อนรุ่งสาง", "แป้งถูกบรรจุลงในกระสอบ"),
    ],
)
def test_scripts_without_spaces_are_counted_by_the_length_of_a_word(language: str, shared: str, own: str) -> None:
    length = {"zh": 2, "th": 4}[language]
    assert unique(shared, shared + own, language) == 0
    assert abs(unique(shared + own, shared, language) - len(own) / length) <= 1


@pytest.mark.parametrize(
    ("own", "of", "share", "stays"),
    [
        (75, 500, 0.08, True),
        (39, 500, 0.08, False),
        (41, 500, 0.08, True),
        (75, 500, 0.2, False),
        (9, 20, 0.08, False),
    ],
)
def test_a_document_stays_for_enough_words_of_its_own(own: int, of: int, share: float, stays: bool) -> None:
    assert too_many(own, of, share) is stays
    assert not too_many(MIN_UNIQUE_WORDS - 1, MIN_UNIQUE_WORDS, 0.0) and not too_many(of, of, 1.0)
