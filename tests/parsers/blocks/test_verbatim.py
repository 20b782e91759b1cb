"""What is let through without a second look, a second look would have left as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsers.blocks.render import tidy
from parsers.blocks.verbatim import tidy_already
from parsers.formulas.tex import written
from parsers.markup.lexbor import normal_form
from parsers.parsed_page import parse
from parsers.scanner.scan import scan


def passes(text: str) -> list[bool]:
    page = scan(normal_form(f"<p>{text}</p>"))
    return tidy_already(page, np.arange(len(page.blocks))).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "Plain prose.",
        "Prix : 5 €, «déjà»",
        "costs $5",
        "well-known - a dash",
        "русский",
        "漢字かな",
        "한국어",
        "🙂 ok",
    ],
)
def test_prose_in_any_script_passes(text: str) -> None:
    assert passes(text) == [True]


@pytest.mark.parametrize(
    "text", ["$a$", "\\(a\\)", "pre- and postwar", "exam-<br>ple", "soft\u00adhyphen", "e\u0301", "\u212b", "a\u200bb",
             "\u1112\u1161", "in <sub>a</sub>", "zero\ufeffwidth", "\ud55c\u11a8"]
)  # fmt: skip
def test_what_may_change_is_looked_at(text: str) -> None:
    assert passes(text) == [False]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30), st.sampled_from(("p", "h2", "td", "li")))
@example("a\u0338b", "p")
def test_a_second_look_changes_nothing(text: str, element: str) -> None:
    page = parse(f"<{element}>x{text}<br>y</{element}>").page
    rows = np.arange(len(page.blocks))
    for row, is_tidy in zip(rows, tidy_already(page, rows), strict=True):
        said = page.text[page.blocks[row, 1] : page.blocks[row, 2]].tobytes().decode()
        if is_tidy:
            assert tidy(said) == said
            assert tidy(said, "heading") == said.replace("\n", " ")
            assert not written(said)
