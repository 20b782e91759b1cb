"""Text that is written without a second look has the line ends that text put together block by block has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import extract
from parsers.backends.gristmill_backend import parse
from parsers.blocks.render import PlainText, render_blocks, write_blocks
from parsers.blocks.verbatim_runs import LIST, OTHERS, PLAIN, QUOTED, SPANS, find_runs
from parsers.parsed_page import ParsedPage

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause."


def test_lines_of_a_list_quotes_and_headings() -> None:
    items = "<ul><li>The bed stone never moves at all.</li><li>The runner stone turns above it.</li></ul>"
    body = f"<h1>The mill<br>by the river</h1>{f'<p>{SENTENCE}</p>' * 3}{items}<blockquote>{SENTENCE}</blockquote><p>{SENTENCE}</p>"
    page = extract(f"<html><body><article>{body}</article></body></html>".encode())
    listed = "The bed stone never moves at all.\nThe runner stone turns above it."
    assert page.text == "\n\n".join(["The mill by the river", *[SENTENCE] * 3, listed, SENTENCE, SENTENCE])
    assert [(page.text[span.start : span.end], span.kind) for span in page.spans] == [
        (listed, "list"),
        (SENTENCE, "quote"),
    ]


def runs(html: str) -> list[tuple[int, list[str]]]:
    """Of each run its kind and the first words of its blocks."""
    parsed = parse(f"<html><body>{html}</body></html>")
    found, text = find_runs(parsed.page, parsed.roles, np.arange(len(parsed.page.blocks)))
    assert [stop for _, _, stop, _, _ in found[:-1]] == [first for _, first, _, _, _ in found[1:]]
    for kind, first, stop, start, end in found:
        assert (kind == OTHERS) is (start == end) and stop > first
        assert kind == OTHERS or len(text[start:end].split(b"\n" if kind == LIST else b"\n\n")) >= stop - first
    texts = [block.text for block in parsed.blocks]
    return [(kind, texts[first:stop]) for kind, first, stop, _, _ in found]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><h2>b</h2><p>c</p>", [(PLAIN, ["a", "b", "c"])]), ("<ul><li>a<li>b</ul>", [(LIST, ["a", "b"])]),
        ("<ul><li>a</ul><ul><li>b</ul>", [(LIST, ["a"]), (LIST, ["b"])]), ("<p>a</p><ul><li>b</ul><p>c</p>", [(PLAIN, ["a"]), (LIST, ["b"]), (PLAIN, ["c"])]),
        ("<p>a b c</p><blockquote>q</blockquote><blockquote>r</blockquote>", [(PLAIN, ["a b c"]), (QUOTED, ["q"]), (QUOTED, ["r"])]),
        ("<p>a</p><p>$x$ b</p><p>c</p>", [(PLAIN, ["a"]), (OTHERS, ["$x$ b"]), (PLAIN, ["c"])]), ("<p>$x$ b</p><p>$y$ c</p>", [(OTHERS, ["$x$ b", "$y$ c"])]),
        ("<pre>a</pre><p>b</p>", [(OTHERS, ["a"]), (PLAIN, ["b"])]), ("<table><tr><th>a<td>b</table><p>c</p>", [(OTHERS, ["a", "b"]), (PLAIN, ["c"])]),
        ("<ul><li>a<li>$x$ b<li>c</ul>", [(OTHERS, ["a", "$x$ b", "c"])]), ("<p>★</p><p>a</p>", [(OTHERS, ["★"]), (PLAIN, ["a"])]),
        ("<p>a <a href=x>¶</a></p><p>b</p>", [(OTHERS, ["a"]), (PLAIN, ["b"])]), ("<dl><dt>a<dd>b</dl>", [(LIST, ["a", "b"])]),
        # Beside a list a block that may turn out to be empty stands between lines of one list.
        ("<p>★</p><ul><li>a</ul>", [(OTHERS, ["★", "a"])]), ("<ul><li>a</ul><p>★</p>", [(OTHERS, ["a", "★"])]), ("<ul><li>a</ul><p>b</p><p>★</p>", [(LIST, ["a"]), (PLAIN, ["b"]), (OTHERS, ["★"])]),
        ("<div>a b</div><div>c d</div><div><br></div><div>e f</div><div>g h</div>", [(OTHERS, ["a b", "c d", "e f", "g h"])]),
    ],
)  # fmt: skip
def test_what_is_written_in_one_run(html: str, expected: list[tuple[int, list[str]]]) -> None:
    assert runs(html) == expected


def put_together(parsed: ParsedPage, rows: np.ndarray) -> tuple[str, object]:
    blocks, out = parsed.blocks, PlainText()
    found, text = find_runs(parsed.page, parsed.roles, rows)
    for kind, first, stop, start, end in found:
        if kind == OTHERS:
            write_blocks([blocks[row] for row in rows[first:stop]], out)
        else:
            out.add_plain(text[start:end].decode(), SPANS[kind])
    return out.finish()


PIECES = st.sampled_from([
    "<p>Some words</p>", "<p>★</p>", "<h2>Two<br>lines</h2>", "<p>one<br>two</p>", "<ul><li>a<li>b</ul>", "<ul><li>a<li>★<li>c<br>d</ul>", "<ul><li>$x$ y</ul>",
    "<blockquote>q</blockquote>", "<dl><dt>t<dd>d</dl>", "<table><tr><th>a<td>b<tr><th>c<td>d</table>", "<pre>x\ny</pre>", "<p>pre- and so</p>", "<p>a <a href=x>#</a></p>",
    "<ol><li>a<ul><li>b</ul></ol>", "<div>v w</div>", "<div><br></div>", "<p>é漢字</p>",
])  # fmt: skip


@settings(max_examples=40)
@given(st.lists(PIECES, max_size=10), st.data())
def test_runs_and_blocks_one_by_one_give_the_same_text(pieces: list[str], data: st.DataObject) -> None:
    parsed = parse(f"<html><body>{''.join(pieces)}</body></html>")
    chosen = data.draw(st.lists(st.booleans(), min_size=len(parsed.page.blocks), max_size=len(parsed.page.blocks)))
    rows = np.flatnonzero(np.array(chosen, bool))
    assert put_together(parsed, rows) == render_blocks([parsed.blocks[row] for row in rows])


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ("<dt>1.<dd>Jars bear a code.<dt>2.<dd>Small jars don't.", "1. Jars bear a code.\n2. Small jars don't."),
        ("<dt>(a)<dd>hedges; or<dt>(b)<dd>land.", "(a) hedges; or\n(b) land."),
        ("<dt>Code<dd>of a country", "Code\nof a country"),
        ("<dt>1.<dt>2.<dd>both", "1.\n2. both"),
        ("<dt>1.<dd>A jar $x$ a lid", "1. A jar $x$ a lid"),
    ],
)
def test_a_term_that_only_numbers_stands_on_the_line_of_its_definition(terms: str, text: str) -> None:
    parsed = parse(f"<html><body><dl>{terms}</dl></body></html>")
    assert render_blocks(parsed.blocks)[0] == text
    found, run = find_runs(parsed.page, parsed.roles, np.arange(len(parsed.page.blocks)))
    assert found[0][0] == OTHERS or run.decode() == text
