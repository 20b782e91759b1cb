"""First letters in an element of their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.markup.lexbor import normal_form
from parsers.scanner.drop_caps import join_drop_caps
from parsers.scanner.edits import edited
from parsers.scanner.scan import scan_page

REST = "he rain began on a Thursday and did not stop for eleven days."


def moved(html: str) -> str | None:
    """The page's text after the edits, ``None`` where there are none."""
    markup = normal_form(html.encode())
    found = edited(markup, join_drop_caps(markup, scan_page(markup)))
    return None if found is markup else scan_page(found).text.tobytes().decode()


@pytest.mark.parametrize(
    "html",
    [
        f'<div class="drop-cap">T</div><p>{REST}</p>',
        f'<div><div style="float:left">T</div>{REST}</div>',
        f'<div class="figleft"><span class="initial">T</span></div>\n<p><em>{REST}</em></p>',
        f"<p>T</p><p>{REST}</p>",
    ],
)
def test_a_letter_is_moved_to_its_word(html: str) -> None:
    assert moved(html) == "T" + REST


def test_a_letter_with_an_accent_is_one() -> None:
    assert moved('<div class="cap">É</div><p>tait-il possible que la pluie ne cesse plus avant le soir ?</p>') == (
        "Était-il possible que la pluie ne cesse plus avant le soir ?"
    )


def test_a_word_of_one_letter_keeps_its_blank() -> None:
    text = "mill needs water, stone and a miller who knows both."
    assert moved(f'<div class="cap">A</div><p>{text}</p><p>The mill</p>') == f"A {text}The mill"


@pytest.mark.parametrize(
    "html",
    [
        "<div>A</div><p>abacus, a frame with beads on wires by which people count to this day</p>",  # a glossary
        f"<h2>T</h2><p>{REST}</p>",
        f'<div><a href="#t">T</a></div><p>{REST}</p>',
        "<div>T</div><p>he rain began</p>",  # no prose
        "<div>T</div><p>The rain began on a Thursday and did not stop for eleven days.</p>",
        f"<div>T<p>{REST}</p></div>",  # the element holds both
        f"<table><tr><td>T</td><td>{REST}</td></tr></table>",
        f"<div>TO</div><p>{REST}</p>",
    ],
)
def test_other_letters_stay(html: str) -> None:
    assert moved(html) is None


@given(
    st.lists(st.sampled_from(["<div>", "</div>", "<p>", "</p>", "T", "É", REST, "<b>", "&nbsp;", "<hr>"]), max_size=30)
)
def test_no_letter_is_lost(pieces: list[str]) -> None:
    html = "".join(pieces)
    text = moved(html)
    if text is not None:
        before = scan_page(normal_form(html.encode())).text.tobytes().decode()
        assert sorted(before.replace(" ", "")) == sorted(text.replace(" ", ""))
