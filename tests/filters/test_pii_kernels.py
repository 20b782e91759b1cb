"""Runs of digits and separators, and what may stand in them, are those of a plain reading with expressions."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.pii_kernels import CARD, IBAN, IP, PHONE, SSN, runs
from text.characters import characters, code_points

RUN = re.compile(r"\d[\dA-Z().\-\u2010-\u2015/+ \u00a0\u2009\u202f]*")
IPV6 = re.compile("[23][0-9A-Fa-f]{3}:[0-9A-Fa-f]{0,4}:")
Runs = tuple[list[tuple[int, int, int]], bool]


def found(text: str, least_digits: int = 9, before: int = 6, after: int = 2) -> Runs:
    """Start, end and kinds of each run, and whether there may be an address of version 6."""
    *columns, has_ipv6 = runs(code_points(text), characters().facts, least_digits, before, after)
    return list(zip(*(column.tolist() for column in columns), strict=True)), bool(has_ipv6)


def plainly_found(text: str, least_digits: int, before: int, after: int) -> Runs:
    places = [match.span() for match in RUN.finditer(text) if len(match[0]) >= 7]
    rows = []
    for number, (start, end) in enumerate(places):
        gaps = [start - other for _, other in places[:number][-1:]]
        gaps += [other - end for other, _ in places[number + 1 :][:1]]
        seen = text[max(0, start - before) : end + after]
        kinds = -1 if min(gaps, default=99) < before + after else plain_kinds(seen, least_digits)
        if kinds:
            rows.append((start, end, kinds))
    return rows, IPV6.search(text) is not None


def plain_kinds(seen: str, least_digits: int) -> int:
    digits, capitals = len(re.findall(r"\d", seen)), len(re.findall("[A-Z]", seen))
    return (
        PHONE * (digits >= least_digits)
        | CARD * (digits >= 8)
        | IBAN * (digits >= 2 and capitals >= 2)
        | SSN * (digits >= 9 and seen.count("-") >= 2)
        | IP * (digits >= 4 and seen.count(".") >= 3)
    )


PARTS = st.sampled_from(
    [*"0189AZ().-/+ ", *",a@[`{\n", "\u00a0", "\u2009", "\u202f", "\u200f", "\u2010", "\u2015", "\u2016", "\u2030", "٣", "²", "製",
     "12345", "1234567", "AB", "--", "...", ",,,,,,", ",,,,,,,,,", "x" * 7]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=24).map("".join), st.integers(6, 9), st.integers(0, 6), st.integers(0, 3))
@example("1" * 7, 9, 6, 2)
@example("1" * 6, 6, 6, 2)
def test_runs_and_their_kinds(text: str, least_digits: int, before: int, after: int) -> None:
    rows, _ = found(text, least_digits, before, after)
    assert rows == plainly_found(text, least_digits, before, after)[0]


@settings(max_examples=200)
@given(
    st.text("23410:afgAFG@`/;xé", max_size=16)
    | st.from_regex(r"x?[1-4][0-9A-Ga-g]{2,4}:[0-9A-Ga-g]{0,5}:?", fullmatch=True)
)
def test_addresses_of_version_6_may_stand_where_two_colons_are(text: str) -> None:
    assert found(text)[1] == (IPV6.search(text) is not None)


@pytest.mark.parametrize("text", ["2001::", "3fFf:0:", "2a00:1234:", "x2a00:9aAf:\n", "23230:2f0F:1:"])
def test_an_address_of_version_6_may_begin(text: str) -> None:
    assert found(text)[1]


@pytest.mark.parametrize(
    "text", ["2001:12345:", "1001::", "4001::", "200g::", "20/1::", "20:1::", "20@1::", "20`1::", "2001:12", "201::", "2001", "2001:g:"]
)  # fmt: skip
def test_no_address_of_version_6_begins(text: str) -> None:
    assert not found(text)[1]


@pytest.mark.parametrize(
    ("kind", "least"),
    [(PHONE, "123456789"), (CARD, "12345678"), (IBAN, "12 AB  ()"), (SSN, "1-2345678-9"), (IP, "1.2.3.4")],
)
def test_what_a_kind_needs_at_least(kind: int, least: str) -> None:
    """Not one character of those that it counts may be missing. Others stand for them, so that the run keeps its length."""
    ((start, end, kinds),), _ = found(least)
    assert (start, end) == (0, len(least)) and kinds & kind
    counted = [place for place, sign in enumerate(least) if place and sign not in " ()"]
    for place in counted:
        fewer = least[:place] + "/" + least[place + 1 :]
        assert not any(kinds & kind for _, _, kinds in found(fewer)[0]), fewer


def test_patterns_see_so_many_characters_beside_a_run() -> None:
    for before in range(4):
        for after in range(4):
            # Three capitals or digits stand in front of a run, and two behind it, past what ends it.
            text = "AB,1234567,12"
            assert found(text, 9, before, after) == plainly_found(text, 9, before, after)
    assert found("AB,1234567", 9, 3, 0)[0] == [(3, 10, IBAN)] and found("AB,1234567", 9, 2, 0)[0] == []
    assert found("1234567,12", 9, 0, 3)[0] == [(0, 7, PHONE | CARD)] and found("1234567,12", 9, 0, 1)[0] == []


def test_all_kinds_may_stand_in_runs_that_are_close() -> None:
    for between, kinds in ((7, [-1, -1]), (8, [])):
        text = "1" * 7 + "x" * between + "1" * 7
        assert [kind for *_, kind in found(text)[0]] == kinds
    # The first and the last are as far from the middle as it takes.
    assert [kind for *_, kind in found("1" * 7 + "x" * 8 + "1" * 7 + "x" * 7 + "1" * 7)[0]] == [-1, -1]
    assert [kind for *_, kind in found("1" * 7 + "x" * 7 + "1" * 7 + "x" * 8 + "1" * 7)[0]] == [-1, -1]
