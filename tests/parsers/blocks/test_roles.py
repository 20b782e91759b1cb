"""Where a list stops being a list, a table a table, a heading a heading and a quote a quote: one side and the other."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import ANCHORED, block_roles


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


@pytest.mark.parametrize(
    "listed",
    [f"<li>One</li><li><h{level}>Two</h{level}></li>" for level in range(1, 7)]
    + ["<li>One</li><li class='comment'>Two</li>"],
)
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


@pytest.mark.parametrize(
    ("html", "anchored"),
    [
        ("<p>a <a href=x>¶</a></p>", True), ("<p>a <a href=x>b</a></p>", False), ("<p>a ¶</p>", False), ("<p>a <a href=x>¶</a> <a href=y>b</a></p>", False), ("<pre>a <a href=x>¶</a></pre>", False),
        # Words that are links as well: a sign at the end of a title, an arrow behind a note.
        ("<h2><a href=x>a ¶</a></h2>", True), ("<h2><a href=x>a 🔗</a></h2>", True), ("<dl><dt><a href=x>a ¶</a><dd>b</dl>", True), ("<p><a href=x>a ¶</a></p>", False), ("<p><a href=x>a 🔗</a></p>", False),
        ("<p><a href=x>a ↩</a></p>", True), ("<li><a href=x>a ↩</a>", True), ("<p>a ↩︎</p>", True), ("<h2>a ¶</h2>", True), ("<h2>a #</h2>", False), ("<h2><a href=x>a µ</a></h2>", False), ("<h2>a 🔖</h2>", False), ("<h2>a 😗</h2>", False),
        ("<p>a ↨</p>", False), ("<p>a ⊩</p>", False), ("<p>↩ abcd</p>", True), ("<p>↩ abcde</p>", False), ("<h2>¶ abcdef</h2>", False), ("<h2>¶ abcde</h2>", True), ("<h2>¶</h2>", True), ("<p>↩</p>", True),
    ],
)  # fmt: skip
def test_signs_of_links_and_arrows_of_notes(html: str, anchored: bool) -> None:
    page = parse(f"<html><body>{html}</body></html>").page
    assert bool(block_roles(page)[0, ANCHORED]) is anchored


def test_every_element_of_a_kind_gives_its_role() -> None:
    for name in ("ul", "ol", "menu", "dir"):
        assert kinds(f"<{name}><li>a<li>b</{name}>") == ["item"] * 2
    assert kinds("<li>a</li>") == ["paragraph"] and kinds("<dl><dt>a<dd>b</dl>") == ["term", "item"]
    for level in range(1, 7):
        (block,) = parse(f"<body><h{level}>a</h{level}></body>").blocks
        assert (block.shape, block.level, block.ordered) == ("heading", level, False)
    assert kinds("<table><caption>a</caption><tr><td>b<p>c</table>")[0] == "caption"
    assert kinds("<figure><figcaption><p>a</p></figcaption></figure><h2><span>b</span></h2>") == ["caption", "heading"]
    assert kinds(f"<p>{words(9)}</p><blockquote><div><p>a</p></div></blockquote>") == ["paragraph", "quote"]
    assert kinds("<ul><li>a<table><tr><th>b<td>c</table></ul>") == ["item", "cell", "cell"]
    assert kinds("<body class=comments><p>a</p>") == kinds("<main class=comments><p>a</p></main>") == ["paragraph"]
