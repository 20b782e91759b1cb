"""A classifier out of two kinds of documents: the same in any order, measured on sites that it hasn't learnt from."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from filters.fasttext_model import fasttext_module
from filters.label_score import LabelScore
from filters.train_classifier import Text, Training, train
from text.document import Document

SMALL = Training(dim=4, epochs=3)


def pages(words: str, count: int, seed: int, sites: int = 30) -> list[Text]:
    source = random.Random(seed)
    return [
        Text(" ".join(source.choices(words.split(), k=40)), f"https://site{source.randrange(sites)}.example/{number}")
        for number in range(count)
    ]


MILLS = pages("the mill wind stone flour sail grain tower and of", 60, 1)
SHOPS = pages("buy now price cart sale click the shipping offer of", 60, 2)


def test_a_model_tells_both_kinds_apart_and_is_the_same_in_any_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one.bin", tmp_path / "other.bin"
    measured = train(MILLS, SHOPS, one, SMALL)
    assert measured == train(MILLS[::-1] + MILLS[:5], SHOPS[::-1], other, SMALL)
    assert one.read_bytes() == other.read_bytes()
    assert measured.area_under_curve > 0.95 and measured.rank_correlation > 0.7
    assert measured.at[2].precision > 0.9 and measured.at[2].recall > 0.9
    assert sum(measured.learnt) + sum(measured.held_out) == 120 and measured.by_site and not measured.in_both
    score = LabelScore("mine", one, "positive", "words", min_words=1)
    assert score.score(Document("the mill wind stone")) > 0.5 > score.score(Document("buy now cart"))


@pytest.mark.parametrize(
    ("reading", "words"),
    [("words", {"the", "mill", ",", "stands"}), ("document", {"The", "Mill,", "stands"})],
)
def test_the_model_learns_from_what_it_will_be_shown(tmp_path: Path, reading: str, words: set[str]) -> None:
    texts = [Text(f"The  Mill,\nstands {number}", "") for number in range(30)]
    train(texts, SHOPS, tmp_path / "model.bin", Training(dim=1, epochs=1, reading=reading))
    learnt = set(fasttext_module().load_model(str(tmp_path / "model.bin")).get_words())
    assert words <= learnt and not (learnt & {"The", "Mill,"}) - words


def test_of_a_long_document_the_first_50_000_characters_are_learnt(tmp_path: Path) -> None:
    texts = [Text(f"{number:05}" + "x" * 49_992 + " y z last", "") for number in range(24)]
    train(texts, SHOPS, tmp_path / "model.bin", Training(dim=1, epochs=1, reading="document"))
    learnt = set(fasttext_module().load_model(str(tmp_path / "model.bin")).get_words())
    assert "y" in learnt and not {"z", "last"} & learnt


def test_documents_of_one_site_are_split_by_text_and_that_is_said(tmp_path: Path) -> None:
    one_site = [Text(text, "https://a.example/") for text, _ in MILLS]
    measured = train(one_site, SHOPS, tmp_path / "model.bin", SMALL)
    assert not measured.by_site and min(measured.held_out) > 0


def test_documents_on_both_sides_are_left_out(tmp_path: Path) -> None:
    measured = train(MILLS + SHOPS[:3], SHOPS, tmp_path / "model.ftz", SMALL)
    assert (tmp_path / "model.ftz").stat().st_size < 3 << 20
    assert measured.in_both == 3 and sum(measured.learnt) + sum(measured.held_out) == 117


def test_the_smallest_hashes_are_taken_of_many(tmp_path: Path) -> None:
    measured = [
        train(texts, SHOPS, tmp_path / "model.bin", Training(max_documents=25, dim=4, epochs=1))
        for texts in (MILLS, MILLS[::-1])
    ]
    assert measured[0] == measured[1] and measured[0].learnt[0] + measured[0].held_out[0] == 25


@pytest.mark.parametrize("count", [25, 60, 2_600])
def test_few_documents_are_read_often_and_have_few_pairs_of_words(tmp_path: Path, count: int) -> None:
    """100,000 texts are read in all, none more than 25 times; 200 pairs of words have a row for each document, 10,000 at
    least and half a million at most."""
    words = "the mill wind stone flour sail grain tower and of".split()
    kinds = [[Text(f"{word} {number} {words[number % 10]}", "") for number in range(count)] for word in ("a", "b")]
    measured = train(*kinds, tmp_path / "model.bin", Training(dim=1))
    settings = fasttext_module().load_model(str(tmp_path / "model.bin")).f.getArgs()
    learnt = sum(measured.learnt)
    assert 0.7 < learnt / (2 * count) < 0.9 and learnt + sum(measured.held_out) == 2 * count
    assert settings.epoch == min(25, 100_000 // learnt)
    assert settings.bucket == min(max(200 * learnt, 10_000), 500_000)
    assert (settings.wordNgrams, settings.minCount) == (2, 2)
    given = train(*kinds, tmp_path / "given.bin", Training(dim=3, epochs=2))
    settings = fasttext_module().load_model(str(tmp_path / "given.bin")).f.getArgs()
    assert (settings.dim, settings.epoch) == (3, 2)
    assert given.learnt == measured.learnt


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There are 3 different positive documents"):
        train(MILLS[:3] * 30, SHOPS, tmp_path / "model.bin", SMALL)
    with pytest.raises(ValueError, match="leaves nothing to learn from"):
        train(MILLS, SHOPS, tmp_path / "model.bin", Training(held_out=0.0))
    with pytest.raises(ValueError, match="reading is 'x'"):
        Training(reading="x")
    with pytest.raises(ValueError, match="epochs is 0"):
        Training(epochs=0)
