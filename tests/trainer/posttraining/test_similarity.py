from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.posttraining.similarity import are_similar

TOKENS = st.lists(st.integers(0, 2), max_size=9)


def distance(a: list[int], b: list[int]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]


@given(TOKENS, TOKENS, st.sampled_from([0.2, 0.5, 0.7, 0.95]))
def test_it_is_the_edit_distance(a: list[int], b: list[int], least: float) -> None:
    similarity = 1 - distance(a, b) / max(1, len(a), len(b))
    assert are_similar(a, b, least) == (similarity > least)


def test_one_token_of_many_is_near_and_two_halves_are_not() -> None:
    a = list(range(1000))
    assert are_similar(a, [*a[:500], 7, *a[501:]], 0.95)
    assert are_similar(a, a[40:], 0.95)
    assert not are_similar(a, a[500:] + a[:500], 0.95)
    assert not are_similar(a, a[60:], 0.95)


@pytest.mark.parametrize("least", [0.0, 0.5, 1.0])
def test_nothing_at_all_is_like_itself(least: float) -> None:
    assert are_similar([], [], least) is (least < 1)
    assert not are_similar([], [1], least) and not are_similar([1, 2], [], least)


@pytest.mark.parametrize("least", [0.2, 0.5, 0.7])
def test_it_is_the_edit_distance_of_all_that_is_short(least: float) -> None:
    short = [list(tokens) for length in range(5) for tokens in itertools.product(range(3), repeat=length)]
    for a, b in itertools.product(short, short[::2]):
        assert are_similar(a, b, least) == (1 - distance(a, b) / max(1, len(a), len(b)) > least), (a, b)
