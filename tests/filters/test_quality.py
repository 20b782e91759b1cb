"""The shipped classifier tells content from what stands around it, the same in every process."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters import quality as module
from filters.label_score import limits_at, quantiles_of, score_bin
from filters.quality import SHIPPED_MODEL, QualityFilter
from filters.quality_text import CHUNK_WORDS, chunks, features
from filters.train_quality import examples, labelled_lines
from filters.verdict import Reject
from text.document import Document, Span
from text.segment import count_words, lines
from text.view import TextView

JUNK = "\n".join(
    [
        "Home",
        "About us",
        "Contact",
        "Log in",
        "Register",
        "My account",
        "Basket (0)",
        "Search",
        "Terms of service\n    Privacy policy",
        "Cookie settings",
        "Follow us on Twitter",
        "Share on Facebook",
        "Newsletter",
        "Subscribe\n    All rights reserved",
        "Site map",
        "Careers",
        "Press",
        "Help",
        "Forgot your password?",
        "Back to top",
        "Print this page\n    Previous",
        "Next",
        "View all",
        "Add to cart",
        "Sort by",
        "Price",
        "Brand",
        "Size",
        "Colour",
        "Reset",
    ]
    * 4
)


def test_content_stays_and_boilerplate_goes(prose: str) -> None:
    judge = QualityFilter()
    good, bad = (judge.score(Document(text, "en")) for text in (prose, JUNK))
    assert good["content"] > 0.5 and judge.decide(good) is None
    assert judge.decide(bad) == Reject("low_quality", bad["content"]) and bad["content"] < 0.05


def test_the_score_is_weighed_by_words(prose: str) -> None:
    judge = QualityFilter()
    junk, little, much, alone = (
        judge.score(Document(text, "en"))["content"]
        for text in (JUNK, JUNK + f"\n{prose}" * 2, JUNK + f"\n{prose}" * 8, prose)
    )
    assert junk < little < much < alone


def test_another_process_says_the_same(prose: str) -> None:
    code = "import sys; from filters.quality import *; print(QualityFilter().score(Document(sys.stdin.read(), 'en')))"
    there = subprocess.run(
        [sys.executable, "-c", code], input=prose, capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert there.stdout.strip() == str(QualityFilter().score(Document(prose, "en")))


def test_other_languages_and_short_texts_are_not_judged(prose: str) -> None:
    judge = QualityFilter()
    assert judge.score(Document(prose, "de")) is None
    assert judge.score(Document("Log in\nRegister", "en")) is None
    assert judge.score(Document(prose, "en", (Span(0, len(prose), "code"),))) is None
    assert QualityFilter(languages=("de",)).score(Document(prose, "de")) is not None


@given(st.text(st.sampled_from("a .\n")))
def test_chunks_hold_every_line_once(text: str) -> None:
    made = chunks(TextView(text))
    assert [line for chunk, _ in made for line in chunk.split("\n")] == lines(text) or not count_words(text)
    assert all(size == count_words(chunk) for chunk, size in made)
    assert all(size >= CHUNK_WORDS for _, size in made[:-1])


def test_features_fold_case_and_numbers() -> None:
    assert features("Price: $12.50!\nNEXT") == "price : $ 0 . 0 ! | next"


def test_a_pickle_carries_no_model(prose: str) -> None:
    judge = QualityFilter()
    said = judge.score(Document(prose, "en"))
    assert pickle.loads(pickle.dumps(judge)).score(Document(prose, "en")) == said
    assert len(pickle.dumps(judge)) < 1000


def test_the_model_is_small_and_attributed() -> None:
    assert SHIPPED_MODEL.stat().st_size < 1_000_000
    notice = SHIPPED_MODEL.with_name("quality.NOTICE.txt").read_text("utf-8")
    assert "WCXB" in notice and "CC BY 4.0" in notice


def test_lines_are_labelled_by_the_marked_content() -> None:
    page, gold = "Menu\nThe wind had turned in the night.\nMill", "Mill\n\nThe wind had turned in the night"
    inside, outside = labelled_lines(page, gold)
    assert inside == ["The wind had turned in the night.", "Mill"] and outside == ["Menu"]


def test_training_examples_are_labelled_and_independent_of_order(tmp_path: Path, prose: str) -> None:
    (tmp_path / "pages").mkdir()
    sentences = prose.split(". ")
    gold = []
    for name, source in (("ada", "wcxb-dev"), ("bob", "wcxb-dev"), ("cyd", "another")):
        text = "\n".join(f"{sentence} {name}" for sentence in sentences)
        gold.append(json.dumps({"id": name, "source": source, "text": text}))
        rows = [f"Menu {name} {number} {word}" for number, word in enumerate("abcdefgh" * 3)] + text.split("\n")
        (tmp_path / "pages" / f"{name}.html").write_text("".join(f"<p>{row}</p>" for row in rows))
    made = []
    for order in (gold, gold[::-1]):
        (tmp_path / "gold.jsonl").write_text("\n".join(order) + "\n")
        made.append(examples(tmp_path))
    assert made[0] == made[1]
    assert not any("cyd" in line for line in made[0])
    for line in made[0]:
        assert line.startswith("__label__boilerplate menu" if "menu" in line else "__label__content ")


def test_a_model_without_the_label_is_refused_with_the_labels_it_has(tmp_path: Path, two_labels: Path) -> None:
    with pytest.raises(ValueError, match=r"has no label 'content'; it has cc, hq. Name one of them"):
        QualityFilter(model_path=two_labels)
    with pytest.raises(ValueError, match=r"models.mine: .* has no label 'good'; it has cc, hq"):
        QualityFilter(models={"mine": {"path": str(two_labels), "label": "good"}})
    assert QualityFilter(model_path=two_labels, label="__label__hq", min_words=1).score(Document("mill wind", "en"))
    (tmp_path / "none.bin").write_text("no model")
    with pytest.raises(ValueError, match="can't be opened as a fastText model"):
        QualityFilter(model_path=tmp_path / "none.bin")


def test_further_models_score_by_name_and_language_and_decide_where_the_recipe_says_so(two_labels: Path) -> None:
    mine = {"path": str(two_labels), "label": "hq", "min_words": 2, "reading": "words"}
    good, bad = Document("The mill and the wind", "de"), Document("Click to buy now", "de")
    silent = QualityFilter(models={"mine": mine})
    scores = {text.text: silent.score(text) for text in (good, bad)}
    assert (
        list(scores[good.text]) == ["mine.de"]
        and scores[good.text]["mine.de"] > 0.6 > 0.4 > scores[bad.text]["mine.de"]
    )
    assert silent.decide(scores[bad.text]) is None and silent.score(Document("mill", "de")) is None
    for limits, goes in ((0.5, True), ({"de": 0.5}, True), ({"fr": 0.5}, False), ({"fr": 0.0, "default": 0.5}, True)):
        deciding = QualityFilter(models={"mine": {**mine, "reject_below": limits}})
        assert deciding.decide(scores[good.text]) is None
        assert (deciding.decide(scores[bad.text]) == Reject("low_mine", scores[bad.text]["mine.de"])) is goes
    only = QualityFilter(models={"mine": {**mine, "languages": ["fr"]}})
    assert only.score(bad) is None


@given(st.lists(st.integers(0, 10_000).map(lambda value: value / 10_000), min_size=1), st.integers(0, 10))
def test_under_the_limit_of_a_quantile_lies_no_more_than_its_share(scores: list[float], tenths: int) -> None:
    bins: dict[str, int] = {}
    for score in scores:
        bins[str(score_bin(score))] = bins.get(str(score_bin(score)), 0) + 1
    (limit,) = limits_at({"en": bins}, tenths / 10).values()
    under = sum(score < limit for score in scores)
    assert under <= len(scores) * tenths / 10
    next_limit = min((number for number in map(int, bins) if number / 1000 > limit), default=None)
    if next_limit is not None:  # and a higher one would take more than the share
        assert sum(score < next_limit / 1000 for score in scores) > len(scores) * tenths / 10


def test_quantiles_are_found_in_a_recipe() -> None:
    models = {"a": {"path": "x", "reject_below": {"quantile": 0.9}}, "b": {"reject_below": {"de": 0.1}}, "c": {}}
    assert quantiles_of({"models": models}) == {"a": 0.9} and quantiles_of({}) == {}


def test_the_shipped_score_can_be_kept_and_decide_nothing() -> None:
    judge = QualityFilter(min_content=None)
    scores = judge.score(Document(JUNK, "en"))
    assert scores["content"] < 0.05 and judge.decide(scores) is None


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="min_content is 2"):
        QualityFilter(min_content=2)
    with pytest.raises(ValueError, match="min_words is 0"):
        QualityFilter(min_words=0)
    with pytest.raises(ValueError, match="at least one language code"):
        QualityFilter(languages="en")
    for settings, said in (
        ({"path": "x"}, "doesn't say its label"),
        ({"path": "x", "label": "y", "min": 1}, "models.a has no setting 'min'; it knows path, label"),
        ("x", "must say path and label"),
        ({"path": "x", "label": "y", "reading": "z"}, "reading is 'z'; there are document, words, passages"),
        ({"path": "x", "label": "y", "reject_below": {"de": 2}}, r"reject_below \(de\) is 2"),
        ({"path": "x", "label": "y", "reject_below": {"quantile": 0.5, "de": 0.1}}, "stands for all languages"),
    ):
        with pytest.raises(ValueError, match=said):
            QualityFilter(models={"a": settings})
    with pytest.raises(FileNotFoundError, match="no fastText model"):
        QualityFilter(model_path=tmp_path / "none.ftz")


class Model:
    """Says what a chunk's first word says: ``w25`` is content with 0.25."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked = 0

    def probabilities(self, texts: list[str], label: str) -> list[float]:
        self.asked += len(texts)
        assert label == "content"
        return [len(first) / 100 if (first := text.split()[0]) != "x" else 0.0 for text in texts]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> QualityFilter:
    monkeypatch.setattr(module, "FastTextModel", Model)
    return QualityFilter()


def chunk(word: str, words: int = 50) -> str:
    return " ".join([word] * words)


def test_the_score_is_the_mean_over_chunks_by_words(judge: QualityFilter) -> None:
    text = "\n".join([chunk("a" * 50), chunk("b" * 20, 150), "x " * 30])
    assert judge.score(Document(text, "en")) == {"content": round((0.5 * 50 + 0.2 * 150) / 230, 4)}
    assert judge.score(Document(chunk("a" * 100, 100), "en")) == {"content": 1.0}


def test_the_shipped_limits(judge: QualityFilter) -> None:
    assert judge.decide({"content": 0.05}) is None
    assert judge.decide({"content": 0.0499}) == Reject("low_quality", 0.0499)
    assert judge.score(Document(chunk("a", 99), "en")) is None
    assert judge.score(Document(chunk("a", 100), "en")) == {"content": 0.01}
    assert judge.model_path == SHIPPED_MODEL
    assert QualityFilter(min_content=0, min_words=1).score(Document("word", "en")) == {"content": 0.04}


@pytest.mark.parametrize(("count", "asked"), [(400, 400), (401, 201), (800, 400), (801, 267)])
def test_of_many_chunks_400_evenly_spread_ones_are_looked_at(
    judge: QualityFilter, count: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr(Model, "probabilities", lambda self, texts, label: calls.extend(texts) or [0.5] * len(texts))
    assert judge.score(Document("\n".join(chunk(f"w{n % 2}") for n in range(count)), "en")) == {"content": 0.5}
    assert len(calls) == asked


def test_a_chunk_ends_with_the_line_that_reaches_50_words() -> None:
    assert CHUNK_WORDS == 50
    assert chunks(TextView("\n".join([chunk("a", 49), "b", "c"]))) == [(f"{chunk('a', 49)}\nb", 50), ("c", 1)]
    assert chunks(TextView("")) == [] and chunks(TextView("...\n!")) == []


@given(st.text(st.sampled_from("aBΣσ İß_09²٣.,!?’–\u0301中 \t\r\n\x1f\ud800\U00010400")) | st.text())
def test_a_classifier_sees_words_marks_numbers_and_line_ends(chunk: str) -> None:
    seen = [re.findall(r"\w+|[^\w\s]", line.lower()) for line in chunk.split("\n")]
    assert features(chunk) == re.sub(r"\d+", "0", " | ".join(" ".join(tokens) for tokens in seen))
