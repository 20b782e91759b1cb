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
