"""Where a list stops being a list, a table a table, a heading a heading and a quote a quote: one side and the other."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse


def words(count: int) -> str:
    return " ".join(["word"] * count)


def kinds(body: str) -> list[str]:
    """What each block is; formulas aside, :attr:`Block.shape`."""
    return [block.shape for block in parse(f"<html><body>{body}</body></html>").blocks]


def items(*blocks: int) -> str:
    """A list whose items hold so many blocks each."""
    return "<ul>" + "".join(f"<li>{'<p>Some text</p>' * count}</li>" for count in blocks) + "</ul>"


@pytest.mark.parametrize(
    ("blocks", "kind"),
    [
        ((2, 2, 2), "item"), ((3, 2, 2), "paragraph"), ((3, 1), "item"), ((3, 1, 3), "paragraph"),
        ((1,) * 40, "item"), ((2,) * 40, "item"), ((2,) * 39 + (3,), "paragraph"), ((1,) * 39 + (20,), "item"),
    ],
)  # fmt: skip
def test_a_list_has_two_blocks_an_item_at_most_however_long_it_is(blocks: tuple[int, ...], kind: str) -> None:
    assert kinds(items(*blocks)) == [kind] * sum(blocks)


@pytest.mark.parametrize("listed", ["<li>One</li><li><h3>Two</h3></li>", "<li>One</li><li class='comment'>Two</li>"])
def test_a_list_of_headings_or_of_comments_lays_out(listed: str) -> None:
    assert "item" not in kinds(f"<h1>Mill</h1><ul>{listed}</ul>")


def test_levels_and_groups_of_nested_lists() -> None:
    nested = "<ul><li>a<ol><li>b<ul><li>c</li></ul></li></ol></li></ul><ul><li>d</li></ul>"
    found = parse(f"<body>{nested}</body>").blocks
    assert [(block.text, block.level, block.ordered) for block in found] == [
        ("a", 1, False), ("b", 2, True), ("c", 3, False), ("d", 1, False),
    ]  # fmt: skip
    assert len({block.group for block in found[:3]}) == 1 and found[3].group != found[0].group
    assert len({block.line for block in found}) == 4 and all(block.column == 0 for block in found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<h2>{words(50)}</h2>", ["heading"]),
        (f"<h2>{words(51)}</h2>", ["paragraph"]),
        (f"<p>{words(10)}</p><blockquote>{words(10)}</blockquote>", ["paragraph", "quote"]),
        (f"<p>{words(10)}</p><blockquote>{words(11)}</blockquote>", ["paragraph", "paragraph"]),
        ("<figure><figcaption>a</figcaption></figure><p>b</p>", ["caption", "paragraph"]),
        ("<dl><dt>a</dt><dd>b</dd></dl>", ["term", "item"]),
        ("<pre>a</pre><p>b</p>", ["code", "paragraph"]),
        ("<h1>a</h1><div class='comments'><p>b</p></div>", ["heading", "comment"]),
        ("<div class='comments'><h1>a</h1><p>b</p></div>", ["heading", "paragraph"]),
        ("<h1>a</h1><div class='comments'><h1>b</h1><p>c</p></div>", ["heading", "heading", "comment"]),
        (
            "<h1>a</h1><div class='comments'><h3>b</h3><blockquote>c</blockquote></div>",
            ["heading", "heading", "quote"],
        ),
    ],
)
def test_what_a_block_is(body: str, expected: list[str]) -> None:
    assert kinds(body) == expected
