"""Which lines are one stanza: how many there are, how long, what stands between them."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import GROUP, block_roles

GAP = "<div><br></div>"


def line(words: int = 4, inside: str = "") -> str:
    return f"<div>{'word ' * words}{inside}</div>"


def stanzas(html: str) -> list[int]:
    """For each block the number of its stanza, from 1, or 0."""
    page = parse(f"<html><body><article>{html}</article></body></html>").page
    groups = block_roles(page)[:, GROUP].tolist()
    order = sorted({group for group in groups if group >= 0})
    # A stanza is named by the element of its first line.
    firsts = [groups.index(group) for group in order]
    assert all(page.blocks[first, 0] == group for first, group in zip(firsts, order, strict=True))
    return [order.index(group) + 1 if group >= 0 else 0 for group in groups]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (line() * 2 + GAP + line() * 2, [1, 1, 2, 2]), (line() * 2 + GAP + line(), [0] * 3), (line() * 4, [0] * 4), (line() + GAP + line() * 3, [1, 2, 2, 2]),
        (line() * 3 + GAP + line(), [1, 1, 1, 2]), (line() + (GAP + line()) * 3, [1, 2, 3, 4]), (GAP + line() * 4 + GAP, [0] * 4),
        # How long lines may be, each and on average.
        (line(12) * 2 + GAP + line(12) * 2, [1, 1, 2, 2]), (line(12) * 2 + GAP + line(12) + line(13), [0] * 4), (line(25) + line(7) + GAP + line(8) * 2, [1, 1, 2, 2]),
        (line(26) + line(7) + GAP + line(7) * 2, [0] * 4), (line(26) + line() * 2 + GAP + line() * 2, [0, 1, 1, 2, 2]),
        # What stands between: four elements of empty lines, and no more.
        (line() * 2 + GAP * 2 + line() * 2, [1, 1, 2, 2]), (line() * 2 + GAP * 2 + "<div></div>" + line() * 2, [0] * 4), (line() * 2 + "<div></div>" * 4 + line() * 2, [1, 1, 2, 2]),
        (line() * 2 + "<div></div>" * 5 + line() * 2, [0] * 4), (line() * 4 + "<div></div>" * 5 + line() * 2 + GAP + line() * 2, [0] * 4 + [1, 1, 2, 2]),
        # What is no line: links, code, headings, other elements, a div with more than one block, text behind it.
        (line() * 2 + GAP + line() + line(3, "<a href=/>link</a>"), [0] * 4), (line() * 2 + GAP + line() + "<p>word word</p>" + line(), [0] * 5),
        (line() * 2 + GAP + line() + "<h3>word word</h3>", [0] * 4), (line() * 2 + GAP + line() + "<pre>code</pre>", [0] * 4),
        (line() * 2 + GAP + line() + "<div><p>a b</p></div>", [0] * 4), (line() * 2 + GAP + line() + "<div>a b<p>c d</p></div>", [0] * 5),
        (line() * 2 + GAP + line() + "<div><p>a b</p>c d</div>", [0] * 5), (line() * 2 + GAP + line() + "<div>★</div>", [0] * 4),
        (f"<div>a b{line() * 2 + GAP + line() * 2}</div>", [0, 1, 1, 2, 2]), (f"<section>{line() * 2}</section>{GAP}<section>{line() * 2}</section>", [1, 1, 2, 2]),
        (f"<section>{line() * 2}</section><section>{line(2) * 2}</section>", [1, 1, 2, 2]), (f"<b>{line(2) * 2}</b><b>{line(2) * 2}</b>", [0] * 4),
        (f"<section>{line()}</section>" * 4, [0] * 4),
        (line() * 2 + GAP + line() * 2 + "<p>end of it</p>" + line() * 2 + GAP + line() * 2, [1, 1, 2, 2, 0, 3, 3, 4, 4]),
        # Containers side by side are verse if one line of three ends as a sentence does, at most; each line counts.
        (f"<section>{line(4, 'end.') + line()}</section><section>{line() * 2}</section>", [1, 1, 2, 2]), (f"<section>{line(4, 'end.') + line()}</section><section>{line(4, 'end.') + line()}</section>", [0] * 4),
        (f"<section>{line() + line(4, 'end.')}</section><section>{line() + line(4, 'end.')}</section>", [0] * 4), (f"<section>{line() * 2}</section><section>{line() + line(4, 'end.')}</section>", [1, 1, 2, 2]),
        (line(3, "<b>word</b>") * 2 + GAP + line() * 2, [1, 1, 2, 2]), ("", []),
    ],
)  # fmt: skip
def test_lines_with_empty_ones_between_are_stanzas(html: str, expected: list[int]) -> None:
    assert stanzas(html) == expected
