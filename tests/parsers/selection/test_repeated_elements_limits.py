"""How much an element must hold, and in how long blocks, before it counts as a repetition."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.repeated_elements import drop_repeated as without_repetitions

WORDS = [
    "grain",
    "stone",
    "wheel",
    "river",
    "miller",
    "flour",
    "sack",
    "dam",
    "sluice",
    "axle",
    "hopper",
    "shoe",
    "cog",
    "pit",
    "oak",
    "iron",
    "rye",
    "barley",
    "oats",
    "bran",
]


def element(lengths: list[int]) -> str:
    """An element with a block of each of these lengths; equal lists give equal elements, and no two blocks of one are
    the same."""
    texts = []
    for place, length in enumerate(lengths):
        texts.append(" ".join(WORDS[(place + word) % len(WORDS)] + str(place) for word in range(length)))
    return "<div>" + "".join(f"<p>{text}</p>" for text in texts) + "</div>"


def goes(lengths: list[int]) -> bool:
    """Whether the second of two equal elements goes."""
    page = parse(f"<body>{element(lengths) * 2}</body>").page
    signs = without_repetitions(page, np.ones(len(page.blocks), bool)).tolist()
    count = len(lengths)
    assert len(signs) == 2 * count and all(signs[:count]) and len({*signs[count:]}) == 1
    return not signs[count]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([10, 10], True), ([10, 9], False),  # twenty words
        ([8, 12], True), ([10, 5, 5], True), ([9, 5, 6], False),  # half of them in passages
        ([8, 4, 4, 4], False), ([8, 8, 4], True), ([8, 2, 5, 5], False),
        ([7, 7, 7, 7], False), ([8, 8, 8], True),  # of eight words and more
    ],
)  # fmt: skip
def test_an_element_needs_twenty_words_half_of_them_in_passages(lengths: list[int], expected: bool) -> None:
    assert goes(lengths) is expected
