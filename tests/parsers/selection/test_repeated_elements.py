"""What stands on a page twice is written once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers.scanner.scan import scan
from parsers.selection.repeated_elements import once

ONE = "<p>The first paragraph has twelve words of plain and quite ordinary prose.</p>"
TWO = "<p>A second paragraph, not far away, also has twelve words of it.</p>"
SHORT = "<p>Read more</p>"
FORMULA = '<p>So many words and <script type="math/tex">{}</script> is what they are all about.</p>'


def kept(html: str, chosen: str = "") -> str:
    """One sign a block, ``+`` where ``once`` leaves it; ``chosen`` likewise, all if it is empty."""
    page = scan((LexborHTMLParser(html).html or "").encode())
    keep = np.array([sign == "+" for sign in chosen or "+" * len(page.blocks)], bool)
    assert len(keep) == len(page.blocks)
    return "".join("+" if sign else "-" for sign in once(page, keep))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<div>{ONE}{TWO}</div><div>{ONE}{TWO}</div>", "++--"),
        (f"<div>{ONE}{SHORT}{TWO}</div><div>{ONE}{SHORT}{TWO}</div>", "+++---"),  # whatever is in it
        (f"<div>{ONE}{TWO}</div><section><div>{ONE}</div><div>{TWO}</div></section>", "++--"),
        (f"<div>{ONE}{TWO}</div><div>{ONE}{TWO}</div><div>{TWO}{ONE}</div>", "++----"),
        (f"<div>{ONE}{TWO}</div><div>{ONE}<p>That was wrong.</p>{TWO}</div>", "+++++"),  # it adds a word
        (f"<div>{ONE}{TWO}{ONE}</div>", "+++"),  # a chorus
        (f"<div>{ONE}{SHORT}</div><div>{SHORT}</div>", "+++"),
        (f"<div>{ONE}</div><div>{ONE}</div>", "++"),  # twelve words
        (f"<ul>{'<li>Yes</li>' * 20}</ul><ol>{'<li>Yes</li>' * 20}</ol>", "+" * 40),  # no passages
        (f"<div>{FORMULA.format('a')}{ONE}</div><div>{FORMULA.format('b')}{ONE}</div>", "++++"),
        ("", ""),
    ],
)
def test_an_element_that_repeats_what_came_before_goes(html: str, expected: str) -> None:
    assert kept(html) == expected


def test_what_is_not_kept_is_neither_repeated_nor_new() -> None:
    html = f"<div>{ONE}{TWO}</div><div>{ONE}{SHORT}{TWO}</div>"
    assert kept(html, "--+++") == "--+++"
    assert kept(html, "+++-+") == "++---"


@given(st.lists(st.lists(st.sampled_from([ONE, TWO, SHORT]), min_size=1, max_size=4), max_size=8))
def test_every_text_stays_somewhere_and_first_where_it_was(groups: list[list[str]]) -> None:
    texts = [text for group in groups for text in group]
    signs = kept("".join(f"<div>{''.join(group)}</div>" for group in groups))
    for text in {*texts}:
        assert signs[texts.index(text)] == "+"
