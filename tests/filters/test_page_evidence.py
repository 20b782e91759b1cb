"""What one page says about its domain, and models that a recipe names as evidence."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from filters.page_evidence import KINDS, PageClassifier, PageEvidence, PageLimits
from filters.pii import KINDS as PII_KINDS
from filters.pii import PiiCounter
from filters.text_classifier import model_files
from filters.vocabulary import DATA
from tests.filters.classifiers import BAD, GOOD, onnx_classifier, torch_classifier
from text.document import Document


@pytest.fixture(params=[onnx_classifier, torch_classifier])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return request.param(tmp_path / "model")


def test_a_transformer_says_so_of_what_it_knows(folder: Path) -> None:
    carts = PageClassifier(folder, "cart", "harm", max_tokens=64)
    assert carts.says_so(" ".join(BAD)) and not carts.says_so(" ".join(GOOD))
    assert not PageClassifier(folder, "cart", "harm", 1.0, 64).says_so(" ".join(GOOD + BAD))
    assert {path.name for path in model_files(folder)} >= {"config.json", "tokenizer.json"}


def test_its_pages_are_bad_also_in_a_language_without_words(folder: Path) -> None:
    evidence = pickle.loads(
        pickle.dumps(PageEvidence(classifiers=[PageClassifier(folder, "cart", "harm", max_tokens=64)]))
    )
    carts, flour = (evidence.look(Document(" ".join(words * 4), "xx"), 0, 0) for words in (BAD, GOOD))
    plain = PageEvidence().look(Document(" ".join(BAD * 4), "xx"), 0, 0)
    assert carts.evidence != flour.evidence and carts.evidence != plain.evidence
    assert (carts.strengths["harm"], flour.strengths["harm"], plain.strengths["harm"]) == (2, 0, 0)


def test_what_gives_numbers_tells_no_kind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="gives a number and no probability"):
        PageClassifier(onnx_classifier(tmp_path / "score", outputs=1), "score", "harm", max_tokens=64)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="is no classifier that can be opened"):
        PageClassifier(tmp_path / "empty", "cart", "harm")


class Found(PiiCounter):
    """Finds so many addresses in any text, and one telephone number where that is not all."""

    def __init__(self, values: int, phones: int = 0) -> None:
        super().__init__()
        self._found = {
            "email": {f"person{number}@gmail.com" for number in range(values)},
            "phone": {"2126647665"} if phones else set(),
        }

    def values(self, text: str) -> dict[str, set[str]]:
        return {kind: set() for kind in PII_KINDS} | self._found


def entries(kind: str) -> list[str]:
    """Words of a list that count 1 and need no context."""
    return [line for line in (DATA / kind / "en.txt").read_text("utf-8").split("\n") if line.isalpha()]


def page(words: list[str], length: int) -> Document:
    return Document(" ".join([*words, *["corn"] * (length - len(words))]), "en")


@pytest.mark.parametrize(("values", "words", "strength"), [
    (5, 250, 1), (9, 225, 1), (10, 250, 2), (15, 250, 3), (20, 250, 4), (40, 250, 4), (10, 500, 1), (10, 501, 0), (20, 499, 2), (4, 10, 0),
])  # fmt: skip
def test_a_page_may_be_several_times_over_its_limits(values: int, words: int, strength: int) -> None:
    findings = PageEvidence(pii=Found(values)).look(page([], words))
    assert findings.strengths == {**dict.fromkeys(KINDS, 0), "pii": strength}
    assert findings.evidence.pii_pages == int(strength > 0)


def test_words_make_a_page_as_strong_as_personal_data_do() -> None:
    evidence = PageEvidence(pii=Found(0))
    for kind, hits, length in (("adult", 5, 100), ("harm", 3, 100)):
        said = entries(kind)[:4]
        for times in (1, 2, 3, 4, 5):
            words = [said[number % 4] for number in range(hits * times)]
            assert evidence.look(page(words, length)).strengths[kind] == min(times, 4)
        # Fewer in a thousand words are less, and none at all where the density that is asked for isn't there.
        assert (
            evidence.look(page([said[number % 4] for number in range(2 * hits)], 1000)).strengths[kind]
            == {"adult": 1, "harm": 2}[kind]
        )


def test_a_density_of_0_asks_for_none() -> None:
    for times, strength in ((4, 0), (5, 1), (10, 2)):
        found = PageEvidence(PageLimits(pii_per_1000_words=0), Found(times)).look(page([], 5_000))
        assert found.strengths["pii"] == strength


def test_five_terms_are_shown_the_most_frequent_first() -> None:
    adult, harm = entries("adult")[:4], entries("harm")[:3]
    times = dict(zip([*adult, *harm], (2, 5, 2, 3, 4, 2, 3), strict=True))
    words = [word for word, count in times.items() for _ in range(count)]
    found = PageEvidence(pii=Found(0)).look(page(words, 60))
    assert found.terms == tuple(sorted(times, key=lambda word: (-times[word], word))[:5])
    assert PageEvidence(pii=Found(0)).look(page([], 60)).terms == ()


def test_personal_data_are_counted_by_kind_and_links_as_they_are_given() -> None:
    found = PageEvidence(pii=Found(2, 1)).look(page([], 60))
    assert (found.evidence.emails, found.evidence.phones, found.evidence.cards, found.evidence.pii_values) == (
        2,
        1,
        0,
        3,
    )
    assert (found.evidence.links, found.evidence.listed_links) == (0, 0)
    found = PageEvidence(pii=Found(0)).look(page([], 60), 7, 3)
    assert (found.evidence.links, found.evidence.listed_links) == (7, 3)


def test_a_language_without_words_is_not_judged_for_them() -> None:
    found = PageEvidence(pii=Found(0)).look(Document("corn " * 60, "xx"))
    assert (found.evidence.adult_unjudged, found.evidence.harm_unjudged, found.evidence.judged("pii")) == (1, 1, 1)
    assert found.evidence.judged("adult") == found.evidence.judged("harm") == 0
    found = PageEvidence(pii=Found(0)).look(page([], 60))
    assert (found.evidence.adult_unjudged, found.evidence.harm_unjudged) == (0, 0)


@pytest.mark.parametrize("kind", ["adult", "harm"])
def test_a_classifier_names_pages_and_judges_its_own_kind(tmp_path: Path, kind: str) -> None:
    classifier = PageClassifier(onnx_classifier(tmp_path / "model"), "cart", kind, max_tokens=64)
    other = {"adult": "harm", "harm": "adult"}[kind]
    found = PageEvidence(pii=Found(0), classifiers=[classifier]).look(Document(" ".join(BAD * 4), "xx"))
    assert found.strengths == {**dict.fromkeys(KINDS, 0), kind: 2}
    for field, value in ((f"{kind}_pages", 1), (f"{kind}_model_pages", 1), (f"{kind}_unjudged", 0), (f"{kind}_hits", 0),
                         (f"{other}_pages", 0), (f"{other}_model_pages", 0), (f"{other}_unjudged", 1)):  # fmt: skip
        assert getattr(found.evidence, field) == value, field


def test_a_fasttext_model_sees_the_first_characters(two_labels: Path) -> None:
    shops, mills = "click here to buy now cart basket price ", "the mill and the wind turned the stones "
    judge = PageClassifier(two_labels, "__label__cc", "adult")
    assert judge.says_so(shops) and not judge.says_so(mills)
    # 500 of these lines are 20,000 characters.
    assert judge.says_so(shops * 500 + mills * 5_000) and not judge.says_so(mills * 500 + shops * 5_000)
    probability = PageClassifier(two_labels, "cc", "adult", 0.0)._model.probability(shops, "cc")
    assert PageClassifier(two_labels, "cc", "adult", probability).says_so(shops)
    for at_least in (-0.1, 1.1):
        with pytest.raises(ValueError, match="at_least is"):
            PageClassifier(two_labels, "cc", "adult", at_least)
    with pytest.raises(ValueError, match="kind is 'pii'; a classifier of pages tells adult or harm"):
        PageClassifier(two_labels, "cc", "pii")
