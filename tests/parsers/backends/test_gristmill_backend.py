"""The doors of gristmill's own parser: what they take, and that both give the same."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import extract, parse
from parsers.blocks.render import render_blocks

TEXT = "Der Müller öffnet vor Tagesanbruch die Schleuse, und bald dreht sich das Rad im kalten Wasser. "
PAGE = (
    f"<html><head><title>Die Mühle</title></head><body><h1>Die Mühle</h1><p>{TEXT * 3}</p><p>{TEXT}</p></body></html>"
)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "utf-16"])
def test_bytes_in_any_charset_and_text_are_the_same_page(charset: str) -> None:
    header = f"text/html; charset={charset}"
    from_bytes, from_text = parse(PAGE.encode(charset), "", header), parse(PAGE)
    assert from_bytes.markup == from_text.markup
    page = extract(PAGE.encode(charset), "", header)
    assert page.text == render_blocks(from_text.content)[0]
    assert (page.text, page.spans) == from_text.render()
    assert page.title == from_text.about.title == "Die Mühle"


def test_lone_surrogates_in_a_text_are_left_out() -> None:
    assert "Wasser" in parse(PAGE.replace("Rad", "R\ud800ad")).render()[0]


def test_another_choice_of_alternative_texts_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="alt_text is one of formulas, all, and not 'some'"):
        parse(PAGE, alt_text="some")
