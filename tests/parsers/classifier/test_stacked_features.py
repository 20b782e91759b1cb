"""What the second look learns from the first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.feature_table import STACKED
from parsers.classifier.stacked_features import compute_stacked_features

TEXT = "<p>Eleven words make this block long enough to count as text.</p>"
PAGE = parse(
    f"<main><div class=a>{TEXT * 3}</div><ul><li>one</li><li>two</li></ul><div class=b>{TEXT}</div></main>"
).page


def said(p: list[float], name: str) -> list[float]:
    return [
        round(float(value), 3)
        for value in compute_stacked_features(PAGE, np.array(p, np.float32))[:, STACKED.names.index(name)]
    ]


def test_neighbours_subtrees_and_templates() -> None:
    p = [0.9, 0.8, 0.7, 0.1, 0.2, 0.4]
    assert said(p, "p") == p
    assert said(p, "p-1") == [-0.1, *p[:-1]] and said(p, "p+2") == [*p[2:], -0.1, -0.1]
    # Paragraphs of one class of parent are one template; the last stands in another.
    assert said(p, "p_twins") == [0.8, 0.8, 0.8, 0.15, 0.15, 0.4]
    assert said(p, "p_level_2")[:3] == [0.8] * 3
    # From .5 on, and with five words at least, a block is surely content: the first three.
    assert said(p, "p_first") == [0, 1, 2, 3, 4, 5] and said(p, "p_last") == [-2, -1, 0, 1, 2, 3]
    assert said(p, "p_gap_before")[-1] == 3 and said(p, "p_gap_after")[0] == 0


@given(st.lists(st.floats(0, 1, width=32), min_size=6, max_size=6))
def test_all_numbers_are_finite(p: list[float]) -> None:
    assert np.isfinite(compute_stacked_features(PAGE, np.array(p, np.float32))).all()


def test_no_blocks_no_rows() -> None:
    assert compute_stacked_features(parse("").page, np.zeros(0, np.float32)).shape == (0, len(STACKED))
