"""Tags and texts of a stretch of normal form, one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.markup.lexbor import normal_form
from parsers.markup.tokens import Token, attributes, plain_text, tokenize, unescape


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<p class="a">b</p>', [("start", "p", ' class="a"'), ("text", "", "b"), ("end", "p", "")]),
        ("a &amp; b", [("text", "", "a & b")]),
        ("<br>a", [("start", "br", ""), ("end", "br", ""), ("text", "", "a")]),
        ('<img alt="&lt;x>">', [("start", "img", ' alt="&lt;x>"'), ("end", "img", "")]),
        ("<script>a < b && c</script>d", [("start", "script", ""), ("text", "", "a < b && c"), ("end", "script", ""), ("text", "", "d")]),
        ("<script></script>", [("start", "script", ""), ("end", "script", "")]),
        ("<script>a", [("start", "script", ""), ("text", "", "a")]),
        ("<style>p > a</style>", [("start", "style", ""), ("text", "", "p > a"), ("end", "style", "")]),
        ("a<!-- b -->c<!doctype html>d", [("text", "", "a"), ("text", "", "c"), ("text", "", "d")]),
        ("<x-y>a</x-y>", [("start", "x-y", ""), ("text", "", "a"), ("end", "x-y", "")]),
        ("", []),
    ],
)  # fmt: skip
def test_tags_and_texts(markup: str, expected: list[tuple[str, str, str]]) -> None:
    assert list(tokenize(markup)) == [Token(*each) for each in expected]


def test_attributes_and_references() -> None:
    assert attributes(' class="a b" hidden data-x="&lt;&quot;&gt;&amp;&nbsp;"') == {
        "class": "a b", "hidden": "", "data-x": '<">&\u00a0',
    }  # fmt: skip
    assert unescape("a &amp;lt; b") == "a &lt; b" and unescape("R&D &x;") == "R&D &x;"


@given(st.text(alphabet="ab<>/&!-= \"'pbrscipt", max_size=60))
def test_any_page_is_read_and_its_text_is_what_stands_outside_of_tags(page: str) -> None:
    for markup in (page, normal_form(page).decode()):
        found = list(tokenize(markup))
        assert plain_text(markup) == "".join(token.text for token in found if token.kind == "text")
        assert all(token.text for token in found if token.kind == "text")
