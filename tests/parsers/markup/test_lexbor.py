"""The normal form is the same whichever way it is written out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers.markup import lexbor
from parsers.markup.tokens import PADDING

PIECES = st.sampled_from(
    ["<p>", "<b class=x>", "</b>", "a & b", "é", "\0", "<table>", "<svg><path d=0/></svg>", "<!-- c -->",
     "<script>1<2</script>", "<template>t", "<br>", '<a title="&quot;">', "&#xd800;", "\U0001f642", "<plaintext>", "</html>", "<frameset>"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_it_is_what_selectolax_writes(html: str) -> None:
    expected = LexborHTMLParser(html).html.encode() + PADDING
    assert lexbor.normal_form(html) == lexbor.normal_form(html.encode()) == expected


def test_it_may_be_much_longer_than_the_page() -> None:
    html = "<b>" * 300 + "<p>&" * 3_000
    assert lexbor.normal_form(html) == LexborHTMLParser(html).html.encode() + PADDING


def test_another_build_of_the_library_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexbor.ctypes, "CDLL", lambda path: object())
    monkeypatch.setattr(lexbor, "_written", lexbor._best())
    assert lexbor.normal_form("<p>é") == "<html><head></head><body><p>é</p></body></html>".encode() + PADDING
