"""Hosts are read from the links of a page's bytes."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.linked_sites import linked_hosts


def test_links_in_all_spellings() -> None:
    html = b"""<a href="https://A.example/x">, <A HREF = 'http://b.example:80'>, <a href=//c.example>, <link href="/d">,
    <a href="https://user:pw@e.example/">, <a href="mailto:f@f.example">, <a data-href="//a.example">, <img src="//g.example">
    <a href="https://localhost/">"""
    assert linked_hosts(html) == ["a.example", "b.example", "c.example", "e.example"]


def test_of_many_links_so_many_hosts() -> None:
    assert len(linked_hosts(b"".join(b"<a href=//h%d.example>" % number for number in range(500)))) == 200


@given(st.binary(max_size=300))
def test_no_bytes_raise(html: bytes) -> None:
    linked_hosts(b"<a href=//" + html)


LINK = re.compile(rb"""\bhref\s*=\s*["']?\s*(?:https?:)?//(?:[^/"'\s<>?#@]{0,80}@)?([a-z0-9\x80-\xff._-]{1,253})""")
PIECES = st.sampled_from(
    [b"href", b" HREF=", b"a", b"_", b" ", b"\n", b"=", b"'", b'"', b"http:", b"HTTPS:", b"http", b"/", b"//", b"u:p@", b"@", b"h.x",
     b"\xc3\xa4.", b"\xff", b"//a.b", b' href="//a.b', b" href=//A.b.", b"x" * 79, b"y" * 200, b"?", b"#", b"k" * 256]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_links_are_those_of_the_expression(html: bytes) -> None:
    found = {match[1].decode("utf-8", "replace").lower().strip("."): None for match in LINK.finditer(html.lower())}
    assert linked_hosts(html) == [host for host in found if "." in host]
