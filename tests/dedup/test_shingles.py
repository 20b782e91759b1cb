"""What documents are compared by: nothing is exempt, however short and in whatever script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.minhash import jaccard
from dedup.shingles import Shingling, common_kind, shingle_hashes, shingles, shortest_beside_longer
from recipes import load
from text.segment import words
from text.view import TextView

RULE = Shingling(words=5, short_words=20, characters=8, both_from=15)


def alike(one: list[str], other: list[str], rule: Shingling = RULE) -> float:
    """The similarity that two English documents are compared by."""
    of_one, of_other = shingles(view(one), "en", rule), shingles(view(other), "en", rule)
    kind = common_kind(of_one, of_other)
    return jaccard(of_one[kind], of_other[kind]) if kind else 0.0


def view(words: list[str]) -> TextView:
    return TextView(" ".join(words))


def numbered(start: int, stop: int) -> list[str]:
    return [f"word{number}" for number in range(start, stop)]


def test_shingles_are_runs_of_five_words() -> None:
    assert len(shingles(view(numbered(0, 100)), "en", RULE)["words"]) == 96
    assert alike(numbered(0, 100), numbered(10, 110)) == 86 / 106


def test_shingles_are_a_sorted_set() -> None:
    found = shingles(view(numbered(0, 30) * 3), "en", RULE)["words"]
    assert found.dtype == np.uint64 and (np.diff(found.astype(object)) > 0).all()
    assert found.tolist() == shingles(view(numbered(0, 30) * 7), "en", RULE)["words"].tolist()


def test_the_order_of_words_matters() -> None:
    assert alike(numbered(0, 200), numbered(0, 200)[::-1]) == 0


def test_a_changed_word_costs_a_short_document_less_by_characters_than_by_words() -> None:
    text = "the miller opens the sluice an hour before sunrise when the pond is full".split()
    changed = [*text[:6], "day", *text[7:]]
    by_words = Shingling(words=5, short_words=0)
    assert alike(text, changed, by_words) < 0.5
    assert alike(text, changed) > 0.65


@pytest.mark.parametrize("length", [1, 2, 3])
def test_documents_shorter_than_a_shingle_are_compared_as_a_whole(length: int) -> None:
    document = ["a", "bc", "d"][:length]
    assert [len(found) for found in shingles(view(document), "en", RULE).values()] == [1]
    assert alike(document, document) == 1 and alike(document, [*document, "e"]) < 1


@pytest.mark.parametrize(
    ("language", "text", "length"),
    [("zh", "磨坊主在日出前一小时打开水闸因为池塘满了", 2), ("th", "โรงสีเปิดประตูน้ำก่อนพระอาทิตย์ขึ้นหนึ่งชั่วโมง", 5)],
)
def test_scripts_without_spaces_are_compared_by_characters(language: str, text: str, length: int) -> None:
    joined = "".join(words(text))
    expected = {joined[i : i + length] for i in range(len(joined) - length + 1)}
    assert {kind: len(of_kind) for kind, of_kind in shingles(TextView(text), language, RULE).items()} == {
        "characters": len(expected)
    }


@pytest.mark.parametrize(
    ("length", "kinds"),
    [(29, {"characters"}), (30, {"characters", "words"}), (39, {"characters", "words"}), (40, {"words"})],
)
def test_scripts_without_spaces_have_words_of_so_many_characters(length: int, kinds: set[str]) -> None:
    found = shingles(TextView("".join(chr(0x4E00 + number) for number in range(length))), "zh", RULE)
    assert set(found) == kinds
    assert len(found.get("words", range(length - 9))) == length - 9


# One short text with the same two phrases changed.
CHANGED = {
    "en": (
        "The mill by the river opens at eight in the morning and closes at six. Bread is baked {} and sold {}. Visitors "
        "may watch the wheel turn, taste the flour and buy a sack of it in the yard.",
        ("twice a week", "on Saturday"), ("every day", "on Sunday"),
    ),
    "zh": (
        "河边的磨坊早上八点开门晚上六点关门。面包{}烘烤，{}出售。游客可以观看水轮转动，品尝面粉，在院子里买一袋带回家，"
        "孩子们还可以喂养马匹和鸭子，听老磨坊主讲述从前的故事，了解谷物如何变成白色的面粉。",
        ("每周两次", "星期六"), ("每天一次", "星期日"),
    ),
    "th": (
        "โรงสีริมแม่น้ำเปิดแปดโมงเช้าและปิดหกโมงเย็น ขนมปังอบ{}และขาย{} ผู้มาเยือนสามารถชมกังหันหมุน ชิมแป้ง "
        "และซื้อแป้งหนึ่งถุงกลับบ้านจากลานด้านหน้า เด็กๆ ยังให้อาหารม้าและฟังเรื่องเล่าเก่าๆ ของเจ้าของโรงสีได้อีกด้วย",
        ("สองครั้งต่อสัปดาห์", "วันเสาร์"), ("หนึ่งครั้งต่อสัปดาห์", "วันศุกร์"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", CHANGED)
def test_a_short_near_duplicate_is_found_in_every_script(language: str) -> None:
    text, *phrases = CHANGED[language]
    rule = Shingling(5, 64, 12, both_from=shortest_beside_longer(64, 5, 0.7))
    one, other = (shingles(TextView(text.format(*two)), language, rule) for two in phrases)
    kind = common_kind(one, other)
    assert kind == "characters" and jaccard(one[kind], other[kind]) > 0.6


def test_numbers_differ_unless_they_are_folded() -> None:
    one, other = numbered(0, 10) * 3, numbered(10, 20) * 3
    assert alike(one, other) == 0
    folding = Shingling(words=5, short_words=20, fold_numbers=True)
    assert alike(one, other, folding) == 1


def test_a_document_without_words_has_no_shingle() -> None:
    assert [
        len(found) for found in shingle_hashes(TextView(""), "en", Shingling(words=5, short_words=0)).values()
    ] == [0]
    assert [len(found) for found in shingle_hashes(TextView(""), "ja", RULE).values()] == [0]


def test_shingles_are_the_same_in_every_version() -> None:
    """Runs are continued with the signatures that they have stored."""
    rule = Shingling(words=2, short_words=4, characters=3, both_from=2)
    hashes = shingle_hashes(TextView("A b cd"), "en", rule)
    assert {kind: found.tolist() for kind, found in hashes.items()} == {
        "characters": [15028945142415595710, 17329619193392097657, 8718607004781316918, 1077918962360063458],
        "words": [1963939463828214490, 9300825785636641750],
    }


def test_the_defaults_are_those_of_the_shipped_recipe() -> None:
    shipped = load("llama3").documents
    assert shipped is not None
    both_from = shortest_beside_longer(shipped.short_words, shipped.shingle_words, shipped.min_similarity)
    assert Shingling() == Shingling(
        shipped.shingle_words, shipped.short_words, shipped.shingle_characters, shipped.fold_numbers, both_from
    )


def test_one_of_46_words_is_the_shortest_within_reach_of_64() -> None:
    assert shortest_beside_longer(64, 5, 0.7) == 46
    assert shortest_beside_longer(64, 1, 1.0) == 64


@given(st.lists(st.text(max_size=4), max_size=40), st.sampled_from(["en", "ja", "th"]))
def test_every_document_with_words_has_shingles(document: list[str], language: str) -> None:
    found = shingles(view(document), language, RULE)
    assert found and all(len(of_kind) >= bool(view(document).words) for of_kind in found.values())


@pytest.mark.parametrize(
    ("length", "kinds"),
    [(14, {"characters"}), (15, {"characters", "words"}), (19, {"characters", "words"}), (20, {"words"})],
)
def test_a_short_document_has_both_kinds_where_a_longer_one_is_within_reach(length: int, kinds: set[str]) -> None:
    assert set(shingles(view(numbered(0, length)), "en", RULE)) == kinds


def test_two_short_documents_are_compared_by_characters_and_a_short_with_a_long_one_by_words() -> None:
    short, long = numbered(0, 19), numbered(0, 21)
    assert alike(short, [*short[:9], "word", *short[10:]]) > 0.7
    assert alike(short, long) == 15 / 17


@given(st.integers(5, 40), st.integers(1, 8), st.floats(0.1, 1.0))
def test_none_shorter_is_within_reach(short_words: int, shingle_words: int, min_similarity: float) -> None:
    both_from = shortest_beside_longer(short_words, shingle_words, min_similarity)
    long = max(0, short_words - shingle_words + 1)
    for length in range(shingle_words, min(both_from, short_words)):
        assert (length - shingle_words + 1) / max(1, long) < min_similarity
