"""A view says of a text what text.segment and text.hashing say of it."""

from __future__ import annotations

import pickle
import sys
import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from text.document import Document, Span
from text.hashing import hash64s
from text.segment import HAS_UNSPACED, lines, words
from text.view import TextView

TEXTS = st.text(st.sampled_from(list("aBß’é́ शबि中かな한Ж_09 .-\t\r\u200d\n"))) | st.text()


@given(TEXTS)
def test_a_view_agrees_with_the_segmentation_and_the_hashes(text: str) -> None:
    view = TextView(text)
    assert (view.rows, view.lines, view.words) == (text.split("\n"), lines(text), words(text))
    assert view.folded == [word.casefold() for word in words(text)]
    assert view.folded_codes.tolist() == [ord(character) for word in view.folded for character in word]
    assert view.lengths.tolist() == [len(word) for word in view.words]
    assert view.hashes.tolist() == hash64s(view.words).tolist()
    assert view.folded_hashes.tolist() == hash64s(view.folded).tolist()
    assert view.has_digit.tolist() == [any(c.isdecimal() for c in word) for word in view.words]
    assert view.words_by_row == [words(row) for row in text.split("\n")]
    assert view.row_word_counts.tolist() == [len(found) for found in view.words_by_row]
    assert view.word_count == len(view.words)


def test_folding_word_by_word_is_folding_the_text() -> None:
    different = [
        point
        for point in range(sys.maxunicode + 1)
        if (text := f"a{chr(point)}b {chr(point)}") != (folded := text.casefold())
        and [word.casefold() for word in words(text)] != words(folded)
    ]
    assert different == []


def test_threads_do_not_disturb_each_other() -> None:
    texts = [" ".join(f"{name}{number}" for number in range(500)) for name in "abcd"]
    found: dict[str, np.ndarray] = {}
    threads = [threading.Thread(target=lambda t=text: found.update({t: TextView(t).hashes})) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[text].tolist() == hash64s(words(text)).tolist() for text in texts)


def test_a_document_is_segmented_once_and_its_prose_leaves_out_what_is_none() -> None:
    plain = Document("one two")
    assert plain.prose is plain.view and plain.view is plain.view
    mixed = Document("one x=1 two", spans=(Span(4, 7, "code"), Span(0, 3, "quote")))
    assert mixed.view.words == ["one", "x", "1", "two"] and mixed.prose.words == ["one", "two"]


def test_a_document_travels_without_its_views() -> None:
    document = Document("one two")
    assert document.view.words
    copy = pickle.loads(pickle.dumps(document))
    assert copy == document and "view" not in vars(copy) and len(pickle.dumps(document)) < 200


@given(st.text(st.sampled_from(list("aB중é 中文かなทดມຂကစខ\u0301\u0e31_9。"))))
def test_most_words_say_how_many_characters_make_one(text: str) -> None:
    found = words(text)
    unspaced = [word for word in found if HAS_UNSPACED.match(word)]
    south_east_asian = [word for word in unspaced if "\u0e01" <= word[0] <= "\u0eff" or word[0] in "ကစខ"]
    expected = 1 if 2 * len(unspaced) <= len(found) else 4 if 2 * len(south_east_asian) > len(unspaced) else 2
    assert TextView(text).characters_a_word == expected
    assert TextView(text).codes.tolist() == [ord(character) for character in text]
