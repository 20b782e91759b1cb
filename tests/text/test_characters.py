"""What the table says of each character, asked of ``str`` and of the module regex for all of Unicode."""

from __future__ import annotations

import sys

import numpy as np
import regex

from text.characters import (
    ALONE,
    ALPHANUMERIC,
    APOSTROPHE,
    BEGINS,
    CONTINUES,
    DIGIT,
    FOLDED,
    MARK,
    SEVERAL,
    SPACE,
    characters,
    code_points,
)

FACTS, ROWS = characters()
CODES = range(sys.maxunicode + 1)
MEMBER = regex.compile(r"[\w\p{M}]")


def which(bit: int) -> list[int]:
    return np.flatnonzero(FACTS & bit).tolist()


def test_letters_digits_and_white_space_are_those_of_str() -> None:
    assert which(ALPHANUMERIC) == [code for code in CODES if chr(code).isalnum()]
    assert which(DIGIT) == [code for code in CODES if chr(code).isdecimal()]
    assert which(SPACE) == [code for code in CODES if chr(code).isspace()]
    assert which(APOSTROPHE) == [ord("'"), ord("’")]


def test_nothing_is_part_of_a_word_but_what_regex_takes_for_it() -> None:
    members = [code for code in CODES if MEMBER.match(chr(code))]
    assert which(BEGINS | CONTINUES | ALONE | MARK) == members
    assert which(MARK) == [code for code in members if regex.match(r"\p{M}", chr(code))]


def test_case_is_folded_as_str_does_it() -> None:
    for code in CODES:
        folded = chr(code).casefold()
        if FACTS[code] & SEVERAL:
            row = ROWS[FACTS[code] & FOLDED]
            assert row[: len(folded)].tolist() == code_points(folded).tolist() and len(folded) > 1
            assert not row[len(folded) :].any()
        elif FACTS[code] & FOLDED != code or folded != chr(code):
            assert chr(FACTS[code] & FOLDED) == folded
