"""The blocks of a page: what each is, how it is written, and how users write it otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.blocks.block import KINDS
from parsers.blocks.render import render
from parsers.blocks.roles import structure, whole_rows
from parsers.parsed_page import extract, parse
from parsers.scanner.page import WORDS

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause. "


def blocks(body: str):
    """The blocks of a page with this body; those of the article around it are left out."""
    return parse(f"<html><body><article>{body}</article></body></html>").blocks


def text(body: str) -> str:
    return render(blocks(body))[0]


def kinds(body: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(body)]


def test_headings_know_their_level_and_stay_on_one_line():
    page = blocks("<h1>The mill<br>by the river</h1><p>Words.</p><h3>Its wheel</h3>")
    assert [(b.kind, b.level, b.text) for b in page if b.kind == "heading"] == [
        ("heading", 1, "The mill by the river"), ("heading", 3, "Its wheel"),
    ]  # fmt: skip


def test_a_heading_that_nobody_closed_is_a_paragraph():
    assert kinds(f"<h2>{SENTENCE * 3}</h2>")[0][0] == "paragraph"


def test_lines_that_the_author_broke_stay_apart_and_two_breaks_begin_a_paragraph():
    assert text("<p>Oak Lane 3<br>Millbrook<br><br>Open daily</p>") == "Oak Lane 3\nMillbrook\n\nOpen daily"


def test_items_of_nested_lists_stand_on_their_own_lines_and_know_their_depth():
    page = "<p>Stones:</p><ol><li>Bed stone</li><li>Runner stone<ul><li>French</li><li>Derbyshire</li></ul></li></ol>"
    assert text(page) == "Stones:\n\nBed stone\nRunner stone\nFrench\nDerbyshire"
    assert [(b.text, b.level, b.ordered) for b in blocks(page) if b.kind == "item"] == [
        ("Bed stone", 1, True), ("Runner stone", 1, True), ("French", 2, False), ("Derbyshire", 2, False),
    ]  # fmt: skip


def test_two_lists_are_two_blocks_of_text():
    assert text("<ul><li>a</li><li>b</li></ul><ul><li>c</li></ul>") == "a\nb\n\nc"


def test_a_definition_list_has_terms():
    page = "<dl><dt>Hopper</dt><dd>Holds the grain</dd><dt>Shoe</dt><dd>Shakes it down</dd></dl>"
    assert [kind for kind, _ in kinds(page)] == ["term", "item", "term", "item"]
    assert text(page) == "Hopper\nHolds the grain\nShoe\nShakes it down"


def test_a_list_of_cards_is_no_list():
    card = f"<li><h3>Mill</h3><p>{SENTENCE}</p><p>Five miles</p></li>"
    assert {kind for kind, _ in kinds(f"<ul>{card * 3}</ul>")} == {"heading", "paragraph"}
    assert "\n\nFive miles\n\n" in text(f"<ul>{card * 3}</ul>")


TABLE = """<table><caption>Stones</caption><tr><th>Name</th><th></th><th>Weight</th><th>Age</th></tr>
<tr><td>Bed<p>stone</p></td><td></td><td>900<br>kg</td><td>80</td></tr>
<tr><td>Runner</td><td></td><td></td><td>81</td></tr></table>"""


def test_rows_are_lines_cells_are_separated_by_tabs_and_empty_columns_go():
    # A column without any text (the second) goes, an empty cell (the last row's third) keeps its place.
    assert text(TABLE) == "Stones\n\nName\tWeight\tAge\nBed stone\t900 kg\t80\nRunner\t\t81"
    assert [b.column for b in blocks(TABLE) if b.kind == "cell"] == [0, 2, 3, 0, 0, 2, 3, 0, 3]
    assert kinds(TABLE)[0] == ("caption", "Stones")


def test_a_title_across_a_table_leaves_no_empty_column():
    rows = "<tr><td colspan=2>Grain</td></tr><tr><td></td><td>Rye</td><td>3</td></tr><tr><td><td></td><td>4</td></tr>"
    head = "<tr><th></th><th>Kind</th><th>Sacks</th></tr>"
    assert text(f"<table>{head}{rows}</table>") == "Kind\tSacks\nGrain\nRye\t3\n\t4"


@pytest.mark.parametrize(
    "table",
    [
        f"<table><tr><td>Home<p>News</p><p>Us</p></td><td><p>{SENTENCE * 20}</p><p>{SENTENCE}</p></td></tr></table>",
        f"<table><tr><td>{TABLE}</td><td>Beside it</td></tr><tr><td>a</td><td>b</td></tr></table>",
        f"<table><tr><td>{SENTENCE}</td></tr><tr><td>{SENTENCE}</td></tr></table>",
    ],
    ids=["long cells", "a table in it", "one column"],
)
def test_tables_that_lay_out_are_no_tables(table):
    outer = [b for b in blocks(table) if b.text in ("Home", "Beside it", SENTENCE.strip())]
    assert outer and all(b.kind == "paragraph" for b in outer)


def test_rows_are_kept_or_left_as_one():
    page = parse("<p>Stones</p><table><tr><th>Make<td>Dumfries<tr><th>Age<td>eighty years or more</table>").page
    words, shapes = page.blocks[:, WORDS], structure(page)
    for kept, whole in (([0, 1, 0, 1, 0], [0, 1, 1, 0, 0]), ([1, 0, 0, 0, 1], [1, 0, 0, 1, 1])):
        assert whole_rows(np.array(kept, bool), shapes, words).tolist() == [bool(each) for each in whole]


@pytest.mark.parametrize(
    ("kept", "whole"),
    [
        ([1, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
        ([1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]),
        ([0, 1, 1, 0, 1, 1], [0, 1, 1, 0, 1, 1]),
    ],
)
def test_titles_across_a_table_go_with_the_rows_below_them(kept, whole):
    sizes = "<tr><th colspan=2>Area<tr><th>Total<td>11<tr><th colspan=2>People<tr><th>Total<td>12"
    page = parse(f"<table>{sizes}</table>").page
    assert whole_rows(np.array(kept, bool), structure(page), page.blocks[:, WORDS]).tolist() == [*map(bool, whole)]


def test_a_list_in_a_cell_stays_in_its_row():
    uses = "<ul><li>dress</li><li>crack</li></ul>"
    page = f"<table><tr><th>Tool</th><th>Use</th></tr><tr><td>Bill</td><td>{uses}</td></tr></table>"
    assert text(page) == "Tool\tUse\nBill\tdress crack"


def test_quotes_and_pages_indented_by_them():
    page = f"<p>{SENTENCE * 2}</p><blockquote><p>Grind slow, grind small.</p></blockquote>"
    assert ("quote", "Grind slow, grind small.") in kinds(page)
    assert {kind for kind, _ in kinds(f"<blockquote><p>{SENTENCE}</p><p>{SENTENCE}</p></blockquote>")} == {"paragraph"}


def test_readers_comments():
    page = f"<h1>Mill</h1><p>{SENTENCE}</p><ol class='comment-list'><li class='comment'><p>Lovely mill!</p></li></ol>"
    assert kinds(page)[-1] == ("comment", "Lovely mill!")
    assert kinds(f"<div class='has-comments'>{page}</div>")[1] == ("paragraph", SENTENCE.strip())


def test_a_formula_that_stands_alone_is_a_block_of_its_own():
    page = r"<p>So <span class='math'>\(a+b\)</span> it is:</p><p><span class='math'>\[a^2+b^2=c^2\]</span> (3)</p>"
    assert [kind for kind, _ in kinds(page)] == ["paragraph", "formula"]


def test_formulas_have_spans_within_their_sentence_and_their_list():
    plain, spans = render(blocks(r"<ul><li>Area <span class='math'>\(\pi r^2\)</span> each</li><li>b</li></ul>"))
    assert [(span.kind, plain[span.start : span.end]) for span in spans] == [("list", plain), ("math", r"$\pi r^2$")]


def test_a_page_cannot_forge_the_marks_of_formulas():
    assert render(blocks("<p>a &#2;b&#3; c</p><pre>\x02x\x03</pre>")) == ("a b c\n\nx", ((7, 8, "code"),))


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<p>mill\u00ad\nstone and grind\u00ading</p>", "millstone and grinding"),
        ("<p>the mill-<br>stone is a millstone</p>", "the millstone is a millstone"),
        ("<p>a well-<br>known mill</p>", "a well-\nknown mill"),
        ("<p>re-<br>turn: re-turn, not return</p>", "re-\nturn: re-turn, not return"),
        ("<p>pre- and postwar, preand and pre</p>", "pre- and postwar, preand and pre"),
        ("<p>a\u200bb\ufeff \u2060c\u2063d</p><p>\u200d</p>", "ab cd"),
        ("<p>Cafe\u0301</p>", "Café"),
        ("<p>\u0645\u06cc\u200c\u0631\u0648\u0645</p>", "\u0645\u06cc\u200c\u0631\u0648\u0645"),
        ("<h2>Its wheel<a href='#wheel'>¶</a></h2><h2><a href='#c'>#</a> Stones</h2>", "Its wheel\n\nStones"),
        ("<h2><a href='/c'>Learn C#</a></h2><h2>More C#<a href='#m'>¶</a></h2>", "Learn C#\n\nMore C#"),
        ("<h2><a href='#top'>Wheel</a><a href='#w'>¶</a></h2><h2>Dam <button>🔗</button></h2>", "Wheel\n\nDam"),
        ("<dl><dt>Mill<a href='/s'>[source]</a><a href='#m'>¶</a><dd>grinds</dl>", "Mill[source]\ngrinds"),
        ("<p>Under § 2 ¶</p><p>Press \u21a9</p>", "Under § 2 ¶\n\nPress \u21a9"),
        ("<p>So they <a href='/'>say</a>. <a href='#1'>\u21a9</a> <a href='#2'>\u21a9\ufe0e2</a></p>", "So they say."),
        ("<pre>f()  # â\u0086 \u200bq. \u21a9</pre><p>â\u0086</p>", "f()  # â\u0086 q. \u21a9\n\nâ"),
    ],
)
def test_debris_goes_and_broken_words_are_whole_where_that_is_certain(markup, plain):
    assert text(markup) == plain


def test_users_choose_and_write_otherwise():
    page = parse(f"<nav><a href='/'>Home page</a></nav><article><h2>Mill</h2><p>{SENTENCE * 2}</p></article>")
    assert set(KINDS) >= {block.kind for block in page.blocks}
    assert all(0 <= block.probability <= 1 for block in page.blocks)
    assert [block.text for block in page.blocks if block.kept] == [block.text for block in page.content]
    assert "Home page" in render(page.blocks)[0] and "Home page" not in render(page.content)[0]
    markdown = "\n".join("#" * block.level + " " + block.text for block in page.blocks if block.kind == "heading")
    assert markdown == "## Mill"


def test_content_from_scripts_follows_the_page():
    story = "".join(f'"part{n}": "<p>{SENTENCE * 3}</p>",' for n in range(4))
    html = f"<body><div id='app'>Loading</div><script type='application/json'>{{{story}\"id\": 1}}</script></body>"
    page = parse(html)
    assert page.blocks[0].text == "Loading" and not page.blocks[0].kept
    assert [b.text for b in page.blocks if b.kept] == [b.text for b in page.content]
    assert page.content and all(b.probability == 1 for b in page.content)
    assert extract(html.encode()).removed == pytest.approx(1 / (1 + len(render(page.content)[0].split())))
