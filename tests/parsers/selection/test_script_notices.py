"""Notices to browsers without scripts."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.script_notices import drop_script_notices

NOTICE = "<body><noscript><p>Bitte schalten Sie JavaScript ein.</p><p>Danke!</p></noscript>"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (NOTICE + "<p>The mill stands by the river</p>", 1),
        ("<noscript><p>The mill stands by the river</p></noscript>", 1),
        ("<p>The mill runs without JavaScript</p><noscript></noscript>", 1),
        (
            "<noscript><p>The mill runs on JavaScript</p>"
            + "<p>and grinds the grain of the valley</p>" * 10
            + "</noscript>",
            11,
        ),
    ],
)
def test_notices_go_and_content_stays(html: str, left: int) -> None:
    parsed = parse(html)
    assert drop_script_notices(parsed.page, np.ones(len(parsed.page.blocks), bool)).sum() == left


def notice(inside: str) -> str:
    return f"<body><noscript>{inside}</noscript><p>The mill</p></body>"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (notice(f"<p>JavaScript {'so ' * 59}</p>"), 1), (notice(f"<p>JavaScript {'so ' * 60}</p>"), 2), (notice(f"<p>JavaScript</p><p>{'so ' * 59}</p>"), 1), (notice(f"<p>JavaScript</p><p>{'so ' * 60}</p>"), 3),
        (notice("<div>" * 6 + "<p>javascript</p>" + "</div>" * 6), 1), (notice("<div>" * 7 + "<p>javascript</p>" + "</div>" * 7), 2), (notice("JavaScript"), 1), (notice("JAVASCRIPT"), 1), (notice("Java Script"), 2),
        (notice("<p>so</p><p>JavaScript</p><p>so</p>"), 1), ("<body><p>avascript</p><noscript><p>one</p></noscript>", 2),
        ("<body>" + "<noscript>JavaScript</noscript><p>so</p>" * 20, 20), ("<body>" + "<noscript>JavaScript</noscript><p>so</p>" * 22, 24),
        ("<body><p>javascript javascript</p>" + "<noscript>JavaScript, JavaScript</noscript><p>so</p>" * 20, 21),
    ],
)  # fmt: skip
def test_how_long_and_how_deep_a_notice_may_be(html: str, left: int) -> None:
    parsed = parse(html)
    assert drop_script_notices(parsed.page, np.ones(len(parsed.page.blocks), bool)).sum() == left


def test_notices_that_are_left_out_already_change_nothing() -> None:
    parsed = parse(notice("<p>JavaScript</p><p>so</p>"))
    assert drop_script_notices(parsed.page, np.array([False, True, True])).tolist() == [False, True, True]
