"""Lists of links behind the last prose."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.selection.links_behind import drop_headings_behind, drop_links_behind

PROSE = "<p>" + "The stone turns all day above its bed, and nobody has counted how often. " * 2 + "</p>"
LINK = "<p><a href=/a>The next story of the mill</a></p>"
MIXED = "<p><a href=/a>The next story</a> was told elsewhere by two other millers</p>"


@pytest.mark.parametrize(
    ("html", "probabilities", "expected"),
    [
        (PROSE + LINK + LINK, [0.9, 0.6, 0.8], "+-+"),
        (LINK + PROSE, [0.6, 0.9], "++"),
        (PROSE + MIXED, [0.9, 0.6], "++"),
        (LINK + LINK, [0.6, 0.6], "++"),  # a listing
        (PROSE + LINK + PROSE, [0.9, 0.6, 0.2], "+++"),
        (PROSE + "<p>Then</p>", [0.9, 0.3], "++"),
    ],
)
def test_links_behind_the_last_prose_go_unless_they_are_sure(html, probabilities, expected) -> None:
    page = parse(html).page
    kept = drop_links_behind(page, np.array(probabilities, np.float32), np.ones(len(page.blocks), bool))
    assert "".join("+" if each else "-" for each in kept) == expected


BOOK, LINKED = "Osei and Marl, a history of the loom, 1987", "<a href=/a>The reed</a>"
LONG = "<a href=/a>The reed and its maker in the town by the river</a>"


def items(*texts: str) -> str:
    return PROSE + "<ol>" + "".join(f"<li>{text}</li>" for text in texts) + "</ol>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (items(BOOK, LINKED, BOOK), "++++"),
        (items(LINKED, BOOK), "+++"),
        (items(BOOK, LONG), "++-"),
        (items(BOOK, LINKED) + "<p><a href=/b>More about mills</a></p>", "+++-"),
        (PROSE + f"<p>[1] {BOOK}</p><p>[2] {LINKED}</p>", "+++"),
        (PROSE + f"<p>{BOOK}</p><p>{LINKED}</p>", "++-"),
        (PROSE + f"<p>{BOOK}<br><br>{LINKED}</p>", "+++"),
    ],
)
def test_a_list_of_which_two_thirds_stay_is_kept_whole(html: str, expected: str) -> None:
    page = parse(html).page
    likely = np.full(len(page.blocks), 0.5, np.float32)
    kept = drop_links_behind(page, likely, np.ones(len(page.blocks), bool))
    assert "".join("+" if each else "-" for each in kept) == expected


def test_only_what_is_kept_is_prose() -> None:
    page = parse(PROSE + LINK).page
    assert drop_links_behind(page, np.array([0.2, 0.5], np.float32), np.array([False, True])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("html", "likely", "left"),
    [
        ("<p>The wheel turns</p><h2>Did this help?</h2>", 0.4, 1),
        ("<p>The wheel turns</p><h2>Did this help?</h2>", 0.6, 2),
        ("<p>The wheel turns</p><h2>How?</h2><h2>Why?</h2><h2>When?</h2>", 0.4, 4),
        ("<h2>Did this help?</h2>", 0.4, 1),
        ("<h2>Mills</h2><p>The wheel turns</p>", 0.4, 2),
    ],
)
def test_headings_with_nothing_below_go(html: str, likely: float, left: int) -> None:
    page = parse(html).page
    likelihoods, keep = np.full(len(page.blocks), likely, np.float32), np.ones(len(page.blocks), bool)
    assert drop_headings_behind(page, block_roles(page), likelihoods, keep).sum() == left
