"""Filters by name: those of the house, and classes of one's own by their full dotted name."""

from __future__ import annotations

import pytest

from filters.registry import FILTERS, make_filter
from filters.verdict import Reject
from text.document import Document


class Shouting:
    """Rejects documents in capitals; a filter as someone else would write it."""

    name = "shouting"

    def __init__(self, threshold: float, statistics: object = None) -> None:
        self.threshold = threshold
        self.statistics = statistics

    def score(self, document: Document) -> dict[str, float] | None:
        letters = [letter for letter in document.text if letter.isalpha()]
        return {"capitals": sum(map(str.isupper, letters)) / len(letters)} if letters else None

    def decide(self, scores) -> Reject | None:
        return Reject("shouting", scores["capitals"]) if scores["capitals"] > self.threshold else None


class Open(Shouting):
    """Takes settings by any name."""

    def __init__(self, **settings: float) -> None:
        super().__init__(settings["threshold"])


class Nameless:
    pass


class Namesake(Shouting):
    name = "repetition"


class Undecided:
    name = "undecided"

    def score(self, document: Document) -> None: ...


class Unfinished:
    """Removes lines, and can't say what it makes of the rest."""

    name = "unfinished"

    def judge_lines(self, document: Document) -> tuple[dict[int, str], None]:
        return {}, None


HERE = __name__


@pytest.mark.parametrize("name", sorted(set(FILTERS) - {"decontamination"}))  # which can't be without its test sets
def test_filters_of_the_house_are_found_by_name(name: str) -> None:
    assert make_filter(name, {}, {}).name == name


@pytest.mark.parametrize("name", ["Shouting", "Open"])
def test_a_class_of_ones_own_is_found_by_its_dotted_name(name: str) -> None:
    made = make_filter(f"{HERE}.{name}", {"threshold": 0.5}, {})
    assert made.decide(made.score(Document("ALL OF IT", "en"))) == Reject("shouting", 1.0)
    assert made.decide(made.score(Document("none of it", "en"))) is None


def test_statistics_are_handed_to_those_who_take_them() -> None:
    statistics: dict = {"en": None}
    assert make_filter(f"{HERE}.Shouting", {"threshold": 1}, statistics).statistics is statistics  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("perplexity", {}, "there is no filter called 'perplexity'; there are .*repetition"),
        ("nowhere.at.All", {}, "'nowhere.at.All' can't be loaded: No module named 'nowhere'"),
        (".Shouting", {}, "'.Shouting' can't be loaded"),
        (f"{HERE}.Whispering", {}, "can't be loaded: .* has no attribute 'Whispering'"),
        (f"{HERE}.HERE", {}, "and a filter is a class"),
        (f"{HERE}.Nameless", {}, "has no name"),
        (f"{HERE}.Namesake", {"threshold": 1}, "calls itself 'repetition', as a filter of gristmill does"),
        (f"{HERE}.Undecided", {}, "has no method decide"),
        (f"{HERE}.Unfinished", {}, "has no method decide"),
        (f"{HERE}.Shouting", {}, "needs the setting 'threshold'"),
        (f"{HERE}.Shouting", {"treshold": 1}, "has no setting 'treshold'; it knows threshold"),
        ("repetition", {"statistics": {}}, "repetition has no setting 'statistics'"),
    ],
)
def test_what_is_no_filter_is_refused_in_a_sentence(name: str, settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_filter(name, settings, {})
