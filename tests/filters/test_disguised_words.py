"""Disguises of listed words are undone, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.disguised_words import Disguises
from tests.filters.plain_disguises import plainly_undone
from text.view import TextView

WORDS = ["porn", "fuck", "fucking", "pussy", "sex", "milf", "girls", "free", "tits"]
UNDO = Disguises(WORDS)


def undone(disguises: Disguises, text: str) -> tuple[str, int]:
    view, hidden = disguises.undone(TextView(text))
    return view.text, hidden


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
    text, count = undone(UNDO, written)
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
    assert undone(UNDO, text) == (text, 0)


@given(st.text("ab1*. $\u043e\n", max_size=200))
def test_text_without_a_listed_word_stays(text: str) -> None:
    view = TextView(text)
    assert Disguises(["qqqq"]).undone(view) == (view, 0)


# Letters, what stands for letters, gaps, and characters that modules and methods take for different things.
PIECES = st.sampled_from(
    [*"sexpornfuck", *"SEXa", *"0123456789", *"@$*!+|", *" ._*-\n", *"\u043e\u0435\u03bfßİ²½٣ª\u0301\u0483\u037e中_–’", "sex", "p0rn",
     "f*ck", "s.e.x", " s e x ", "porn!", "x" * 18, "\ud800"]
)  # fmt: skip
SHORT = ["sex", "porn", "fuck", "xxx", "ss", "\u0441\u0435\u043a\u0441", "x²x", "pornoporn"]


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=40))
def test_looking_where_words_may_stand_is_looking_everywhere(text: str) -> None:
    assert undone(Disguises(SHORT), text) == plainly_undone(SHORT, text)


def test_every_character_is_a_letter_or_none_as_the_patterns_take_it() -> None:
    points = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x10800)]
    for pattern in ("s3{0}x ", "x{0}x! ", " s{0}e{0}x ", "a{0}p0rn ", "p\u043er{0}n "):
        text = "".join(pattern.format(chr(point)) for point in points)
        words = ["s3x", "sex", "porn", "xx", *(f"x{chr(point)}x" for point in points)]
        assert undone(Disguises(words), text) == plainly_undone(words, text)
