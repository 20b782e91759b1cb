"""Invitations to read another article."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.read_also import drop_invitations

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has for years.</p>"
LINK = '<a href="/x">Five mills that you can visit</a>'


def stays(invitation: str, likely: float = 0.5) -> bool:
    parsed = parse(f"<html><body>{PROSE}{invitation}{PROSE}</body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    return bool(drop_invitations(parsed.page, parsed.roles, kept, np.full(len(kept), likely, np.float32)).all())


@pytest.mark.parametrize(
    "label",
    [
        "Read also:",
        "READ ALSO",
        "&gt;&gt; Related story:",
        "Lire aussi :",
        "MORE:",
        "(PHOTOS:",
        "Watch:",
        "Lesen Sie auch:",
        "Читайте также:",
        "関連記事",
        "اقرأ أيضا",
    ],
)
def test_a_paragraph_that_invites_goes(label: str) -> None:
    assert not stays(f"<p><strong>{label} {LINK}</strong></p>")


@pytest.mark.parametrize(
    "html",
    [
        f"<h2>Read also: {LINK}</h2>",
        f"<ul><li>Read also: {LINK}</li><li>one</li></ul>",
        f"<p>See also {LINK}</p>",  # references have these
        f"<p>Related work is older: {LINK}</p>",
        f"<p>The miller, who had read also what others write of mills and weirs, liked best {LINK}</p>",
        "<p>Read also what stands on the back of the sack.</p>",
        "<p>The story of the mill continues below the weir</p>",
        "<p>Continue</p>",
    ],
)
def test_other_paragraphs_stay(html: str) -> None:
    assert stays(html)


def test_what_is_surely_content_stays() -> None:
    assert stays(f"<p>Read also: {LINK}</p>", likely=0.95)


@pytest.mark.parametrize(
    "line",
    [
        "Story continues below",
        "Article continues below advertisement",
        "Advertisement - Continue Reading Below",
        "SCROLL TO CONTINUE WITH CONTENT",
        "The article continues after the video.",
    ],
)
def test_lines_that_say_that_the_text_goes_on_go(line: str) -> None:
    assert not stays(f"<p>{line}</p>")
