"""Probabilities of labels from a text's vector, each by its formula: a word of its own row has that row as its vector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.fasttext_file import read_quantised
from filters.fasttext_kernels import best_labels, new_memory, probabilities
from tests.filters.fasttext_files import SOFTMAX, TREE, Model

LEAST = 1e-5


def found(path: Path, loss: int, vector: list[float], output: list[list[float]], counts: list[int]) -> np.ndarray:
    """The probabilities of a line that is one word with that vector; that the best label alone is the same is asserted."""
    rows = np.array([vector], np.float32)
    weights = np.array(output, np.float32)
    ours = read_quantised(Model(["word"], rows, weights, counts, loss=loss, step=1).write(path))
    assert ours is not None
    (row,) = probabilities(ours.tables, new_memory(ours.tables), [b"word"])
    (best,), (value,) = best_labels(ours.tables, new_memory(ours.tables), [b"word"])
    assert best == (row.argmax() if row.max() > 0 else -1)  # the first of several
    assert value == row.max()
    return row


def vectors(dim: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from([-3.0, -1.5, -0.5, 0.0, 0.25, 1.0, 2.0]), min_size=dim, max_size=dim)


@settings(max_examples=60)
@given(st.data(), st.integers(1, 6), st.integers(1, 5))
def test_softmax(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, labels: int, dim: int) -> None:
    vector, output = data.draw(vectors(dim)), data.draw(st.lists(vectors(dim), min_size=labels, max_size=labels))
    row = found(tmp_path_factory.getbasetemp() / "softmax.ftz", SOFTMAX, vector, output, [1] * labels)
    powers = np.exp(np.array(output) @ np.array(vector))
    assert row == pytest.approx(powers / powers.sum() + LEAST, rel=2e-6, abs=1e-7)


def test_softmax_of_large_products_does_not_overflow(tmp_path: Path) -> None:
    row = found(tmp_path / "large.ftz", SOFTMAX, [100.0], [[10.0], [-10.0], [9.995]], [1, 1, 1])
    assert row == pytest.approx([0.622459 + LEAST, LEAST, 0.377541 + LEAST], abs=1e-4)
    assert row[1] == pytest.approx(LEAST, rel=1e-3)
    assert found(tmp_path / "large.ftz", SOFTMAX, [1.0], [[-300.0], [-301.0]], [1, 1])[0] == pytest.approx(
        0.73107, 1e-4
    )


def tree(counts: list[int]) -> list[tuple[int, int]]:
    """The children of each inner node, the last of which is the root: the two rarest subtrees are joined, fastText's order
    of those that are equal included (counts descend)."""
    subtrees = list(enumerate(counts))[::-1]  # leaves, the rarest first
    joined: list[tuple[int, int]] = []  # inner nodes that wait, in the order in which they were made
    children = []
    for node in range(len(counts), 2 * len(counts) - 1):
        pair = [
            subtrees.pop(0) if subtrees and (not joined or subtrees[0][1] < joined[0][1]) else joined.pop(0)
            for _ in range(2)
        ]
        joined.append((node, pair[0][1] + pair[1][1]))
        children.append((pair[0][0], pair[1][0]))
    return children


def by_tree(vector: list[float], output: list[list[float]], counts: list[int]) -> np.ndarray:
    """The product of the shares on the way to each label, each with fastText's least added; -1 where a product falls below."""
    labels, row = len(counts), np.full(len(counts), -1.0)
    children = tree(counts)
    products = np.array(output) @ np.array(vector)

    def descend(node: int, score: float) -> None:
        if score < LEAST:
            return
        if node < labels:
            row[node] = score
            return
        left, right = children[node - labels]
        share = 1 / (1 + np.exp(-products[node - labels]))
        descend(left, score * (1 - share + LEAST))
        descend(right, score * (share + LEAST))

    descend(2 * labels - 2, 1.0)
    return row


@settings(max_examples=80)
@given(st.data(), st.integers(1, 7), st.integers(1, 3))
def test_tree(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, labels: int, dim: int) -> None:
    vector, output = data.draw(vectors(dim)), data.draw(st.lists(vectors(dim), min_size=labels, max_size=labels))
    counts = sorted(data.draw(st.lists(st.integers(1, 9), min_size=labels, max_size=labels)), reverse=True)
    row = found(tmp_path_factory.getbasetemp() / "tree.ftz", TREE, vector, output, counts)
    assert row == pytest.approx(by_tree(vector, output, counts), rel=1e-5, abs=1e-7)


def test_of_equal_labels_the_first_is_the_best(tmp_path: Path) -> None:
    row = found(tmp_path / "equal.ftz", TREE, [1.0], [[0.0]] * 4, [5, 5, 5, 5])
    assert row.tolist() == [row[0]] * 4
    assert row[0] == pytest.approx((0.5 + LEAST) ** 2, rel=1e-6)
    assert found(tmp_path / "equal.ftz", SOFTMAX, [1.0], [[0.0]] * 3, [5, 5, 5])[0] == pytest.approx(1 / 3 + LEAST)


@pytest.mark.parametrize("product", [11.0, 11.4, 11.6, 12.2, 13.0])
def test_labels_of_a_tree_below_the_least_are_left_out(tmp_path: Path, product: float) -> None:
    # The share of the one child is 1.67e-5 to 2.3e-6; with the least added, and again with what is below it.
    output = [[product], [3.0], [-0.9], [0.0]]
    row = found(tmp_path / "least.ftz", TREE, [1.0], output, [9, 4, 2, 1])
    assert row == pytest.approx(by_tree([1.0], output, [9, 4, 2, 1]), rel=1e-2, abs=1e-9)
