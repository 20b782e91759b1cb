"""What one page says about its domain, and models that a recipe names as evidence."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from filters.page_evidence import PageClassifier, PageEvidence
from filters.text_classifier import model_files
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
