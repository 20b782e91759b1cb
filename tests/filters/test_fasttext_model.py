"""A fastText model by its path: opened where it is used, with probabilities that are the same everywhere."""

from __future__ import annotations

import pickle
import types
from pathlib import Path

import pytest

from filters import fasttext_model
from filters.fasttext_model import FastTextModel, fasttext_module
from filters.quality import SHIPPED_MODEL
from filters.quality_text import features


def test_labels_come_with_rounded_probabilities_the_likeliest_first(prose: str) -> None:
    model = FastTextModel(SHIPPED_MODEL)
    seen = features(prose)
    (best,) = model.predict(seen)
    assert model.predict_each([seen, seen]) == [[best], [best]]
    both = model.predict(seen, k=2)
    assert both[0] == best and [label for label, _ in both] == ["content", "boilerplate"]
    assert all(0 <= probability <= 1 and probability == round(probability, 4) for _, probability in both)
    assert any(probability != round(probability, 3) for _, probability in both)


class Stub:
    """A model that answers with what it was asked, at a probability that float32 has rounded up."""

    def predict(self, text: str, k: int):
        return [f"__label__{text}"] * k, [1.00001] * k


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of all models that were opened."""
    paths: list[str] = []

    def load_model(path: str) -> Stub:
        paths.append(path)
        return Stub()

    module = types.SimpleNamespace(train_supervised=None, load_model=load_model)
    monkeypatch.setattr(fasttext_model.importlib, "import_module", lambda name: module)
    return paths


@pytest.fixture
def unquantised(tmp_path: Path) -> Path:
    path = tmp_path / "labels.bin"
    path.write_bytes(b"fastText's alone")
    return path


def test_a_probability_is_1_at_most_and_a_text_is_one_line_of_utf_8(opened: list[str], unquantised: Path) -> None:
    model = FastTextModel(unquantised)
    assert model.predict("a\nb\ud800c", k=2) == [("a b?c", 1.0)] * 2


def test_a_model_is_opened_once_and_when_it_is_needed(opened: list[str], unquantised: Path) -> None:
    model = FastTextModel(unquantised)
    assert opened == []
    model.predict("a")
    model.predict("b")
    assert opened == [str(unquantised)]
    there = pickle.loads(pickle.dumps(model))
    assert there.path == unquantised
    there.predict("a")
    assert len(opened) == 2


def test_a_path_without_a_model_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.bin"):
        with pytest.raises(FileNotFoundError, match="no fastText model at .*name the file of a trained model"):
            FastTextModel(path)


def test_a_module_that_is_missing_or_cannot_train_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(fasttext_model.importlib, "import_module", missing)
    with pytest.raises(RuntimeError, match=r"cannot be imported \(No module named 'fasttext'\). Run: pip uninstall"):
        FastTextModel(SHIPPED_MODEL)
    monkeypatch.setattr(fasttext_model.importlib, "import_module", lambda name: types.SimpleNamespace())
    with pytest.raises(RuntimeError, match="overwritten by fasttext-predict, which cannot train. Run: pip"):
        fasttext_module()
