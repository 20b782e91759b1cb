"""One pass finds the words that the patterns of text.segment find, and hashes that text.hashing gives."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.characters import FOLDING_ENDS
from text.hashing import hash64, hash64s
from text.segment import lines, words
from text.word_scan import count, scan
from text.xxh3 import LONGEST

# Case folding makes three characters of ΐ and ﬃ, two of ß, and of \U00010400 another one of four bytes.
CHARACTERS = "aBß’'e\u0301 शबि中\U00020000かゝな한ЖᏰ_09²๒.-\t\r\u200d\u200c\n\0\ud800ΐﬃİ\U00010400กำက္ខ្"
TEXTS = st.text(st.sampled_from(CHARACTERS)) | st.text()


@given(TEXTS)
def test_words_and_their_hashes_are_those_of_the_definitions(text: str) -> None:
    found, expected = scan(text), words(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == expected
    assert found.folded.tolist() == hash64s([word.casefold() for word in expected]).tolist()
    assert found.has_digit.tolist() == [any(map(str.isdecimal, word)) for word in expected]
    assert np.diff(found.before_row).tolist() == [len(words(row)) for row in text.split("\n")]
    assert count(text) == len(expected)
    assert found.before_row[0] == 0 and len(lines(text)) < len(found.before_row)


# All but of the large even stretches (ideographs, Hangul, unassigned ones), of which there is one in 61.
POINTS = [
    point for point in range(sys.maxunicode + 1)
    if point < 0x3400 or 0xA000 <= point < 0xAC00 or 0xF900 <= point < 0x17000 or point % 61 == 0
]  # fmt: skip


@pytest.mark.parametrize("pattern", ["{0}a'{0}", "a{0}a", "ก{0}ะ{0}x"])
def test_every_character_is_what_the_patterns_take_it_for(pattern: str) -> None:
    text = "中\n" + "\n".join(pattern.format(chr(point)) for point in POINTS)
    found = scan(text)
    expected = words(text)  # by the pattern for all scripts, which the text's first word asks for
    assert [text[start:end] for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True)] == expected
    assert (found.folded == hash64s([word.casefold() for word in expected])).all() and count(text) == len(expected)
    assert found.has_digit.tolist() == [any(map(str.isdecimal, word)) for word in expected]


@pytest.mark.parametrize("character", ["x", "é", "中", "\U00010400", "ß", "ΐ"])
def test_words_of_every_length_are_hashed_in_full(character: str) -> None:
    sizes = range(1, LONGEST + 12)
    text = " ".join(f"{character * size}y" for size in sizes)
    assert scan(text).folded.tolist() == [hash64(word.casefold()) for word in words(text)]


def test_no_row_and_no_word() -> None:
    found = scan("")
    assert [len(column) for column in found] == [0, 0, 0, 0, 2] and found.before_row.tolist() == [0, 0]
    assert scan("\n\n").before_row.tolist() == [0, 0, 0, 0]
    assert scan("one\ntwo three\n").before_row.tolist() == [0, 1, 3, 3]


def test_a_word_of_a_million_characters() -> None:
    text = "a " + "Ü" * 1_000_000 + " b"
    assert scan(text).folded.tolist() == [hash64("a"), hash64("ü" * 1_000_000), hash64("b")]


def test_no_character_behind_the_table_of_foldings_changes_its_case() -> None:
    assert max(point for point in range(sys.maxunicode + 1) if chr(point).casefold() != chr(point)) < FOLDING_ENDS
