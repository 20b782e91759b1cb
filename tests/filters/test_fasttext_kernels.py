"""Our kernels and the module fasttext say the same of the same text, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config

from filters import fasttext_kernels
from filters.fasttext_file import read_quantised
from filters.fasttext_kernels import new_memory, probabilities
from filters.fasttext_model import FastTextModel, fasttext_module
from filters.language import SECOND_MODEL, find_model
from filters.quality import SHIPPED_MODEL

# A tree of labels with dropped n-grams; a softmax with all n-grams of characters; one with n-grams of words.
MODELS = (find_model(), SECOND_MODEL, SHIPPED_MODEL)
# Words that models know and don't, what fastText treats apart, and characters of one byte to four.
PIECES = ("the", "mill", "content", "privacy", "Mühle", "мельница", "製粉所", "💥", "</s>", "__label__en", "__label__x", "a" * 60,
          " ", "\t", "\0", "\v", "\x85", "\u00a0", "<", ">", "x")  # fmt: skip
LINES = (
    st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join).filter(lambda t: "\n" not in t)
)

# Uncompiled, as mutants are tried, an exponential is taken in float64, and a line takes a thousand times as long.
COMPILED = not config.DISABLE_JIT
EQUAL = {"rel": 0 if COMPILED else 1e-5, "abs": 0}


@pytest.fixture(scope="module")
def both() -> list[tuple[Any, Any, Any]]:
    """Of each model what we read, a memory, and fastText's own."""
    load = fasttext_module().load_model
    return [(read_quantised(path), new_memory(), load(str(path))) for path in MODELS]


@settings(max_examples=100 if COMPILED else 10)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_equal_to_the_last_bit(both: list[tuple[Any, Any, Any]], lines: list[str]) -> None:
    lines = [line.encode("utf-8", "replace").decode() for line in lines]
    data = [line.encode() for line in lines]
    for ours, memory, theirs in both:
        all_labels = probabilities(ours.tables, memory, data, False)
        best = probabilities(ours.tables, memory, data, True)
        for row, best_row, line in zip(all_labels, best, lines, strict=True):
            expected = {label: probability for probability, label in theirs.f.predict(line + "\n", -1, 0.0, "strict")}
            found = {label: float(value) for label, value in zip(ours.labels, row, strict=True) if value >= 0}
            assert found == pytest.approx(expected, **EQUAL)
            assert not expected or best_row.max() == pytest.approx(max(expected.values()), **EQUAL)


def test_words_that_are_forgotten_and_lines_that_are_together_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = 9_000
    if not COMPILED:
        words = 100
        monkeypatch.setattr(fasttext_kernels, "_WORDS", 3 * words)
    ours = read_quantised(SECOND_MODEL)
    assert ours is not None
    memory = new_memory()
    lines = [" ".join(f"{letter}{number}" for number in range(words)).encode() for letter in "abcd"]
    together = probabilities(ours.tables, memory, lines, False)
    assert 0 < memory.filled[0] < 4 * words  # it was full, and began again
    alone = [probabilities(ours.tables, new_memory(), [line], False)[0] for line in lines]
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("cut", [100, 5_000, 500_000])
def test_a_file_that_is_cut_is_a_sentence(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.ftz"
    path.write_bytes(SHIPPED_MODEL.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"cut\.ftz can't be opened as a fastText model: it is cut or damaged"):
        FastTextModel(path).predict("a")


def test_a_file_of_another_kind_is_fasttexts_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "text.ftz"
    path.write_bytes(b"no model, whatever it is called")
    with pytest.raises(ValueError, match="can't be opened as a fastText model: .*wrong file format"):
        FastTextModel(path).predict("a")


def test_a_model_that_is_not_quantised_is_fasttexts(tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("__label__a one two\n__label__b three four\n" * 20, "utf-8")
    trained = fasttext_module().train_supervised(str(texts), dim=4, bucket=50, epoch=3, thread=1, verbose=0)
    trained.save_model(str(tmp_path / "whole.bin"))
    assert read_quantised(tmp_path / "whole.bin") is None
    model = FastTextModel(tmp_path / "whole.bin")
    assert [sorted(label for label, _ in found) for found in model.predict_each(["one", "four"], 2)] == [
        ["a", "b"]
    ] * 2
    assert model.probabilities(["one"], "none") == [0.0]


@pytest.mark.parametrize("loss", ["softmax", "hs"])
def test_norms_and_outputs_that_are_quantised_too(tmp_path: Path, loss: str) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("".join(f"__label__l{n} w{n} v{n % 9}\n" for n in range(300)), "utf-8")
    options = {"dim": 5, "bucket": 300, "minn": 1, "maxn": 3, "wordNgrams": 2, "epoch": 2, "thread": 1, "verbose": 0}
    trained = fasttext_module().train_supervised(str(texts), loss=loss, **options)
    trained.quantize(qnorm=True, qout=True)
    trained.save_model(str(tmp_path / "small.ftz"))
    ours = read_quantised(tmp_path / "small.ftz")
    assert ours is not None
    lines = ["w1 v1", "w299 something else", "v3"]
    rows = probabilities(ours.tables, new_memory(), [line.encode() for line in lines], False)
    for line, row in zip(lines, rows.tolist(), strict=True):
        expected = {label: probability for probability, label in trained.f.predict(line + "\n", -1, 0.0, "strict")}
        found = {label: value for label, value in zip(ours.labels, row, strict=True) if value >= 0}
        assert found == pytest.approx(expected, **EQUAL)
