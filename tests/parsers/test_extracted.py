"""What a parser returns, and the same without its headline."""

from __future__ import annotations

import pytest

from parsers.extracted import Extracted
from text.document import Span


@pytest.mark.parametrize(
    ("text", "spans", "left", "left_spans"),
    [
        ("Mill\n\nIt stands.", [(0, 4, "heading")], "It stands.", []),
        ("By us\n\nMill\n\nx = 1", [(7, 11, "heading"), (13, 18, "code")], "By us\n\nx = 1", [(7, 12, "code")]),
        ("a\n\nOn $x$", [(0, 1, "list"), (3, 9, "heading"), (6, 9, "math")], "a", [(0, 1, "list")]),
        ("Mill", [(0, 4, "heading")], "", []),
        ("It stands.", [(0, 2, "list")], "It stands.", [(0, 2, "list")]),
    ],
)
def test_the_headline_goes_with_the_blank_line_behind_it(text, spans, left, left_spans) -> None:
    page = Extracted(text, "Mill", tuple(Span(*span) for span in spans), date="2021-03-14").without_headline()
    assert (page.text, page.title, page.date) == (left, "Mill", "2021-03-14")
    assert page.spans == tuple(Span(*span) for span in left_spans)
