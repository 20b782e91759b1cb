"""The forest gives what walking down its trees gives, to the last bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.classifier import boosted_trees as forest
from parsers.classifier.feature_table import FIRST_LOOK

FEATURES = ("words", "depth", "links")
# Numbers that fit 32 bits and numbers that don't: a threshold is compared as the file has it.
numbers = st.sampled_from([-1.0, 0.0, 0.1, 0.3, 1.0, 7.5, 16777217.0, 1e-35])
leaf = st.floats(-2, 2, allow_nan=False, width=32)


def swapped(names: tuple[str, ...], one: int, other: int) -> tuple[str, ...]:
    order = [*range(len(names))]
    order[one], order[other] = other, one
    return tuple(names[place] for place in order)


def branch(children):
    return st.tuples(st.sampled_from(FEATURES), numbers, children, children).map(list)


trees = st.lists(st.recursive(leaf, branch, max_leaves=20), min_size=1, max_size=8)
rows = st.lists(st.tuples(numbers, numbers, numbers), max_size=150)


def walked(model: list, row: np.ndarray) -> np.float32:
    total = 0.0
    for node in model:
        while isinstance(node, list):
            feature, threshold, at_most, above = node
            node = at_most if float(row[FEATURES.index(feature)]) <= threshold else above
        total += node
    return np.float32(1.0 / (1.0 + np.exp(-total)))


@given(trees, rows)
def test_a_forest_gives_what_its_trees_give(model, table):
    table = np.array(table, np.float32).reshape(-1, len(FEATURES))
    found = forest.probabilities(forest.assemble(model, FEATURES), table)
    assert found.dtype == np.float32
    assert found.tolist() == [walked(model, row) for row in table]


def chain(leaves: int):
    """A tree that is as deep as it has leaves: leaf k where ``words`` is above k - 1 and at most k."""
    node = float(leaves - 1)
    for place in reversed(range(leaves - 1)):
        node = ["words", float(place), float(place), node]
    return node


def test_a_tree_may_have_as_many_leaves_as_a_word_has_bits():
    table = np.zeros((forest.MAX_LEAVES, len(FEATURES)), np.float32)
    table[:, 0] = range(forest.MAX_LEAVES)
    found = forest.probabilities(forest.assemble([chain(forest.MAX_LEAVES)], FEATURES), table)
    assert found.tolist() == [walked([chain(forest.MAX_LEAVES)], row) for row in table]
    with pytest.raises(ValueError, match="tree 1 has more than 32 leaves"):
        forest.assemble([0.5, chain(forest.MAX_LEAVES + 1)], FEATURES)


def test_a_row_says_the_same_wherever_it_stands():
    random = np.random.default_rng(1)
    table = random.random((300, len(FEATURES)), np.float32)
    model = forest.assemble([["words", 0.5, ["depth", 0.2, -1.0, 1.0], ["links", 0.7, 0.25, -0.25]]] * 3, FEATURES)
    together = forest.probabilities(model, table)
    alone = [forest.probabilities(model, table[place : place + 1])[0] for place in range(len(table))]
    assert together.tolist() == alone
    some = np.array([7, 3, 299, 3])
    assert forest.probabilities(model, table, some).tolist() == together[some].tolist()


def test_a_file_of_other_features_is_refused():
    with pytest.raises(
        ValueError, match=r"first_look\.json was fitted to other features: its column 1 is 'link_share'"
    ):
        forest.load("first_look.json", FEATURES)


@pytest.mark.parametrize(
    ("table", "difference"),
    [
        (swapped(FIRST_LOOK, 5, 6), "its column 5 is 'digit_share', that of the feature table 'upper_share'"),
        (FIRST_LOOK[:-1], f"it has {len(FIRST_LOOK)} columns, the feature table {len(FIRST_LOOK) - 1}"),
        ((*FIRST_LOOK, "another"), f"it has {len(FIRST_LOOK)} columns, the feature table {len(FIRST_LOOK) + 1}"),
    ],
    ids=["swapped", "one less", "one more"],
)
def test_a_file_whose_features_stand_in_other_columns_is_refused(table: tuple[str, ...], difference: str):
    with pytest.raises(ValueError, match=difference):
        forest.load("first_look.json", table)


def test_a_branch_on_no_feature_is_refused():
    with pytest.raises(ValueError, match="tree 1 asks for 'height', which is no feature"):
        forest.assemble([0.5, ["height", 1.0, -1.0, 1.0]], FEATURES)


def test_a_file_reads_back_as_it_was_fitted(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    model = [["depth", 0.1, -0.5, 0.5], 0.25]
    (tmp_path / "data" / "some.json").write_text(json.dumps({"features": FEATURES, "trees": model}))
    monkeypatch.setattr(forest, "files", lambda package: tmp_path)
    table = np.array([[0, 0, 0], [0, 1, 0]], np.float32)
    found = forest.probabilities(forest.load("some.json", FEATURES), table)
    assert found.tolist() == [walked(model, row) for row in table]
