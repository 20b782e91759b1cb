"""Hosts are read from the links of a page's bytes."""

from __future__ import annotations

from hypothesis import given
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
