"""Behind the first survivors of a component a document is compared with those that share a band with it, and few."""

from __future__ import annotations

import numpy as np
import pytest

from dedup import later_survivors
from dedup.later_survivors import LaterSurvivors

PLACES = 24


def _signed(*values: int) -> dict[str, bytes]:
    return {"words": np.array(values, np.uint32).tobytes()}


def _with_first(shared: int, own: int) -> dict[str, bytes]:
    """A signature of which so many places are those of all such ones."""
    return _signed(*range(shared), *(1000 * own + place for place in range(PLACES - shared)))


def _like(later: LaterSurvivors[str], signatures: dict[str, bytes]) -> list[tuple[str, float]]:
    (bands,) = later.bands([signatures])
    return list(later.like(bands, signatures))


def _add(later: LaterSurvivors[str], name: str, signatures: dict[str, bytes]) -> None:
    later.add(name, later.bands([signatures])[0], signatures)


def test_those_that_share_a_band_are_named_in_their_order_with_their_similarity() -> None:
    later: LaterSurvivors[str] = LaterSurvivors(6)
    _add(later, "half", _with_first(12, 1))
    _add(later, "none", _with_first(5, 2))
    _add(later, "most", _with_first(18, 3))
    assert _like(later, _with_first(PLACES, 0)) == [("half", 0.5), ("most", 0.75)]
    assert _like(later, _with_first(0, 9)) == []


def test_kinds_of_shingles_never_meet_and_the_first_that_both_have_decides() -> None:
    later: LaterSurvivors[str] = LaterSurvivors(6)
    words, characters = _with_first(PLACES, 0), {"characters": _with_first(PLACES, 0)["words"]}
    other = {"characters": _with_first(12, 1)["words"]}
    _add(later, "words", words)
    _add(later, "both", {**words, **other})
    assert _like(later, words) == [("words", 1.0), ("both", 1.0)]
    assert _like(later, characters) == [("both", 0.5)]
    assert _like(later, {**words, **characters}) == [("words", 1.0), ("both", 0.5)]


def test_however_many_there_are_few_are_asked_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later_survivors, "KEPT", 50)
    monkeypatch.setattr(later_survivors, "PER_BAND", 3)
    later: LaterSurvivors[str] = LaterSurvivors(6)
    for number in range(400):
        _add(later, f"{number}", _with_first(12 if number % 2 else 0, number + 1))
    found = [int(name) for name, _ in _like(later, _with_first(PLACES, 0))]
    assert len(found) == 3 and found == sorted(found) and all(number >= 350 and number % 2 for number in found)
    assert _like(later, _with_first(0, 399)) == [("398", 1.0)]
    assert _like(later, _with_first(0, 301)) == [], "the last 50 are kept"


def test_signatures_shorter_than_a_band_are_one() -> None:
    later: LaterSurvivors[str] = LaterSurvivors(6)
    _add(later, "one", _signed(1, 2, 3, 4))
    assert _like(later, _signed(1, 2, 3, 4)) == [("one", 1.0)] and _like(later, _signed(1, 2, 3, 5)) == []
