"""Hosts stand where a plain expression finds them, and one that comes again is mostly left out."""

from __future__ import annotations

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
