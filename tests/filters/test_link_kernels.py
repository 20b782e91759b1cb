"""Hosts stand where a plain expression finds them, and one that comes again is mostly left out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.link_kernels import hosts
from tests.filters.test_linked_sites import LINK, PIECES


def found(page: bytes) -> list[tuple[int, int]]:
    return [tuple(place) for place in hosts(np.frombuffer(page, np.uint8)).tolist()]


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=40).map(b"".join), st.sampled_from([0, 250, 255, 256, 257, 600]))
def test_places_are_those_of_the_expression(page: bytes, before: int) -> None:
    page = b" " * before + page
    expected = {page[match.start(1) : match.end(1)]: match.span(1) for match in LINK.finditer(page.lower())}
    places = found(page)
    assert {page[start:end] for start, end in places} == set(expected)
    assert places == sorted(places) and all(
        (start, end) in [m.span(1) for m in LINK.finditer(page.lower())] for start, end in places
    )


def test_a_host_that_comes_again_is_left_out() -> None:
    page = b"<a href=//a.example><a href=//b.example>" * 20
    assert found(page) == [(10, 19), (30, 39)]
    assert found(b"") == found(b"href=//") == []
    assert found(b"href=//a") == [(7, 8)]


# What a link is written with, part by part: as usual, and other ways, right and wrong.
PARTS = [
    [b"<a ", b"<a data-", b"<a a", b"<a _", b"<a 0", b"<a \xff", b""],
    [b"href", b"HREF", b"hReF", b"xref", b"hxef", b"hrxf", b"hrex", b"hrefx", b"href href", b"hhref"],
    [b"=", b" =", b"\n=\t", b"", b":", b"=="],
    [b'"', b"'", b"", b'" ', b"\"\n\f\v\r", b"`", b"''"],
    [b"https:", b"http:", b"HTTP:", b"", b"xttps:", b"hxtps:", b"htxps:", b"httxs:", b"httpx:", b"https", b"httpss:", b"HTTPS:", b"h"],
    [b"//", b"/", b"///", b"/x", b"x/", b""],
    [b"", b"u@", b"u:p@", b"@", b"x" * 79 + b"@", b"x" * 80 + b"@", b"x" * 81 + b"@", b'u"@', b"u @", b"u/@", b"u@u@", b"U?@", b"u#@"],
    [b"a.example", b"A-b_c.9Z", b"\x80\xff", b"", b"x" * 252, b"x" * 253, b"x" * 254, b"`", b"{", b"[", b"/", b"@"],
    [b">", b"", b" ", b"/x", b"@", b":80"],
]  # fmt: skip


def plain_places(page: bytes) -> list[tuple[int, int]]:
    return [match.span(1) for match in LINK.finditer(page.lower())]


def test_links_are_written_in_many_ways() -> None:
    usual = [part[0] for part in PARTS]
    for one, other in combinations(range(len(PARTS)), 2):
        for first in PARTS[one]:
            for second in PARTS[other]:
                parts = [*usual]
                parts[one], parts[other] = first, second
                page = b"".join(parts)
                assert found(page) == plain_places(page), page


def test_links_stand_anywhere_in_blocks() -> None:
    for before in (*range(240, 260), *range(505, 515)):
        for behind in (0, 1, 200, 256, 300):
            page = b" " * before + b"<a href=//a.example>" + b"-" * behind
            assert found(page) == plain_places(page), (before, behind)


def test_hosts_that_are_remembered_in_one_place_are_told_apart() -> None:
    # By the sum of their bytes, each of them times a power of 31, the lower eight bits.
    one, other = b"aa.example", b"bB.example"
    slots = {sum(byte * 31**place for place, byte in enumerate(host[::-1])) % 256 for host in (one, other)}
    assert len(slots) == 1
    page = b"".join(b"<a href=//%s>" % host for host in (one, other, one, other, other))
    assert found(page) == plain_places(page)[:4]
    page = b"<a href=//aa.example><a href=//aa.exampl><a href=//aa.example>"
    assert [page[start:end] for start, end in found(page)][:2] == [b"aa.example", b"aa.exampl"]
