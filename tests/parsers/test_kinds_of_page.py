"""Pages in the manner of as many programs: what must be in the text of each, and what must not.

``kinds/NAME.txt`` has a line for each: ``+`` and what must be there, ``-`` and what must not, ``\n`` and ``\t`` for line feed and
tab. The pages were written for this, and what is expected of them before the parser had seen them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers import extract

PAGES = Path(__file__).with_name("kinds")


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.html")))
def test_what_must_be_in_the_text_is_and_nothing_else(name: str) -> None:
    text = extract((PAGES / f"{name}.html").read_bytes(), "https://site.example.org/a/page").text
    lines = (PAGES / f"{name}.txt").read_text("utf-8").splitlines()
    expected = [(line[0], line[2:].replace("\\n", "\n").replace("\\t", "\t")) for line in lines if line]
    assert [said for sign, said in expected if (said in text) != (sign == "+")] == []
