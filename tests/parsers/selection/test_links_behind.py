"""Lists of links behind the last prose."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.links_behind import drop_links_behind

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


def test_only_what_is_kept_is_prose() -> None:
    page = parse(PROSE + LINK).page
    assert drop_links_behind(page, np.array([0.2, 0.5], np.float32), np.array([False, True])).tolist() == [False, True]
