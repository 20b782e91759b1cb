"""Template smoothing, against a plain reading of its rule."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.template_smoothing import smooth_by_template
from tests.parsers.classifier.plain_page import Block, PlainPage, plain_page
from tests.parsers.classifier.plain_stacked_features import weight

PIECES = st.sampled_from([
    "<div class='post p1'><p>Some words</p></div>", "<div class='post p2'><p>One long answer of seven words.</p></div>",
    "<div class='note'><p>Word</p></div>", "<div><p>Bare text here</p></div>", "<section><ul class='x'><li><p>a</p></li></ul>",
    "<li><b>b c</b>", "<h2 class='7'>Numbered</h2>", "<div class='a'><div><div><div><div><p>Deep</p></div></div></div></div>",
])  # fmt: skip


def template(block: Block, page: PlainPage) -> tuple | None:
    """Tags and classes of its element and four ancestors (the root again where there are fewer); none without a class."""
    around = [element.template for element in islice(block.element.outward(), 5)]
    around += [page.root.template] * (5 - len(around))
    return tuple(around) if any(name for _, name in around) else None


def smoothed(page: PlainPage, p: list[float]) -> list[float]:
    out = []
    for block in page.blocks:
        group = [other for other in page.blocks if template(other, page) == template(block, page)]
        if template(block, page) is None:
            out.append(p[block.row])
            continue
        whole = sum(map(weight, group))
        mean = sum(weight(other) * p[other.row] for other in group) / whole
        variance = sum(weight(other) * p[other.row] ** 2 for other in group) / whole - mean**2
        agreement = min(max(1 - variance / max(mean * (1 - mean), 1e-6), 0), 1)
        out.append(p[block.row] + 0.9 * agreement**2 * (mean - p[block.row]))
    return out


@given(st.lists(st.tuples(PIECES, st.sampled_from([n / 16 for n in range(17)])), max_size=10))
def test_each_block_is_pulled_towards_the_mean_of_its_template(pieces: list[tuple[str, float]]) -> None:
    parsed = parse("<body>" + "".join(piece for piece, _ in pieces) + "</body>")
    page = plain_page(parsed)
    p = [pieces[row % len(pieces)][1] for row in range(len(page.blocks))]
    found = smooth_by_template(parsed.page, np.array(p, np.float32))
    assert found == pytest.approx(smoothed(page, p), abs=1e-5)
