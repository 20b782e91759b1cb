"""Headings between kept text, and lists with boxes to tick."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.section_headings import keep_section_headings
from parsers.selection.ticked_lists import keep_ticked_lists

PROSE = "<p>The mill stands by the river and grinds the grain of the valley.</p>"


def comes(html: str, likely: float = 0.3) -> bool:
    parsed = parse(f"<html><body><div>{html}</div></body></html>")
    roles = parsed.roles
    heading = next(row for row, block in enumerate(parsed.blocks) if block.text == "Grain")
    kept = np.ones(len(parsed.blocks), bool)
    kept[heading] = False
    likely_each = np.full(len(kept), likely, np.float32)
    return bool(keep_section_headings(parsed.page, roles, kept, likely_each)[heading])


HEADING = '<h2><a href="#grain">Grain</a></h2>'


def test_a_heading_between_kept_text_comes_along() -> None:
    assert comes(PROSE + HEADING + PROSE)
    assert comes(f"{PROSE}<section>{HEADING}<pre><code>grind(grain)</code></pre></section>")


@pytest.mark.parametrize(
    "html",
    [
        HEADING + PROSE,
        PROSE + HEADING,
        f"{PROSE}{HEADING}<h3>Rye</h3>",
        f"{PROSE}{HEADING}<p>Six words.</p>",
        f"{PROSE}{HEADING}<p><a href='/x'>What else the mill grinds in the winter, when it snows</a></p>",
    ],
)
def test_a_heading_of_something_else_does_not(html: str) -> None:
    assert not comes(html)


def test_an_unlikely_heading_does_not() -> None:
    assert not comes(PROSE + HEADING + PROSE, likely=0.1)


BOX = '<li><label><input type="checkbox"><span>{}</span></label></li>'
ITEMS = f"<ul>{BOX.format('rain jacket')}{BOX.format('2 shirts')}</ul>"


def ticked(html: str, likely: float = 0.3) -> list[str]:
    parsed = parse(f"<html><body>{html}</body></html>")
    kept = np.array([len(block.text) > 40 for block in parsed.blocks])
    likely_each = np.full(len(kept), likely, np.float32)
    kept = keep_ticked_lists(parsed.page, parsed.roles, kept, likely_each)
    return [block.text for block, stays in zip(parsed.blocks, kept, strict=True) if stays and len(block.text) < 40]


def test_a_list_of_boxes_below_kept_text_is_kept_with_its_heading() -> None:
    assert ticked(f"<article>{PROSE}<h3>Clothes</h3>{ITEMS}</article>") == ["Clothes", "rain jacket", "2 shirts"]


@pytest.mark.parametrize(
    "html",
    [
        f"<article>{PROSE}</article><div><div>{ITEMS}</div></div>",
        f"<article>{PROSE}<form>{ITEMS}</form></article>",
        f"<article>{PROSE}<aside>{ITEMS}</aside></article>",
        f"<article>{PROSE}<ul>{BOX.format('<a href=/x>blue</a>')}{BOX.format('green')}</ul></article>",
        f"<article>{ITEMS}{PROSE}</article>",
    ],
)
def test_a_filter_is_not(html: str) -> None:
    assert ticked(html) == []


def test_an_unlikely_list_is_not() -> None:
    assert ticked(f"<article>{PROSE}{ITEMS}</article>", likely=0.05) == []
