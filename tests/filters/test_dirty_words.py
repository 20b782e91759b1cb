"""Density over whole words decides, never a single word."""

from __future__ import annotations

from pathlib import Path

import pytest

from filters.dirty_words import DirtyWordsFilter
from filters.verdict import Reject
from text.document import Document


def verdict(text: str, language: str = "en", **settings: object) -> Reject | None:
    judge = DirtyWordsFilter(**settings)
    scores = judge.score(Document(text, language))
    assert scores is not None
    return judge.decide(scores)


def test_an_obscene_page_goes_with_its_density(prose: str) -> None:
    text = prose + " free porn, milf pussy, hardcore blowjobs, creampies and cumshots"
    found = verdict(text)
    assert found is not None and found.reason == "dirty_words"
    assert found.score == DirtyWordsFilter().score(Document(text, "en"))["per_1000_words"]


def test_a_novel_that_swears_stays(prose: str) -> None:
    assert verdict(prose * 4 + " Shit, he said. Fuck it. Damn the shitty wind, you asshole, you dickhead.") is None


def test_places_and_names_are_no_hits() -> None:
    names = "Scunthorpe, Penistone, Cockburn, Dickinson, Essex, Blowjob-free"
    scores = DirtyWordsFilter().score(Document(names, "en"))
    assert scores["hits"] == 1


def test_swearing_alone_is_no_adult_site() -> None:
    judge = DirtyWordsFilter()
    assert judge.score(Document("Shit. Fuck off, you fucking idiot, he said.", "en"))["hits"] == 0
    assert judge.score(Document("Shit. Fuck off. Blowjobs, blowjobs.", "en"))["hits"] == 2.75


def test_one_word_again_and_again_is_a_subject(prose: str) -> None:
    assert verdict(prose + " The word blowjob." + " blowjob" * 8) is None
    assert verdict(prose + " The word blowjob." + " blowjob" * 8, min_distinct=1) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "geile Titten, Fotze ficken, gefickt, Schlampe, Schwanzlutscher"),
        ("ru", "порно шлюхи трахает сиськи пизда минет"),
        ("ja", "無修正の熟女と巨乳の中出し、フェラチオ、おっぱい"),
        ("zh", "国产av骚逼人妻口交内射肛交乱伦"),
    ],
)
def test_lists_of_other_languages_fire(language: str, text: str) -> None:
    assert verdict(text, language) is not None


def test_harmless_sentences_of_unspaced_scripts_have_no_hits() -> None:
    judge = DirtyWordsFilter()
    sentences = {
        "zh": "我妈妈的朋友在医院工作，故事的高潮很精彩",
        "ja": "ピエロがフェラーリでパチンコ屋へ、風俗と習慣",
    }
    for language, text in sentences.items():
        assert judge.score(Document(text, language))["hits"] == 0


def test_languages_without_a_list_are_not_judged() -> None:
    assert DirtyWordsFilter().score(Document("fuck " * 50, "fi")) is None
    assert DirtyWordsFilter().score(Document("...", "en")) is None


def test_a_folder_adds_and_replaces_lists(tmp_path: Path) -> None:
    (tmp_path / "fi.txt").write_text("rumasana\n", "utf-8")
    judge = DirtyWordsFilter(folder=tmp_path)
    assert judge.languages == tuple(sorted({*DirtyWordsFilter().languages, "fi"}))
    assert judge.score(Document("Rumasana tuo", "fi"))["hits"] == 1


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="max_per_1000 is -1"):
        DirtyWordsFilter(max_per_1000=-1)
    with pytest.raises(ValueError, match="min_hits is 0"):
        DirtyWordsFilter(min_hits=0)
    with pytest.raises(FileNotFoundError, match="holds no word list"):
        DirtyWordsFilter(folder=tmp_path / "none")


@pytest.mark.parametrize(
    ("density", "hits", "distinct", "goes"),
    [(10.0, 5, 3, False), (10.0001, 5, 3, True), (10.0001, 4, 3, False), (10.0001, 5, 2, False), (900.0, 50, 9, True)],
)
def test_the_shipped_limits(density: float, hits: int, distinct: int, goes: bool) -> None:
    found = DirtyWordsFilter().decide({"per_1000_words": density, "hits": hits, "distinct": distinct})
    assert found == (Reject("dirty_words", density) if goes else None)


def test_density_is_hits_in_a_thousand_words() -> None:
    scores = DirtyWordsFilter().score(Document("blowjob " * 2 + "milf " + "corn " * 6, "en"))
    assert scores == {"hits": 3, "distinct": 2, "per_1000_words": 333.3333}


def test_limits_may_be_as_low_as_these() -> None:
    lowest = DirtyWordsFilter(max_per_1000=0, min_hits=1, min_distinct=1)
    assert lowest.decide({"per_1000_words": 0.1, "hits": 1, "distinct": 1}) == Reject("dirty_words", 0.1)
    with pytest.raises(ValueError, match="min_distinct is 0"):
        DirtyWordsFilter(min_distinct=0)
