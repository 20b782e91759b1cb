"""What documents are compared by: nothing is exempt, however short and in whatever script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.minhash import jaccard
from dedup.shingles import Shingling, shingles
from text.segment import words

RULE = Shingling(words=5, short_words=20, characters=8)


def numbered(start: int, stop: int) -> list[str]:
    return [f"word{number}" for number in range(start, stop)]


def test_shingles_are_runs_of_five_words() -> None:
    one, other = shingles(numbered(0, 100), "en", RULE), shingles(numbered(10, 110), "en", RULE)
    assert len(one) == 96
    assert jaccard(one, other) == 86 / 106


def test_shingles_are_a_sorted_set() -> None:
    found = shingles(numbered(0, 30) * 3, "en", RULE)
    assert found.dtype == np.uint64 and (np.diff(found.astype(object)) > 0).all()
    assert found.tolist() == shingles(numbered(0, 30) * 7, "en", RULE).tolist()


def test_the_order_of_words_matters() -> None:
    assert jaccard(shingles(numbered(0, 200), "en", RULE), shingles(numbered(0, 200)[::-1], "en", RULE)) == 0


def test_a_changed_word_costs_a_short_document_less_by_characters_than_by_words() -> None:
    text = "the miller opens the sluice an hour before sunrise when the pond is full".split()
    changed = [*text[:6], "day", *text[7:]]
    by_words = Shingling(words=5, short_words=0)
    assert jaccard(shingles(text, "en", by_words), shingles(changed, "en", by_words)) < 0.5
    assert jaccard(shingles(text, "en", RULE), shingles(changed, "en", RULE)) > 0.65


@pytest.mark.parametrize("length", [1, 2, 3])
def test_documents_shorter_than_a_shingle_are_compared_as_a_whole(length: int) -> None:
    document = ["a", "bc", "d"][:length]
    assert len(shingles(document, "en", RULE)) == 1
    assert shingles(document, "en", RULE).tolist() != shingles([*document, "e"], "en", RULE).tolist()


@pytest.mark.parametrize(
    ("language", "text", "length"),
    [("zh", "磨坊主在日出前一小时打开水闸因为池塘满了", 10), ("th", "โรงสีเปิดประตูน้ำก่อนพระอาทิตย์ขึ้นหนึ่งชั่วโมง", 20)],
)
def test_scripts_without_spaces_are_compared_by_characters(language: str, text: str, length: int) -> None:
    found = words(text)
    joined = "".join(found)
    assert len(shingles(found, language, RULE)) == len(
        {joined[i : i + length] for i in range(len(joined) - length + 1)}
    )


def test_numbers_differ_unless_they_are_folded() -> None:
    one, other = numbered(0, 10) * 3, numbered(10, 20) * 3
    assert jaccard(shingles(one, "en", RULE), shingles(other, "en", RULE)) == 0
    folding = Shingling(words=5, short_words=20, fold_numbers=True)
    assert jaccard(shingles(one, "en", folding), shingles(other, "en", folding)) == 1


@given(st.lists(st.text(max_size=4), max_size=40), st.sampled_from(["en", "ja", "th"]))
def test_every_document_with_words_has_shingles(document: list[str], language: str) -> None:
    assert len(shingles(document, language, RULE)) >= bool("".join(document))
