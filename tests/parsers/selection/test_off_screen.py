"""What a page's own style sheet moves off the screen."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.own_style import drop_hidden

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has for years.</p>"


def stays(style: str, name: str = "hp", attributes: str = "") -> bool:
    body = f'<div class="{name}" {attributes}><p>Nobody should ever read this</p></div>{PROSE}'
    parsed = parse(f"<html><head><style>{style}</style></head><body>{body}</body></html>")
    return bool(drop_hidden(parsed.page, parsed.markup, np.ones(len(parsed.page.blocks), bool)).all())


@pytest.mark.parametrize(
    "style",
    [
        ".hp{position:absolute;left:-9999px}",
        ".hp { position: fixed; top : -10000px; width: 1px }",
        "div.hp{position:absolute;left:-999em}",
        ".hp{position:absolute;clip:rect(0 0 0 0);height:1px}",
        ".hp{position:absolute;clip: rect(1px, 1px, 1px, 1px)}",
        ".hp{clip-path: inset(50%)}",
        "p{margin:0} .x, .hp{position:absolute;left:-99999px}",
    ],
)
def test_it_goes(style: str) -> None:
    assert not stays(style)


@pytest.mark.parametrize(
    "style",
    [
        ".hp{margin-left:-9999px}",
        ".hp{text-indent:-9999px}",  # a picture stands for it
        ".hp{position:absolute;left:-100%}",
        ".hp{position:absolute;left:-100px}",
        ".hp{position:absolute;left:-9999px} .hp:hover{left:0}",
        ".hp{clip:rect(0,200px,100px,0)} .hp.open{clip:auto}",
        ".hp .x{position:absolute;left:-9999px}",
    ],
)
def test_other_places_say_nothing(style: str) -> None:
    assert stays(style)


@pytest.mark.parametrize("name", ["sr-only", "screen-reader-text", "visuallyHidden", "a11y", "skip-link"])
def test_text_for_screen_readers_stays(name: str) -> None:
    assert stays(f".{name}{{position:absolute;left:-9999px}}", name)
    assert not stays(f".{name}{{display:none}}", name)


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("position:absolute;left:-9999px", False),
        ("position:fixed; top: -10000px", False),
        ("margin-left:-9999px", True),
    ],
)
def test_a_style_of_its_own(style: str, kept: bool) -> None:
    assert stays("", attributes=f'style="{style}"') == kept
