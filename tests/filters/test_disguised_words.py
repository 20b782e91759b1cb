"""Disguises of listed words are undone, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.disguised_words import Disguises

UNDO = Disguises(["porn", "fuck", "fucking", "pussy", "sex", "milf", "girls", "free", "tits"])


@pytest.mark.parametrize(
    ("written", "plain", "hidden"),
    [
        ("p0rn", "porn", 1),
        ("PU$$Y", "pussy", 1),
        ("m1lf and M!LF", "milf and milf", 1),
        ("g1rls and gir1s", "girls and girls", 1),
        ("s3x, fr33", "sex, free", 2),
        ("f*ck", "fuck", 0),
        ("f***ing", "fucking", 0),
        ("s.e.x", "sex", 1),
        ("p o r n now", "porn now", 1),
        ("p\u043ern", "porn", 1),
        ("t!ts!", "tits!", 1),
    ],
)
def test_disguises(written: str, plain: str, hidden: int) -> None:
    text, count = UNDO.undone(written)
    assert (text.rstrip("!"), count) == (plain.rstrip("!"), hidden)


@pytest.mark.parametrize(
    "text",
    [
        "mp3 c3po R2D2 $100 2nd 3D",
        "a b c d",
        "f***",
        "*** **",
        "sex",
        "e.g. i.e. U.S.A.",
        "2*x*y",
        "\u043f\u043e\u0440\u043d\u043e",
        "F*",
        "x@y.z",
    ],
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert UNDO.undone(text) == (text, 0)


@given(st.text("ab1*. $\u043e\n", max_size=200))
def test_text_without_a_listed_word_stays(text: str) -> None:
    assert Disguises(["qqqq"]).undone(text) == (text, 0)
