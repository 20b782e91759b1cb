"""One segmentation: words never cross lines, and both of its patterns agree."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from text.segment import UNSPACED, count_words, lines, words

# Letters of several scripts, marks, joiners, apostrophes, digits, white space: what segmentation can go wrong on.
TRICKY = list("aB’'é́ शबิที่中語かな한글ßЖ_09 .,-\u200d\t\r\u2028\u00a0\n")
TEXTS = st.text(st.sampled_from(TRICKY)) | st.text()


@given(TEXTS)
def test_words_of_a_text_are_the_words_of_its_lines(text: str) -> None:
    assert words(text) == [word for line in lines(text) for word in words(line)]


@given(TEXTS)
def test_counting_is_additive_over_lines(text: str) -> None:
    assert count_words(text) == sum(count_words(line) for line in text.split("\n"))


@given(TEXTS)
def test_words_stand_in_the_text_in_order(text: str) -> None:
    position = 0
    for word in words(text):
        position = text.index(word, position) + len(word)


@given(st.text(st.sampled_from(list("ab’'é́ शी한Ж_9 .-\n"))))
def test_an_unspaced_character_elsewhere_changes_no_other_word(text: str) -> None:
    assert words(text + "\n中") == [*words(text), "中"]


def test_all_patterns_agree_on_every_character_without_an_unspaced_script() -> None:
    joiners = "\u200c\u200d"
    reference = regex.compile(rf"[^\W{joiners}]\w*(?:['’]\w+)*")
    unspaced = regex.compile(f"[{UNSPACED}]")
    texts = (
        f"a{chr(point)}b {chr(point)}'{chr(point)}c ’" for point in range(0x20000) if not 0xD800 <= point < 0xE000
    )
    assert [text for text in texts if not unspaced.search(text) and words(text) != reference.findall(text)] == []


def test_lines_hold_more_than_white_space() -> None:
    assert lines("one\n\n \t\u00a0\n two \r\n") == ["one", " two \r"]


def test_words_by_script() -> None:
    assert words("Don't stop: it’s 3.5 km, e-mail_me!") == ["Don't", "stop", "it’s", "3", "5", "km", "e", "mail_me"]
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("한국어 텍스트") == ["한국어", "텍스트"]
    assert words("日本語OK。") == ["日", "本", "語", "OK"]
    assert words("ที่นี่") == ["ที่", "นี่"]
