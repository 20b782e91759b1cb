"""Whatever a model's words, n-grams and buckets are, a line has the rows that fastText gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.fasttext_file import QuantisedModel, read_quantised
from filters.fasttext_kernels import best_labels, new_memory, probabilities
from filters.fasttext_model import fasttext_module
from tests.filters.fasttext_files import SOFTMAX, TREE, Model, random_model

SETTINGS: Any = numba.config
# Rows of these models are large: one that is missing or one too many moves a probability by a hundredth and more.
NEAR = 2e-4
# Of one to four bytes a character, with the least and the largest of each; as long as words of a table are and longer.
WORDS = [
    "a",
    "b",
    "ab",
    "ba",
    "abc",
    "\x7f",
    "\x80",
    "\u07ff",
    "\u0800",
    "À",
    "¿",
    "\U00010000",
    "製粉",
    "é" * 27 + "a",
    "ab" * 27 + "b",  # 55 bytes: the longest whose sum is remembered
    "a" * 56,
]
LINES = st.lists(
    st.sampled_from([*WORDS, "aÀ\x7f¿b", "</s>", "__label__0", "__label__x", "__label_", " ", " ", " ", "\t"])
    | st.text("ab\x7f\x80À製", max_size=4),
    max_size=10,
).map("".join)
EVEN = list(range(0, 130, 2))
MODELS = {
    "words alone": random_model(1, WORDS, 3, dim=9, bucket=0),
    "all sizes, every bucket": random_model(2, WORDS, 3, dim=16, bucket=150, minn=1, maxn=5),
    "pairs to fours, half of the buckets": random_model(3, WORDS, 4, dim=7, bucket=131, kept=EVEN, minn=2, maxn=4, loss=TREE),
    "one size, few buckets out of order": random_model(
        4, ["</s>", *WORDS], 2, dim=8, bucket=64, kept=[63, 0, 31, 32, 5], minn=3, maxn=3, step=3
    ),
    "words in threes": random_model(5, WORDS, 5, dim=3, bucket=97, word_ngrams=3, loss=TREE),
    "both": random_model(6, ["</s>", *WORDS], 3, dim=17, bucket=200, minn=1, maxn=2, word_ngrams=2, norms=np.linspace(.5, 2, 217)),
    "more n-grams in 55 bytes than are added at once": random_model(9, WORDS, 3, dim=8, bucket=180, minn=1, maxn=6),
    "no bucket": random_model(7, WORDS, 2, dim=4, bucket=50, kept=[], minn=1, maxn=3, word_ngrams=2),
}  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[QuantisedModel, Any]]:
    folder = tmp_path_factory.mktemp("models")
    return {name: both(model, folder / f"{number}.ftz") for number, (name, model) in enumerate(MODELS.items())}


def both(model: Model, path: Path) -> tuple[QuantisedModel, Any]:
    """What we read of a model, and what fastText does."""
    ours = read_quantised(model.write(path))
    assert ours is not None
    return ours, fasttext_module().load_model(str(path))


def assert_as_fasttext(ours: QuantisedModel, theirs: Any, lines: list[str], near: float = NEAR) -> None:
    memory = new_memory(ours.tables)
    found = probabilities(ours.tables, memory, [line.encode() for line in lines])
    best, values = best_labels(ours.tables, memory, [line.encode() for line in lines])
    for line, row, label, value in zip(lines, found, best.tolist(), values, strict=True):
        expected = {name: share for share, name in theirs.f.predict(line + "\n", -1, 0.0, "strict")}
        given = [expected.get(name, 0.0 if expected else -1.0) for name in ours.labels]
        assert np.maximum(row, 0.0 if expected else -1.0) == pytest.approx(given, abs=near), line
        assert (label, value) == ((row.argmax(), row.max()) if expected else (-1, -1))


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=40)
@given(lines=st.lists(LINES, min_size=1, max_size=2))
def test_rows_of_words_and_n_grams(models: dict[str, tuple[QuantisedModel, Any]], name: str, lines: list[str]) -> None:
    # Twice: words are remembered.
    assert_as_fasttext(*models[name], [*lines, lines[0]])


@pytest.mark.parametrize("name", MODELS)
def test_words_of_more_n_grams_than_are_added_at_once(
    models: dict[str, tuple[QuantisedModel, Any]], name: str
) -> None:
    words = [
        "ab" * 27,
        "ab" * 27 + "a",
        "ab" * 27 + "a",
        "ab" * 28,
        "ba" * 90,
        "aÀ" * 60,
        "a" * 255,
        "b" * 256,
        "a" * 257,
        "ab" * 130,
    ]
    assert_as_fasttext(*models[name], [*words, " ".join(words[:2] * 2)])


def test_more_n_grams_of_words_than_are_added_at_once(models: dict[str, tuple[QuantisedModel, Any]]) -> None:
    for name in ("words in threes", "both"):
        assert_as_fasttext(*models[name], [" ".join(["a", "b", "ab", "q"] * size) for size in (32, 33, 64, 65, 90)])


def test_words_of_one_slot_of_the_table_are_told_apart(tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(120)]
    ours, theirs = both(random_model(8, words, 2, dim=2, bucket=0), tmp_path / "many.ftz")
    assert_as_fasttext(ours, theirs, [*words, "w120", "w", "w12 w1 w119", "unknown"])


@pytest.mark.parametrize(("minn", "maxn"), [(1, 1), (2, 2)])
def test_long_sums_keep_small_rows(tmp_path: Path, minn: int, maxn: int) -> None:
    """In one sum of float32 ones would vanish beside 2^24."""
    rows = np.zeros((64, 2), np.float32)
    large, one = _bucket((b"A", b"<A")[maxn - 1], 64), _bucket((b"b", b"bb")[maxn - 1], 64)
    assert large != one
    rows[large], rows[one] = (2.0**24, -(2.0**24)), (1, 0)
    model = Model(
        [], rows, np.array([[1, 1], [0, 0]], np.float32), [2, 1], bucket=64, minn=minn, maxn=maxn, loss=SOFTMAX
    )
    ours = read_quantised(model.write(tmp_path / "long.ftz"))
    assert ours is not None
    (row,) = probabilities(ours.tables, new_memory(ours.tables), [b"A" + b"b" * 1_000])
    # At most those ones are lost that are added together with it: 256.
    assert 1 / (1 + np.exp(-0.72)) < row[0] < 1 / (1 + np.exp(-1.01))


def _bucket(ngram: bytes, buckets: int) -> int:
    found = 2166136261
    for byte in ngram:
        found = (found ^ byte) * 16777619 % 2**32
    return found % buckets
