"""Transformers as classifiers: what they say doesn't depend on the batch, and what can't be opened is said in a sentence."""

from __future__ import annotations

import importlib.util
import json
import pickle
from pathlib import Path

import pytest

from filters.quality import QualityFilter
from filters.text_classifier import TextClassifier
from tests.filters.classifiers import BAD, GOOD, onnx_classifier, torch_classifier, write_tokenizer
from text.document import Document

TEXTS = [" ".join((GOOD * 9)[:length]) for length in (1, 7, 90)] + [
    " ".join(BAD),
    " ".join(GOOD[:3] + BAD[:9]),
    "",
    "ß \ud800",
]


@pytest.fixture(scope="module", params=[torch_classifier, onnx_classifier])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return request.param(tmp_path_factory.mktemp("model"))


def test_scores_are_those_of_each_text_alone(folder: Path) -> None:
    model = TextClassifier(folder, "flour", max_tokens=64)
    scores = model.scores(TEXTS)
    assert scores == [model.scores([text])[0] for text in TEXTS] == model.scores(TEXTS[::-1])[::-1]
    assert scores[1] > 0.8 and scores[2] > 0.8 and scores[3] < 0.2 and all(0 <= score <= 1 for score in scores)
    carts = TextClassifier(folder, "cart", max_tokens=64).scores(TEXTS)
    assert [round(one + other, 3) for one, other in zip(scores, carts, strict=True)] == [1.0] * len(TEXTS)


def test_a_pickle_says_the_same_and_carries_no_model(folder: Path) -> None:
    model = TextClassifier(folder, "flour", max_tokens=64)
    scores = model.scores(TEXTS)
    data = pickle.dumps(model)
    assert pickle.loads(data).scores(TEXTS) == scores and len(data) < 1000


def test_a_long_text_is_judged_by_its_first_tokens(folder: Path) -> None:
    model = TextClassifier(folder, "flour", max_tokens=16)
    assert model.scores([" ".join(GOOD + BAD * 50)]) == model.scores([" ".join(GOOD)])
    assert model.shown("x" * 1000) == "x" * 256


def test_files_are_those_that_scores_depend_on(folder: Path) -> None:
    names = {path.name for path in TextClassifier(folder, "flour", max_tokens=64).files()}
    assert {"config.json", "tokenizer.json"} < names and len(names) == 3


def test_a_quality_filter_takes_one_beside_the_shipped_model(folder: Path) -> None:
    settings = {"path": str(folder), "label": "flour", "max_tokens": 64, "min_words": 5, "reject_below": 0.5}
    judge = QualityFilter(min_content=None, models={"mine": settings})
    bad = Document(" ".join(BAD), "de")
    scores = judge.score(bad)
    assert scores is not None and set(scores) == {"mine.de"}
    reject = judge.decide(scores)
    assert reject is not None and reject.reason == "low_mine" and reject.score == scores["mine.de"]
    assert judge.score(bad, {"mine": 0.75}) == {"mine.de": 0.75} and judge.score(bad, {"mine": None}) is None
    assert judge.score(Document("click", "de")) is None
    assert {path.parent for path in judge.model_paths} >= {folder}


def test_a_regression_has_one_number_and_limits_of_any_size(tmp_path: Path) -> None:
    folder = onnx_classifier(tmp_path / "one", outputs=1)
    assert TextClassifier(folder, max_tokens=64).scores([" ".join(GOOD[:4])]) == [3.0]
    judge = QualityFilter(models={"edu": {"path": str(folder), "reject_below": 2.5, "max_tokens": 64}})
    assert judge.decide({"edu.en": 2.4}) is not None and judge.decide({"edu.en": 2.5}) is None


def test_mistakes_are_sentences(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no label 'rye'; it has flour, cart"):
        TextClassifier(folder, "rye", max_tokens=64)
    with pytest.raises(ValueError, match="device is 'tpu'"):
        TextClassifier(folder, "flour", max_tokens=64, device="tpu")
    where = {"path": str(folder), "label": "flour", "max_tokens": 64}
    with pytest.raises(ValueError, match=r"models.mine has no setting 'reading'; it knows path, label"):
        QualityFilter(models={"mine": where | {"reading": "words"}})
    with pytest.raises(ValueError, match=r"models.mine: reject_below \(default\) is 7"):
        QualityFilter(models={"mine": where | {"reject_below": 7}})
    with pytest.raises(ValueError, match="resources has no 'gpu'"):
        QualityFilter(models={"mine": where | {"resources": {"gpu": "1"}}})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"models.mine: .*not installed; run pip install 'gristmill\[(onnx|torch)\]'"):
        QualityFilter(models={"mine": where})


def test_a_folder_without_a_model_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"it has no config.json, tokenizer.json, model.onnx or model.safetensors"
    ):
        TextClassifier(tmp_path, "flour")
    write_tokenizer(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"max_position_embeddings": 64}))
    with pytest.raises(FileNotFoundError, match=r"it has no model.onnx or model.safetensors"):
        TextClassifier(tmp_path, "flour")


def test_a_length_that_the_model_has_no_positions_for_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="max_tokens is 512, and .* takes at most 64"):
        TextClassifier(folder, "flour")
