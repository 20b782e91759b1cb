"""Numbers of articles of law above their text."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.article_numbers import keep_article_numbers

TEXT = "<p>Whoever fishes from the bank of a river needs a licence of the county.</p>"


def comes(heading: str) -> bool:
    parsed = parse(f"<html><body><div>{heading}{TEXT}</div></body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    kept[0] = False
    return bool(keep_article_numbers(parsed.page, parsed.roles, kept)[0])


@pytest.mark.parametrize(
    "heading",
    [
        '<h1><a href="#4">§ 4</a> Angeln vom Ufer</h1>',
        "<h6>Art. 3</h6>",
        "<p>Article 12</p>",
        "<h3>9.14 Ferries and landing places.</h3>",
        "<p>Статья 5. Рыболовство</p>",
        "<h4>第三条</h4>",
        "<h3>제3조 (낚시)</h3>",
    ],
)
def test_a_number_comes_with_its_text(heading: str) -> None:
    assert comes(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "<h2>Articles of the week</h2>",
        "<p>2012-01-04 05:19</p>",
        "<p>$9.99</p>",
        "<p>12.5 kg of fish</p>",
        "<p>Section of the road that is closed</p>",
        "<h2>Related</h2>",
    ],
)
def test_other_lines_stay_away(heading: str) -> None:
    assert not comes(heading)
