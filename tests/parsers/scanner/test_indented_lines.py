"""Code that is set with line breaks and blanks that don't break."""

from __future__ import annotations

import pytest

from parsers import extract
from parsers.backends.gristmill_backend import parse

BEFORE = (
    "This is how the job waits between two attempts, and why nobody has had to get up at night for three years now."
)
LINES = "for (i = 0; i &lt; 5; i++) {<br>&nbsp;&nbsp;&nbsp;&nbsp;sleep(1 &lt;&lt; i);<br>}"
CODE = "for (i = 0; i < 5; i++) {\n    sleep(1 << i);\n}"


def code_of(html: str) -> list[str]:
    return [block.text for block in parse(f"<html><body>{html}</body></html>").blocks if block.kind == "code"]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LINES}</p>",
        f"<div>{LINES}</div>",
        f"<div><span style='color:red'>{LINES}</span></div>",
        f"<div><p>{BEFORE}</p>{LINES}<p>{BEFORE}</p></div>",
        f"<p>{LINES.replace('<br>', '<br> ')}</p>",
    ],
)
def test_such_lines_are_a_block_of_code(html: str) -> None:
    assert code_of(html) == [CODE]


def test_prose_before_and_behind_stays_outside() -> None:
    assert code_of(f"<p>{BEFORE}<br>{LINES}<br>{BEFORE}</p>") == [CODE]
    text = extract(f"<html><body><p>{BEFORE}<br>{LINES}<br>{BEFORE}</p></body></html>".encode()).text
    assert text.count(BEFORE) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<p>They set their booths upon the ice,<br>&nbsp;&nbsp;sold gingerbread and gin;<br>and never asked a second price<br>&nbsp;&nbsp;before it all fell in.</p>",
        f"<p>{LINES.replace('&nbsp;', '')}</p>",
        "<p>第一(甲)，水车(一)转动。<br>&nbsp;&nbsp;第二(乙)，水车(二)不转。<br>&nbsp;&nbsp;第三(丙)，水(三)停了。</p>",
        "<p>The mill (1790) turns. It has f(x) = 2 wheels.<br>&nbsp;&nbsp;The pond (1801) is full. It has g(x) = 3 gates.<br>&nbsp;&nbsp;The miller (b. 1770) left. He had h(x) = 1 cat.</p>",
        "<p>Opening hours:<br>&nbsp;&nbsp;Monday 9-5<br>&nbsp;&nbsp;Tuesday 9-5<br>&nbsp;&nbsp;Friday (winter) 9-1</p>",
    ],
)
def test_verse_lists_and_lines_without_indentation_are_none(html: str) -> None:
    assert code_of(html) == []
