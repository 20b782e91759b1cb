"""What a recipe may say of its models, and which of them are transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from filters.classifier_score import ClassifierScore
from filters.label_score import LabelScore
from filters.quality import SHIPPED_MODEL
from filters.quality_models import is_transformer, score_of_recipe, transformers_of
from tests.filters.classifiers import BAD, onnx_classifier
from text.document import Document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(onnx_classifier(tmp_path_factory.mktemp("models") / "carts"))


def test_a_folder_is_a_transformer_and_a_file_is_not(folder: str) -> None:
    assert is_transformer({"path": folder}) and not is_transformer({"path": f"{folder}/config.json"})
    assert not any(map(is_transformer, [None, folder, {}, {"path": None}, {"path": Path(folder)}]))
    models = {"carts": {"path": folder, "label": "cart"}, "shipped": {"path": str(SHIPPED_MODEL), "label": "content"}}
    assert transformers_of({"models": models}) == {"carts": models["carts"]}
    assert transformers_of(None) == transformers_of({}) == transformers_of({"models": None}) == {}
    assert isinstance(score_of_recipe("shipped", models["shipped"]), LabelScore)


def test_a_transformer_judges_documents_that_are_long_enough(folder: str) -> None:
    score = score_of_recipe(
        "carts", {"path": folder, "label": "cart", "max_tokens": 64, "min_words": 4, "reject_below": 0.5}
    )
    assert isinstance(score, ClassifierScore) and (score.name, score.batch_size, score.resources) == ("carts", 16, {})
    assert {path.name for path in score.model_paths} >= {"config.json", "tokenizer.json"}
    assert score.score(Document(" ".join(BAD[:3]), "en")) is None
    assert score.score(Document(" ".join(BAD[:4]), "en")) == score.model.scores([" ".join(BAD[:4])])[0] > 0.9
    assert score.limits.of("en") == 0.5
    given = score_of_recipe(
        "carts", {"path": folder, "label": "cart", "max_tokens": 64, "batch_size": 1, "resources": {"min_ram": "4GB"}}
    )
    assert isinstance(given, ClassifierScore) and (given.batch_size, given.resources) == (1, {"min_ram": "4GB"})
    long = Document(" ".join(BAD * 4), "en")
    assert given.score(Document(" ".join((BAD * 4)[:49]), "en")) is None and given.score(long) is not None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, "models.carts is None; it must say path and label"),
        ({"path": "nowhere.bin", "labels": "x"}, "models.carts has no setting 'labels'; it knows path, label"),
        ({"path": "nowhere.bin"}, "models.carts doesn't say its label"),
        ({"label": "cart"}, "models.carts doesn't say its path"),
        ({"path": 3, "label": "cart"}, "models.carts doesn't say its path"),
        ({"path": "FOLDER", "label": "cart", "batch_size": 0}, "models.carts: batch_size is 0"),
        ({"path": "FOLDER", "label": "cart", "resources": {"gpus": "1"}}, "models.carts: resources has no 'gpus'"),
        (
            {"path": "FOLDER", "label": "cart", "max_tokens": 64, "reject_below": 2},
            r"models.carts: reject_below \(default\) is 2",
        ),
    ],
)
def test_mistakes_are_sentences(folder: str, settings: Any, said: str) -> None:
    if settings and settings.get("path") == "FOLDER":
        settings = {**settings, "path": folder}
    with pytest.raises(ValueError, match=said):
        score_of_recipe("carts", settings)


def test_a_number_is_held_against_any_limit(tmp_path: Path) -> None:
    numbers = onnx_classifier(tmp_path / "numbers", outputs=1)
    assert ClassifierScore("useful", numbers, reject_below=2.5, max_tokens=64).limits.of("en") == 2.5
