"""Blocks of one template are judged together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers.classifier.template_smoothing import smooth_by_template
from parsers.scanner.page import Page
from parsers.scanner.scan import scan_page


def page(html: str) -> Page:
    return scan_page((LexborHTMLParser(html).html or "").encode())


def posts(*texts: str, name: str = "post") -> str:
    return "".join(f'<div class="{name}"><p>{text}</p></div>' for text in texts)


def after(html: str, *probabilities: float) -> list[float]:
    scanned = page(html)
    assert len(scanned.blocks) == len(probabilities)
    return smooth_by_template(scanned, np.array(probabilities, np.float32)).tolist()


def test_posts_that_are_all_but_agreed_upon_move_to_their_mean() -> None:
    out = after(posts("One two three", "Four five six", "Seven eight nine"), 0.5, 0.6, 0.4)
    assert out == pytest.approx([0.5, 0.5, 0.5], abs=0.02)
    assert out[2] < out[0] < out[1]  # nine tenths of the way, so that an order stays


def test_a_long_post_counts_for_more() -> None:
    out = after(posts("One two three four five six seven eight", "Nine"), 0.8, 0.4)
    assert min(out) > 0.6


def test_a_group_of_two_minds_is_none() -> None:
    assert after(posts("One two three", "Four five six"), 0.99, 0.01) == pytest.approx([0.99, 0.01], abs=0.01)


def test_other_templates_keep_to_themselves() -> None:
    html = posts("One two three", "Four five six") + posts("Seven eight nine", name="teaser")
    assert after(html, 0.6, 0.6, 0.3)[2] == pytest.approx(0.3)
    numbered = posts("One two three", name="post-1") + posts("Four five six", name="post-2")
    assert after(numbered, 0.6, 0.4) == pytest.approx([0.5, 0.5], abs=0.02)  # digits tell no templates apart


def test_tags_without_any_class_say_no_template() -> None:
    assert after("<div><p>One two</p></div><div><p>Three four</p></div>", 0.6, 0.4) == pytest.approx([0.6, 0.4])
    far = '<div class="x">' + "<div>" * 5 + "<p>One two</p><p>Three four</p>" + "</div>" * 5 + "</div>"
    assert after(far, 0.6, 0.4) == pytest.approx([0.6, 0.4])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1, width=32)), max_size=12))
def test_nothing_leaves_the_range_of_its_template(blocks: list[tuple[str, float]]) -> None:
    scanned = page("".join(posts("Some words", name=name) for name, _ in blocks))
    before = np.array([p for _, p in blocks], np.float32)
    kept = before.copy()
    out = smooth_by_template(scanned, before)
    assert np.array_equal(before, kept) and out.dtype == np.float32
    for name in "abc":
        rows = [row for row, (other, _) in enumerate(blocks) if other == name]
        if rows:
            assert before[rows].min() - 1e-6 <= out[rows].min() and out[rows].max() <= before[rows].max() + 1e-6


def test_nothing_to_judge() -> None:
    assert smooth_by_template(page(""), np.zeros(0, np.float32)).tolist() == []
