"""What the scanner makes of a page: blocks, atoms, and which promising names turn out to promise nothing."""

from __future__ import annotations

import time

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers.formulas.formula import Formula
from parsers.markup.tokens import PADDING
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page

PROSE = "A paragraph of prose that nobody would take for code or for a formula."


def scanned(html: str) -> p.Page:
    return scan_page((LexborHTMLParser(html).html or "").encode())


def texts(page: p.Page) -> list[str]:
    """The blocks' texts, ``*`` for an atom."""
    return [bytes(page.text[row[p.START] : row[p.STOP]]).decode().replace("\x01", "*") for row in page.blocks]


def kinds(page: p.Page) -> list[int]:
    return page.atoms[:, 1].tolist()


def code_blocks(page: p.Page) -> int:
    return int((page.blocks[:, p.KIND] == p.CODE_BLOCK).sum())


def test_the_padding_of_a_page_is_no_part_of_it() -> None:
    bare = scan_page(b"<html><body><p>one</p>two &amp;</body></html>")
    padded = scan_page(b"<html><body><p>one</p>two &amp;</body></html>" + PADDING)
    assert all(map(np.array_equal, bare[:-1], padded[:-1])) and texts(bare) == ["one", "two &"]


@pytest.mark.parametrize("end", [b"", b"p", b"<", b"<p", b"</", b"</s", b"<!-", b"<!--", b"<a href", b'<a href="', b"<a alt=",
                                 b"&", b"&am", b"\xc3", b"\xe2", b"\xf0", b"<script>", b"<code>", b"<sub>", b"<span>"])  # fmt: skip
def test_a_page_may_end_anywhere(end: bytes) -> None:
    page = scan_page(b"<p>begun" + end)  # `make checked-test` sees that no byte behind the padding is read
    assert bytes(page.text).startswith(b"begun") and page.elements[0, p.TAG_]
    assert len(scan_page(end).elements) <= end.count(b"<")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>one</p>two<div>three</div>", ["one", "two", "three"]),
        ("<p>one<br>two<br><br>three</p>", ["one\ntwo", "three"]),
        ("<p>one<hr>two", ["one", "two"]),
        ("<p> folded \n\t white&nbsp;space </p>", ["folded white space"]),
        ("<p>a<b>b</b>c <i> d</i></p>", ["abc d"]),
        ("<p>a &lt;b&gt; &amp;amp; &quot;c&quot;</p>", ['a <b> &amp; "c"']),
        ("<ul><li>one<li>two</ul>", ["one", "two"]),
        ("<p>seen<script>let unseen</script><style>p{}</style><!-- unseen --></p>", ["seen"]),
        ("<p>x<sup>2</sup> and <img alt='y'></p>", ["x* and *"]),
        ("<p><img src='photo.jpg'></p>", []),
        ("", []),
    ],
)
def test_blocks_are_what_readers_see_as_lines(html: str, expected: list[str]) -> None:
    assert texts(scanned(html)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("two words", 20), ("it's a re-start", 30), ("日本", 12), ("ไทย", 6), ("... -- !", 0), ("naïve Ωmega", 20)],
)
def test_words_are_counted_in_tenths(text: str, words: int) -> None:
    assert scanned(f"<p>{text}</p>").blocks[0, p.WORDS] == words


def test_words_are_counted_for_what_they_stand_in() -> None:
    block = scanned('<p>one <a href="/">two three</a> <b>four</b> <code>five</code>').blocks[0]
    assert block[[p.WORDS, p.LINK_WORDS, p.BOLD_WORDS, p.CODE_WORDS, p.LINKS]].tolist() == [50, 20, 10, 10, 1]


def test_elements_know_their_parents_and_their_places() -> None:
    markup = (LexborHTMLParser("<div class=a><p>x</p></div>").html or "").encode()
    page = scan_page(markup)
    inner = [markup[row[p.INNER] : row[p.CLOSE]] for row in page.elements]
    whole = [markup[row[p.OPEN] : row[p.END]] for row in page.elements]
    assert inner[-2:] == [b"<p>x</p>", b"x"]
    assert whole[-1] == b"<p>x</p>"
    assert page.elements[:, p.PARENT].tolist() == [-1, 0, 0, 2, 3]
    assert page.elements[2, p.LAST] == 4


@pytest.mark.parametrize(
    "html",
    [
        "<pre>x = 1</pre>",
        "<code>first<br>second</code>",
        '<code style="white-space: pre">first\nsecond</code>',
        "<code>def f():\n    if x:\n        return\n    else:\n        pass</code>",
        '<code class="hl lean block">one line</code>',
        "<code><span class=line>one</span><span class=line>two</span></code>",
        "<table class=highlighttable><tr><td>1<td><pre>x = 1</pre></table>",
        "<xmp><p>x</xmp>",
    ],
)
def test_code_on_lines_of_its_own_is_a_block(html: str) -> None:
    page = scanned(f"<p>{PROSE}</p>{html}<p>{PROSE}</p>")
    assert code_blocks(page) == 1
    assert kinds(page) == [p.SOURCE]
    assert texts(page) == [PROSE, "*", PROSE]


@pytest.mark.parametrize(
    "code", ["<code>x = 1</code>", "<code>wrapped\nhere</code>", "<tt class='x'>wrapped\nhere</tt>", "<kbd>Ctrl</kbd>"]
)
def test_code_within_a_sentence_stays_there(code: str) -> None:
    page = scanned(f"<p>before {code} after</p>")
    assert code_blocks(page) == 0
    assert len(page.blocks) == 1


@pytest.mark.parametrize(
    "wrapped",
    [
        '<div class="{}"><h2>Title</h2><p>' + PROSE + "</p></div>",
        '<section class="{}"><p>' + PROSE + "</p><p>" + PROSE + "</p></section>",
    ],
)
@pytest.mark.parametrize("name", ["code", "highlight", "math", "latex", "tex", "MathJax", "code-block", "fragment"])
def test_a_name_alone_makes_no_root(wrapped: str, name: str) -> None:
    """The element is as any other: the same blocks as with a name that means nothing."""
    page, plain = scanned(wrapped.format(name)), scanned(wrapped.format("nothing"))
    assert texts(page) == texts(plain)
    assert page.atoms.tolist() == []
    np.testing.assert_array_equal(page.blocks, plain.blocks)


def test_a_root_within_what_is_none_is_found() -> None:
    inner = '<pre>x = 1</pre><p>so <span class="math">\\(x^2\\)</span> is'
    page = scanned(f'<body class="code"><div class="math highlight"><p>{PROSE}</p>{inner} and {PROSE}</p></div>')
    assert kinds(page) == [p.SOURCE, p.FORMULA]
    assert Formula("x^2", False) in page.readings.values()


def test_deeply_nested_names_do_not_hide_what_was_found_before() -> None:
    """After a few scans no name counts that was not read by then; what was read stays."""
    nested = '<div class="code">' * 6 + f"<p>{PROSE}</p>" + "</div>" * 6
    page = scanned('<p>so <span class="math">\\(x^2\\)</span></p>' + nested)
    assert kinds(page) == [p.FORMULA]
    assert texts(page)[1:] == [PROSE]


def test_a_preview_beside_its_formula_says_nothing() -> None:
    preview = '<span class="MathJax_Preview">x2</span>'
    page = scanned(f'<p>Let {preview}<script type="math/tex">x^2</script> be.</p>')
    assert texts(page) == ["Let ** be."]
    assert sorted(page.readings.values(), key=str) == ["", Formula("x^2", False)]


def test_a_preview_without_a_formula_is_text() -> None:
    page = scanned('<p>Let <span class="MathJax_Preview">x2</span> be, not <script type="math/tex">y</script></p>')
    assert texts(page) == ["Let x2 be, not *"]


@pytest.mark.parametrize(
    ("source", "is_atom"),
    [
        ("https://latex.codecogs.com/svg.image?%5Cfrac%7Ba%7D", True),
        ("https://example.org/formula/%5Cfrac%7Bm%7D%7Bv%7D", True),
        ("https://chart.apis.google.com/chart?CHT=TX&amp;chl=x", True),
        ("https://example.org/photo.jpg", False),
        ("data:image/png;base64,LATEXcodecogs", False),
    ],
)
def test_images_that_may_be_formulas_are_atoms(source: str, is_atom: bool) -> None:
    assert kinds(scanned(f'<p>text <img src="{source}"></p>')) == ([p.IMAGE] if is_atom else [])


def test_hashes_tell_texts_apart_and_ignore_case() -> None:
    page = scanned("<p>Read more<p>READ MORE<p>Read less")
    assert page.hashes[0] == page.hashes[1] != page.hashes[2]


PIECES = [b"<", b"</", b">", b"p", b"pre", b"code", b"br", b' class="math"', b"\xff", b"&", b"!--", b"\n", b"script",
          b'"', b"x"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)))
def test_any_bytes_may_come(pieces: list[bytes]) -> None:
    page = scan_page(b"".join(pieces))
    starts, stops = page.blocks[:, p.START], page.blocks[:, p.STOP]
    assert (starts < stops).all()
    assert (starts[1:] == stops[:-1]).all()
    assert (page.elements[:, p.PARENT] < np.arange(len(page.elements))).all()
    assert int((page.text == p.ATOM).sum()) == len(page.atoms)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="measures compiled kernels")
@pytest.mark.parametrize(
    "unit",
    [b"<code>", b'<div class="code">', b"<sup>", b'<span class="MathJax_Preview"></span>', b"<code>a\nb</code>",
     b"<!--", b'<code class="x">\n', b"<math>", b"</p>", b"<img src='/", b"<b>"],
)  # fmt: skip
def test_time_is_linear(unit: bytes) -> None:
    """Eight times the bytes take less than forty times as long: a square would make it 64."""

    def seconds(size: int) -> float:
        markup = unit * (size // len(unit)) + b"<div></div>" * (size // 11)
        best = 1e9
        for _ in range(2):
            begun = time.process_time()
            scan_page(markup)
            best = min(best, time.process_time() - begun)
        return best

    seconds(1_000)
    assert seconds(800_000) < 40 * max(seconds(100_000), 0.001)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p><span class=a>Petzl</span><span class=b>Tikka</span></p>", ["Petzl Tikka"]),  # apart by their style
        ("<p><span>T</span><span>he mill</span></p>", ["The mill"]),
        ("<p><code><span>on</span><span>Click</span></code></p>", ["onClick"]),
        ('<p>before<img src="a.png">after</p>', ["before after"]),
        ('<p>at the end<img src="a.png">.</p>', ["at the end."]),
        ("<object data='film.swf'><p>What is shown instead</p></object>", ["What is shown instead"]),
    ],
)
def test_words_that_are_set_apart_on_the_screen_are_two(html: str, expected: list[str]) -> None:
    assert texts(scanned(html)) == expected


def test_symbols_are_no_words_and_rare_ideographs_are() -> None:
    page = scanned("<p>★★★★★ → ☎ 😀😀</p><p>\U00020000\U00020001 mill</p>")
    assert page.blocks[:, p.WORDS].tolist() == [0, 2 * p.IDEOGRAPH + p.WORD]
