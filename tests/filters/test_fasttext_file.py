"""A model's file is read as fastText wrote it, or refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.fasttext_file import QuantisedModel, read_quantised
from tests.filters.fasttext_files import TREE, Model, random_model


def read(model: Model, path: Path) -> QuantisedModel:
    found = read_quantised(model.write(path / "model.ftz"))
    assert found is not None
    return found


@pytest.mark.parametrize("sizes", [{"maxn": 1}, {"minn": 2, "maxn": 3}, {"word_ngrams": 2}])
def test_n_grams_need_buckets(tmp_path: Path, sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"model\.ftz can't be opened .*it has n-grams and no buckets for them"):
        read(replace(random_model(1, ["a"], 2), **sizes), tmp_path)
    assert read(replace(random_model(1, ["a"], 2, bucket=1), **sizes), tmp_path).tables.numbers.tolist()[1] == 1


@pytest.mark.parametrize("kept", [[-1, 2], [2, 64]])
def test_buckets_that_have_rows_are_of_those_that_there_are(tmp_path: Path, kept: list[int]) -> None:
    with pytest.raises(ValueError, match="its rows are not those of its words and buckets"):
        read(random_model(2, ["a"], 2, bucket=64, kept=kept, minn=1, maxn=2), tmp_path)
    assert read(random_model(2, ["a"], 2, bucket=64, kept=[63, 0], minn=1, maxn=2), tmp_path)


def test_rows_are_as_many_as_words_and_buckets(tmp_path: Path) -> None:
    model = random_model(3, ["a", "b"], 2, bucket=8, minn=1, maxn=2)
    for rows in (model.rows[:-1], np.concatenate((model.rows, model.rows[:1]))):
        with pytest.raises(ValueError, match="its rows are not those"):
            read(replace(model, rows=rows), tmp_path)


@settings(max_examples=40)
@given(st.data(), st.integers(1, 200), st.integers(1, 3))
def test_rows_stand_behind_those_of_words_in_the_order_of_their_buckets(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, bucket: int, words: int
) -> None:
    kept = data.draw(st.none() | st.lists(st.integers(0, bucket - 1), unique=True, max_size=40))
    model = random_model(4, ["a", "b", "c"][:words], 2, dim=5, bucket=bucket, kept=kept, minn=1, maxn=2)
    tables = read(model, tmp_path_factory.getbasetemp()).tables
    assert tables.numbers.tolist() == [words, bucket, 1, 2, 1]
    bits = np.unpackbits(tables.kept.view(np.uint8), bitorder="little")
    assert len(bits) == -(-bucket // 64) * 64
    order = list(range(bucket)) if kept is None else sorted(kept)
    assert np.flatnonzero(bits).tolist() == order
    assert tables.kept_before.tolist() == [int(bits[: 64 * block].sum()) for block in range(len(bits) // 64)]
    places = [words + (order if kept is None else kept).index(number) for number in order]
    assert np.array_equal(tables.rows, model.rows[[*range(words), *places]])
    assert np.array_equal(tables.output, model.output.T)


def test_of_several_models_each_is_what_it_is(tmp_path: Path) -> None:
    """A tree of labels has nodes, a softmax hasn't, and each label is its own."""
    plain, tree = read(random_model(5, ["a"], 3), tmp_path), read(random_model(5, ["a"], 3, loss=TREE), tmp_path)
    assert (len(plain.tables.left), len(plain.tables.right)) == (0, 0)
    assert (len(tree.tables.left), len(tree.tables.right)) == (5, 5)
    assert plain.labels == tree.labels == ["__label__0", "__label__1", "__label__2"]


def test_what_is_no_quantised_model_of_labels_is_fasttexts(tmp_path: Path) -> None:
    path = random_model(6, ["a"], 2, bucket=4, minn=1, maxn=1).write(tmp_path / "model.ftz")
    data = path.read_bytes()
    assert read_quantised(path) is not None
    assert read_quantised(path.rename(tmp_path / "model.bin")) is None
    # Magic, version; loss and kind of the model, at 8 + 6 * 4 and 8 + 7 * 4.
    for place, value in ((0, 0), (4, 11), (32, 2), (32, 4), (36, 1), (36, 2)):
        changed = data[:place] + bytes([value]) + data[place + 1 :]
        (tmp_path / "other.ftz").write_bytes(changed)
        assert read_quantised(tmp_path / "other.ftz") is None, (place, value)
