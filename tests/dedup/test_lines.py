"""Removed lines balance word by word, spans keep pointing at their text, and code is left alone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.lines import line_hashes, remove_lines, removed_with
from text.document import SPAN_KINDS, Span
from text.hashing import hash64
from text.segment import count_words


def hashes(text: str, spans: tuple[Span, ...] = (), salt: int = 0) -> dict[int, int]:
    indices, values = line_hashes(text, spans, salt)
    assert (indices.dtype, values.dtype) == (np.int64, np.uint64)
    return dict(zip(indices.tolist(), values.tolist(), strict=True))


def test_blank_lines_take_no_part_and_indices_count_them() -> None:
    assert sorted(hashes("first\n\n \t\nsecond\n")) == [0, 3]


def test_lines_without_a_letter_are_structure() -> None:
    assert sorted(hashes("first\n}\n12.\n* * *\n| 7 | 8 |\n___\nй")) == [0, 6]


def test_case_and_white_space_are_folded_and_nothing_else() -> None:
    found = hashes("Share  this page\n  share THIS\tpage \nshare this page!\nSHARE STRASSE\nshare straße")
    assert found[0] == found[1] != found[2]
    assert found[3] == found[4]


def test_what_is_counted_apart_is_hashed_apart() -> None:
    assert hashes("share this page", salt=1)[0] != hashes("share this page", salt=2)[0]


def test_a_line_s_hash_does_not_depend_on_its_document() -> None:
    assert hashes("one\ntwo")[1] == hashes("quite\nanother\ntwo\ndocument")[2]


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), st.sampled_from(["code", "list"])), max_size=3)


@given(st.text(st.sampled_from("aBß_1²\u0345Ⓐ中 \u00a0\u3000\t\r\n"), max_size=40), SPANS)
def test_a_text_at_once_is_hashed_as_line_by_line(text: str, spans: list[tuple[int, int, str]]) -> None:
    expected, start = {}, 0
    for index, line in enumerate(text.split("\n")):
        end = start + len(line)
        touched = any(at + size > start and at < end for at, size, kind in spans if kind == "code")
        if re.search(r"[^\W\d_]", line) and not touched:
            expected[index] = hash64(" ".join(line.casefold().split()), seed=7)
        start = end + 1
    assert hashes(text, tuple(Span(at, at + size, kind) for at, size, kind in spans), salt=7) == expected


@pytest.mark.parametrize("kind", SPAN_KINDS)
def test_code_mathematics_and_tables_are_spared(kind: str) -> None:
    text = "before\n\nif mill:\nelse:\n\nafter"
    span = Span(text.index("if"), text.index("else:") + len("else:"), kind)
    assert sorted(hashes(text, (span,))) == ([0, 5] if kind in ("code", "math", "table") else [0, 2, 3, 5])


def test_a_line_that_a_formula_only_touches_is_spared_and_its_neighbours_are_not() -> None:
    text = "one line\nwith x+y in it\nlast line"
    start = text.index("x+y")
    assert sorted(hashes(text, (Span(start, start + 3, "math"),))) == [0, 2]
    assert sorted(hashes(text, (Span(9, 9 + len("with x+y in it"), "code"),))) == [0, 2]
    # The line feeds around a line are no part of it, nor of the lines beside it.
    assert sorted(hashes(text, (Span(8, 9 + len("with x+y in it\n"), "code"),))) == [0, 2]


def test_overlapping_and_unsorted_spans_spare_all_they_touch() -> None:
    text = "a\nb\nc\nd\ne"
    spans = (Span(6, 7, "code"), Span(0, 5, "table"), Span(2, 3, "math"))
    assert sorted(hashes(text, spans)) == [4]


def test_each_of_several_spans_spares_its_own_lines() -> None:
    text = "a\nb\nc\nd\ne\nf\ng"
    spans = tuple(Span(2 * line, 2 * line + 1, "code") for line in (0, 2, 3, 6))
    assert sorted(hashes(text, spans)) == [1, 4, 5]


def test_gaps_close_where_lines_went() -> None:
    text = "title\n\nshare this\n\nfirst paragraph\n\nsecond paragraph\n\nshare this"
    cleaned, _, words = remove_lines(text, (), [2, 8])
    assert (cleaned, words) == ("title\n\nfirst paragraph\n\nsecond paragraph", 4)


def test_a_span_ends_with_the_text_where_the_blank_lines_before_a_removed_end_go_too() -> None:
    assert remove_lines("a\n\nshare", (Span(0, 8, "list"),), [2]) == ("a", (Span(0, 1, "list"),), 1)
    assert remove_lines("share\n\na", (Span(0, 8, "list"),), [0]) == ("a", (Span(0, 1, "list"),), 1)


def test_a_document_may_lose_all_its_lines() -> None:
    assert remove_lines("one\n\ntwo", (Span(0, 3, "list"),), [0, 2]) == ("", (), 2)


def test_a_span_over_removed_lines_shrinks_to_what_is_left() -> None:
    text = "before\nfirst item\nshare this\nlast item\nafter"
    start, end = text.index("first"), text.index("\nafter")
    cleaned, spans, _ = remove_lines(text, (Span(start, end, "list"), Span(18, 28, "quote")), [2])
    assert [(cleaned[span.start : span.end], span.kind) for span in spans] == [("first item\nlast item", "list")]


def test_a_span_of_which_a_blank_line_alone_stays_is_dropped() -> None:
    text = "a\nshare\n\nthis\nb"
    assert remove_lines(text, (Span(2, 12, "quote"),), [1, 3]) == ("a\n\nb", (), 2)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, tuple[Span, ...], list[int]]:
    some_line = st.sampled_from(["", "", " ", "share this", "a b", "它转", "x", "  indented line"])
    lines = draw(st.lists(some_line, max_size=9))
    text = "\n".join(lines)
    removable = [index for index, line in enumerate(lines) if line.strip()]
    removed = draw(st.lists(st.sampled_from(removable), unique=True)) if removable else []
    place = st.integers(0, len(text))
    ranges = draw(st.lists(st.tuples(place, place, st.sampled_from(SPAN_KINDS)), max_size=3))
    return text, tuple(Span(min(a, b), max(a, b), kind) for a, b, kind in ranges if a != b), removed


@given(documents())
def test_words_balance(document: tuple[str, tuple[Span, ...], list[int]]) -> None:
    text, spans, removed = document
    cleaned, _, words = remove_lines(text, spans, removed)
    assert count_words(text) == count_words(cleaned) + words


@given(documents())
def test_spans_keep_the_words_of_their_lines_that_stay(document: tuple[str, tuple[Span, ...], list[int]]) -> None:
    text, spans, removed = document
    cleaned, moved, _ = remove_lines(text, spans, removed)
    # Each span's text without the removed lines' characters, white space aside: blank lines may go with a gap.
    expected = []
    for span in spans:
        left, offset = "", 0
        for index, line in enumerate(text.split("\n")):
            if index not in removed:
                left += line[max(0, span.start - offset) : max(0, span.end - offset)]
            offset += len(line) + 1
        if left.split():
            expected.append((span.kind, "".join(left.split())))
    found = [(span.kind, "".join(cleaned[span.start : span.end].split())) for span in moved]
    assert [entry for entry in found if entry[1]] == expected
    assert all(0 <= span.start < span.end <= len(cleaned) for span in moved)


@given(documents())
def test_removing_nothing_changes_nothing(document: tuple[str, tuple[Span, ...], list[int]]) -> None:
    text, spans, _ = document
    assert remove_lines(text, spans, []) == (text, spans, 0)


@given(st.lists(st.sampled_from(["a b", "c", "", " "]), max_size=12), st.data())
def test_lines_removed_in_two_steps_are_removed_at_once(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    first = data.draw(st.lists(st.sampled_from(range(len(lines))), unique=True)) if lines else []
    once, _, words = remove_lines(text, (), first)
    rows = data.draw(st.lists(st.sampled_from(range(len(once.split("\n")))), unique=True))
    rows = [row for row in rows if once.split("\n")[row].strip()]
    twice, _, more = remove_lines(once, (), rows)
    both = removed_with(text, first, rows)
    assert set(first) <= set(both)
    assert remove_lines(text, (), both)[::2] == (twice, words + more)
