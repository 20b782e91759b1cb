"""What a rule took offence at is found where it stands; stretches come in order and lie apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.marks import find_marks

REASONS = ["duplicate_5gram", "top_2gram", "mostly_repeated", "dirty_words", "adult"]


def marked(text: str, stage: str, reason: str, terms: tuple[str, ...] = ()) -> list[str]:
    return [text[mark.start : mark.end] for mark in find_marks(text, "en", stage, reason, {}, terms)]


def test_what_is_said_again_is_marked_and_the_first_time_is_not() -> None:
    said = "the wheel turns in the cold"
    assert marked(f"{said}, and later: {said}!", "heuristics", "duplicate_5gram") == [said]
    assert marked("a b x a b y a b", "heuristics", "top_2gram") == ["a b", "a b"]


def test_words_of_the_domains_evidence_are_marked_whole() -> None:
    assert marked("Porn and pornography; PORN", "domains", "adult", ("porn",)) == ["Porn", "PORN"]
    assert marked("nothing of that kind", "domains", "adult", ("", "porn")) == []


def test_of_a_verdict_without_words_nothing_is_marked() -> None:
    assert marked("a b a b a b", "quality", "low_quality") == []


@pytest.mark.parametrize("reason", REASONS)
@given(text=st.text(st.sampled_from("ab \n漢'é1"), max_size=80))
def test_stretches_come_in_order_and_lie_apart(text: str, reason: str) -> None:
    at = 0
    for mark in find_marks(text, "en", "domains" if reason == "adult" else "heuristics", reason, {}, ("a", "a b")):
        assert at <= mark.start < mark.end <= len(text)
        at = mark.end
