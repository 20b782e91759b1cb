"""Spans that a style draws as lines."""

from __future__ import annotations

import pytest

from parsers import extract
from parsers.markup.lexbor import normal_form
from parsers.scanner.drawn_lines import break_drawn_lines
from parsers.scanner.scan import scan_page

LINES = ["The miller counts the stones,", "the water counts the years,", "and takes what it has given."]


def breaks(html: str) -> int:
    markup = normal_form(html.encode())
    return len(break_drawn_lines(markup, scan_page(markup)))


def spans(attributes: str, between: str = "", lines: list[str] = LINES) -> str:
    return between.join(f"<span {attributes}>{line}</span>" for line in lines)


DRAWN, NAMED = 'style="display:block"', 'class="verse one"'


@pytest.mark.parametrize(
    ("style", "lines"),
    [
        ("", spans(DRAWN)),
        ("", spans('style="margin: 0; display : block; padding-left:1em"', between="\n")),
        (".verse{display:block}", spans(NAMED)),
        (".x{} p .verse, .y { margin:0; display: block; }", spans(NAMED)),
        (".verse{color:red} .verse{display:block}", spans(NAMED)),
    ],
)
def test_each_line_is_broken_from_the_one_before(style: str, lines: str) -> None:
    assert breaks(f"<style>{style}</style><p>{lines}</p>") == 2


@pytest.mark.parametrize(
    ("style", "lines"),
    [
        ("", spans(NAMED)),
        (".verse{display:inline-block}", spans(NAMED)),
        (".verses{display:block}", spans(NAMED)),
        (".verse .open{display:block}", spans(NAMED)),
        ("", spans(DRAWN, lines=LINES[:2])),
        ("", spans(DRAWN, between=" and ")),
        ("", spans(DRAWN, lines=["miller", "counter", "turnstone"])),  # a word each
        ("", f"<code>{spans(DRAWN)}</code>"),
    ],
)
def test_other_spans_stay(style: str, lines: str) -> None:
    assert breaks(f"<style>{style}</style><p>{lines}</p>") == 0


def test_verse_has_its_lines() -> None:
    prose = "<p>A song of the weir, as it was sung at the fair until the war, written down from two singers.</p>"
    html = f"<html><body><article>{prose}<p>{spans(DRAWN)}</p>{prose.replace('song', 'tune')}</article>"
    assert "\n".join(LINES) in extract(html.encode()).text
