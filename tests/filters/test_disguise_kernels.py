"""Places at which words in disguise may stand are those of a plain reading with expressions."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.disguise_kernels import suspects
from tests.filters.plain_disguises import plain_suspects
from text.characters import characters, code_points


def found(text: str) -> tuple[list[int], bool]:
    # A place may be there twice: as a run's beginning, and as a letter that is spaced out.
    starts, is_mixed = suspects(code_points(text), characters().facts)
    assert starts.tolist() == sorted(starts.tolist())
    return sorted(set(starts.tolist())), bool(is_mixed)


PIECES = st.sampled_from(
    [*"abz", *"AZ", *"0123456789", *"@$*!+|", *" ._*-\n,", *"`{[/:\x7f\x80", *"\u00bf\u00c0\u036f\u0370\u0378\u037e\u03bf\u0430\u04ff\u0500\u058f\u0590\u05d0",
     *"ßª²٣製\u0301", "ab", "a" * 17, "s.e.x", "a-b-c", "a b c", "\ud800"]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=14).map("".join))
@example("a!" * 3 + "\u03bf")
def test_places_are_those_of_a_plain_reading(text: str) -> None:
    assert found(text) == plain_suspects(text)


@settings(max_examples=200)
@given(st.text("a\u03bf0*. ", max_size=12))
def test_letters_of_two_scripts_and_letters_spaced_out(text: str) -> None:
    assert found(text) == plain_suspects(text)


@pytest.mark.parametrize("length", [2, 3, 4, 19, 20, 21, 22, 23])
@pytest.mark.parametrize("sign", ["!", "$", "0", "*", "6", "²"])
def test_words_have_three_characters_to_twenty(length: int, sign: str) -> None:
    for place in {0, 1, 2, 3, 4, length - 1, length - 2, 19, 20, 21} & set(range(length)):
        text = "x " + "a" * place + sign + "a" * (length - place - 1)
        assert found(text) == plain_suspects(text), text


@pytest.mark.parametrize("gap", [" ", ".", "_", "*", "-", ",", "+"])
def test_letters_are_spaced_out_by_equal_gaps(gap: str) -> None:
    for text in (
        "s{0}e{0}x",
        "{0}s{0}e{0}x{0}",
        "as{0}e{0}x",
        "s{0}e{0}xa",
        "s{0}e x",
        "s{0}e{0}",
        "s{0}3{0}x",
        "s{0}e{0}3",
        "3s{0}e{0}x3",
    ):
        assert found(text.format(gap)) == plain_suspects(text.format(gap)), text


def test_a_run_whose_letters_are_spaced_out_is_looked_at_from_its_beginning() -> None:
    assert found("sex") == ([], False)
    assert found("10_s_e_x") == ([0, 3], False)
    assert found("p0rn s.e.x p0rn") == ([0, 5, 11], False)


def test_a_word_of_two_scripts_has_no_sign_in_it() -> None:
    for text, is_mixed in (
        ("p\u043ern", True),
        ("\u043fo", True),
        ("p*\u043e", False),
        ("p \u043e", False),
        ("p1\u043e", True),
        ("1\u043e", False),
    ):
        assert found(text)[1] is is_mixed, text
