"""Pages that cost more than their size tells are refused before they are parsed, and all others are not."""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import LIMITS, PARSERS, PageLimits, PageTooCostly, extract, load
from parsers.limits import check
from parsers.page_cost import cost, depth
from parsers.sandbox import Limits
from recipes import load as load_recipe

# The slow, plain reading of what depth counts.
TAG = re.compile(
    rb"<(/?)(?:a|abbr|address|article|aside|b|bdo|big|blockquote|button|center|code|del|details|dir|div|dl|em|fieldset"
    rb"|figure|font|footer|form|h[1-6]|header|i|ins|kbd|label|main|map|menu|nav|object|ol|pre|q|s|samp|section|select"
    rb"|small|span|strike|strong|sub|summary|sup|svg|table|tt|u|ul|var)\b",
    re.IGNORECASE,
)
NASTY: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "open elements": ("too_deep", lambda n: b"<div>" * n),
    "list items in lists": ("too_deep", lambda n: b"<ul><li>" * n),
    "tables in cells": ("too_deep", lambda n: b"<table><tr><td>" * n),
    "end tags of elements that were never open": ("too_deep", lambda n: b"<div></foo>" * n),
    "end tags of other elements": ("too_deep", lambda n: b"<div></b>" * n),
    "templates": ("too_deep", lambda n: b"<template>" * n),  # lexbor overruns its stack
    "templates in rows": ("too_deep", lambda n: b"<template><tr>" * n),
    "formatting elements": ("too_deep", lambda n: b"".join(b"<b id=%d>" % i for i in range(n))),
    "links in blocks": ("too_deep", lambda n: b"<a><div>" * n),
    "misnested formatting": ("too_deep", lambda n: b"<b><i><a><div>" * n + b"</b></i></a>" * n),
    "formatting opened again": (
        "too_many_tags",
        lambda n: b"<p>" + b"".join(b"<b id=%d>" % i for i in range(min(n, 1500))) + b"</p>" + b"<p>x</p>" * n,
    ),
    "attributes": ("too_many_tags", lambda n: b"<p " + b"".join(b"a%d=1 " % i for i in range(n)) + b">"),
    "attributes, quoted": ("too_many_tags", lambda n: b"<p " + b"".join(b"a%d='<>'" % i for i in range(n)) + b">"),
    "attributes without values": ("too_many_tags", lambda n: b"<p " + b"".join(b"a%d/" % i for i in range(n)) + b">"),
    "attributes of the body": ("too_many_tags", lambda n: b"".join(b"<body a%d=1>" % i for i in range(n))),
    "options": ("too_many_tags", lambda n: b"<select>" + b"<option>" * n),
}  # fmt: skip
HARMLESS: dict[str, Callable[[int], bytes]] = {
    "paragraphs": lambda n: b"<p>" * n,
    "unknown elements": lambda n: b"<foo>" * n,
    "table rows": lambda n: b"<table>" + b"<tr><td>x" * (n // 2),
    "foster parents": lambda n: b"<table>" + b"x<tr>" * n,
    "comments": lambda n: b"x<!---->" * n,
    "open comments": lambda n: b"<!--" * n,
    "references": lambda n: b"&ampx;&notin" * n,
    "references in an attribute": lambda n: b"<p title='" + b"&amp;" * n + b"'>",
    "plain text": lambda n: b"<plaintext>" + b"<x>" * n,
    "equal fonts": lambda n: b"<p><font size=2>x</font>" * (n // 2),
    "many attributes": lambda n: b"<p a=1 b=2 c=3 d=4>x" * n,
    "end tags": lambda n: b"</p>" * n,
    "drawings": lambda n: b"<svg>" + b"<g><path d='M0'/></g>" * (n // 3) + b"</svg>",
}


@pytest.mark.parametrize("name", NASTY)
def test_what_costs_more_than_linear_time_is_refused_with_a_reason(name: str) -> None:
    kind, make = NASTY[name]
    html = make(48_000)[: LIMITS.max_bytes]
    with pytest.raises(PageTooCostly) as refused:
        extract(html)
    assert refused.value.kind in (kind, "too_many_tags") and refused.value.score > LIMITS.max_depth
    assert "the page" in str(refused.value) or "of the page" in str(refused.value)
    few = make(100)
    check(few, LIMITS)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_takes_linear_time_is_not_refused_and_does(name: str) -> None:
    taken = []
    for size in (15_000, 60_000):
        html = HARMLESS[name](size)
        start = time.process_time()
        extract(html)
        taken.append(time.process_time() - start)
    assert taken[1] < 20 * max(taken[0], 0.05)


@pytest.mark.parametrize("name", NASTY)
def test_counting_itself_takes_linear_time(name: str) -> None:
    html = NASTY[name][1](400_000)[: LIMITS.max_bytes]
    start = time.process_time()
    cost(html)
    assert time.process_time() - start < 5  # some 0.03 s


@pytest.mark.parametrize("parser", PARSERS)
def test_every_parser_stands_behind_the_same_door(parser: str) -> None:
    with pytest.raises(PageTooCostly, match="80000 elements deep, over the limit of 2000"):
        load(parser)(b"<div>" * 80_000, "", "")
    assert load(parser, limits=PageLimits(max_depth=3))(b"<div>" * 3 + b"<p>x", "", "") is not None


def test_limits_may_be_chosen_and_left_out() -> None:
    with pytest.raises(PageTooCostly) as refused:
        extract(b"<p>x" * 9, limits=PageLimits(max_bytes=35))
    assert (refused.value.kind, refused.value.score) == ("too_many_bytes", 36)
    with pytest.raises(PageTooCostly) as refused:
        extract(b"<p>x" * 9, limits=PageLimits(max_tags=8))
    assert (refused.value.kind, refused.value.score) == ("too_many_tags", 9)
    assert pickle.loads(pickle.dumps(refused.value)).kind == "too_many_tags"
    deep = b"<div>" * 2100 + b"<p>The miller rose before dawn, for the wind had turned.</p>"
    assert extract(deep, limits=None) == extract(deep, limits=PageLimits(max_depth=2100))


def test_the_defaults_are_those_of_the_recipe() -> None:
    recipe = load_recipe("llama3")
    given = (recipe.read.max_record_bytes, recipe.extract.max_tags, recipe.extract.max_depth)
    assert given == (LIMITS.max_bytes, LIMITS.max_tags, LIMITS.max_depth)
    assert Limits() == Limits(*given, recipe.extract.memory_mb, recipe.extract.seconds)


PIECES = st.sampled_from(
    [b"<", b"</", b"div", b"a", b"b", b"B", b"h1", b"h7", b">", b" ", b"-", b"_", b"x", b"'", b"="]
)


@given(st.lists(PIECES | st.binary(max_size=3), max_size=60).map(b"".join))
def test_depth_is_what_a_regular_expression_counts(html: bytes) -> None:
    steps = (-1 if match[1] else 1 for match in TAG.finditer(html))
    assert depth(html) == max(0, max(accumulate(steps), default=0)) <= cost(html).open_elements


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        (b"<p>", 0), (b"<p a b c>", 3), (b"<p a=1 b='2' c=\"3\">", 3), (b"<p a='>' b>", 2), (b"<p a = 'x y' b>", 2),
        (b"<p/a/b>", 2), (b"<p a='1'b='2'>", 2), (b"<p a=b=c>", 1), (b"<p =a>", 1), (b"<p a", 1), (b"<p a='", 1),
        (b"<p a='<i b c>'>", 1), (b"<script a>if (x <y && z && w)</script>", 1), (b"<p a\n=\n1 b>", 2),
    ],
)  # fmt: skip
def test_attributes_are_counted_as_the_standard_reads_them(tag: bytes, attributes: int) -> None:
    assert cost(tag).steps == attributes**2


def test_elements_opened_again_count_until_their_end_tag() -> None:
    assert cost(b"<p><b id=1><b id=2><b id=2></b></b></b><p>").steps == 3
    five = cost(b"<b>" * 5 + b"<p>" * 10).steps
    assert five == cost(b"<b>" * 3 + b"<p>" * 10).steps == 3 * 10 * 100  # of equal ones three are opened again
    assert cost(b"<i><b>" + b"<p>" * 10).steps == 2 * 10 * 100
