"""Which texts are surely in none of the wanted languages, and which had better be looked at."""

from __future__ import annotations

import pytest

from filters.language import LanguageIdentifier
from filters.other_languages import OtherLanguages

GERMAN = (
    "Der Müller öffnet vor Tagesanbruch die Schleuse, und bald dreht sich das Rad im kalten Wasser des Baches. Seine "
    "Tochter zählt die Säcke an der Tür und macht für jeden zehnten einen Strich mit Kreide an das alte Tor. "
)
ENGLISH = (
    "The miller opens the sluice an hour before sunrise, when the pond is full, and his daughter counts the sacks by the "
    "door and chalks a mark for every tenth one, while two horses wait in the yard with steam around their nostrils. "
)


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


def test_a_text_in_another_language_is_named_with_its_probability(identifier: LanguageIdentifier) -> None:
    found = OtherLanguages(identifier, ["en"]).judge(GERMAN * 3)
    assert found == identifier.identify(GERMAN * 3)
    assert found is not None
    assert found[0] == "de"
    assert found[1] > 0.8


def test_a_text_in_a_wanted_language_is_not_judged(identifier: LanguageIdentifier) -> None:
    assert OtherLanguages(identifier, ["en", "de"]).judge(GERMAN * 3) is None
    assert OtherLanguages(identifier, ["de"]).judge(GERMAN * 3) is None


@pytest.mark.parametrize("before", range(0, 4000, 170))
def test_one_passage_in_a_wanted_language_anywhere_is_enough(identifier: LanguageIdentifier, before: int) -> None:
    around = GERMAN * 20
    text = around[:before] + " " + ENGLISH * 2 + around[before:]
    assert OtherLanguages(identifier, ["en"]).judge(text) is None
    assert OtherLanguages(identifier, ["fr"]).judge(text) is not None


def test_names_among_sentences_are_in_the_language_around_them(identifier: LanguageIdentifier) -> None:
    names = " Share on Facebook, follow us on Twitter, subscribe to our newsletter. " * 2
    text = GERMAN * 5 + names[:140] + GERMAN * 5
    assert OtherLanguages(identifier, ["en"]).judge(text) is not None


def test_short_passages_again_and_again_are_more_than_names(identifier: LanguageIdentifier) -> None:
    assert OtherLanguages(identifier, ["en"]).judge((GERMAN[:150] + ENGLISH[:190]) * 20) is None


def test_texts_too_short_or_too_long_to_tell_are_not_judged(identifier: LanguageIdentifier) -> None:
    others = OtherLanguages(identifier, ["en"])
    assert others.judge(GERMAN[:200]) is not None
    assert others.judge(GERMAN[:199]) is None
    assert others.judge("") is None
    long = GERMAN * 1600
    assert others.judge(long[:200_000]) is not None
    assert others.judge(long[:200_001]) is None


def test_a_text_that_is_in_no_language_for_sure_is_not_judged(identifier: LanguageIdentifier) -> None:
    assert OtherLanguages(identifier, ["en"]).judge("1 234 – 567 " * 40) is None


def test_languages_that_count_as_one_are_wanted_by_the_name_of_the_group() -> None:
    grouped = LanguageIdentifier(groups={"west": ["de", "nl"]})
    assert OtherLanguages(grouped, ["west"]).judge(GERMAN * 3) is None
    found = OtherLanguages(grouped, ["en"]).judge(GERMAN * 3)
    assert found is not None
    assert found[0] == "west"


def test_what_may_be_in_a_language_takes_in_all_that_is_identified_as_such(identifier: LanguageIdentifier) -> None:
    texts = [
        GERMAN,
        ENGLISH,
        "Мельник открывает шлюз за час до рассвета, когда пруд полон, а дочь считает мешки.",
        "",
        "12",
    ]
    assert identifier.places_in(texts, ["en"], 0.5) == [1]
    assert identifier.places_in(texts, ["de", "en"], 0.5) == [0, 1]
    assert identifier.places_in(texts, ["ru"], 0.5) == [2]
    assert identifier.places_in(texts, ["zu"], 0.5) == []
    assert identifier.places_in([], ["en"], 0.5) == []
