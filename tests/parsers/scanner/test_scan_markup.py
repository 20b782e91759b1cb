"""Quotation marks, comments, raw elements, scripts, words apart and code, as the scanner reads them byte by byte."""

from __future__ import annotations

import pytest

from parsers.markup.lexbor import normal_form
from parsers.markup.names import TAG
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page


def texts(markup: bytes | str) -> list[str]:
    """The blocks' texts, ``*`` for an atom; of bytes as they are, of other markup in normal form."""
    page = scan_page(markup if isinstance(markup, bytes) else normal_form(markup))
    return [bytes(page.text[row[p.START] : row[p.STOP]]).decode().replace("\x01", "*") for row in page.blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p><q>a</q></p>", ['"a"']), ("<p>x <q>a</q> y</p>", ['x "a" y']), ("<p>x<q>a</q>y</p>", ['x"a"y']), ("<p>x<br><q>a</q></p>", ['x\n"a"']), ("<p>x <br> <q>a</q></p>", ['x\n"a"']),
        ("<p>x<br><br><q>a</q></p>", ["x", '"a"']), ("<p><q>a <q>b</q></q></p>", ['"a "b"']), ('<p><q>"a"</q></p>', ['"a"']), ("<p><q>'a'</q></p>", ["'a'"]), ("<p><q>“a”</q></p>", ["“a”"]),
        ("<p><q>«a»</q></p>", ["«a»"]), ("<p><q>»a«</q></p>", ["»a«"]), ("<p><q>‹a›</q></p>", ["‹a›"]), ("<p><q>„a“</q></p>", ["„a“"]), ("<p><q>‘a’</q></p>", ["‘a’"]), ("<p><q>é</q></p>", ['"é"']),
        ("<p><q>aº</q></p>", ['"aº"']), ("<p><q>a½</q></p>", ['"a½"']), ("<p><q>a—</q></p>", ['"a—"']), ("<p><q>a€</q></p>", ['"a€"']), ("<p><q>â»</q></p>", ['"â»']), ("<p><q>a。</q></p>", ['"a。"']),
        ("<pre><q>a</q></pre>", ["*"]), ("<p>x<style><q></style></p>", ["x"]), ("<p><q>a</p><p>b", ['"a"', '"b']),
    ],
)  # fmt: skip
def test_quotes_have_the_marks_that_a_browser_draws(html: str, expected: list[str]) -> None:
    found = texts(html)
    assert found == expected or html.endswith("<p>b")  # what an open element makes of the next block is the parser's


def test_a_mark_that_is_a_reference_is_one_too() -> None:
    assert texts(b"<p><q>&quot;a&quot;</q></p>") == ['"a"'] and texts(b"<p><q>&amp;a</q></p>") == ['"&a"']


def test_a_block_that_begins_with_a_quotation_belongs_to_its_element() -> None:
    page = scan_page(b"<div><p>x</p><q>a</q></div>")
    assert page.elements[page.blocks[:, p.ELEMENT], p.TAG_].tolist() == [TAG["p"], TAG["div"]]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (b"a<!-- <b>x -->b", ["ab"]), (b"a<!-->b-->", ["ab-->"]), (b"a<!--->b", ["ab"]), (b"a<!-- - > -- >x-->b", ["ab"]), (b"a<!--x->y-->b", ["ab"]), (b"a<!--x>-->b", ["ab"]),
        (b"a<!DOCTYPE html>b", ["ab"]), (b"a<!x>b-->", ["ab-->"]), (b"a<!-x>b", ["ab"]), (b"a<!-x-->b", ["ab"]), (b"a<!--", ["a"]), (b"a<!--x", ["a"]), (b"a<!-->", ["a"]), (b"a<!>b", ["ab"]),
        (b"a<!--x-->", ["a"]), (b"<!--x--><p>a</p>", ["a"]),
    ],
)  # fmt: skip
def test_comments_and_doctypes_end_where_they_end(markup: bytes, expected: list[str]) -> None:
    assert texts(markup) == expected


@pytest.mark.parametrize("name", ["script", "style", "xmp", "iframe", "noembed", "noframes"])
def test_a_raw_element_ends_with_its_own_end_tag(name: str) -> None:
    shown = ["*"] if name == "xmp" else []
    for inside in (
        "",
        "x",
        "<b>y</b>",
        "</x>",
        "</",
        "<",
        "</p></div>",
        f"</{name[:-1]}>",
        f"<{name}>",
        f"</ {name}>",
        f"<{name[0]}",
    ):
        markup = f"<p>a</p><{name}>{inside}</{name}><p>b</p>".encode()
        assert texts(markup) == ["a", *shown, "b"], inside
        page = scan_page(markup)
        row = page.elements[1]
        assert markup[row[p.INNER] : row[p.CLOSE]].decode() == inside and markup[row[p.END] :] == b"<p>b</p>"
        assert row[p.LAST] == 1
    page = scan_page(f"<p>a</p><{name}>b</p>".encode())
    assert page.elements[1, p.CLOSE] == page.elements[1, p.END] == len(f"<p>a</p><{name}>b</p>")


@pytest.mark.parametrize(("size", "words"), [(0, 0), (5, 8), (6, 10), (12, 20), (13, 21), (600, 1000)])
def test_raw_code_counts_six_bytes_a_word(size: int, words: int) -> None:
    page = scan_page(b"<p>a</p><xmp>" + b"x" * size + b"</xmp><p>b</p>")
    assert page.blocks[:, p.KIND].tolist() == [p.TEXT_BLOCK, p.CODE_BLOCK, p.TEXT_BLOCK]
    assert page.blocks[:, p.WORDS].tolist() == [10, words, 10] and page.blocks[1, p.ELEMENT] == 1


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<span>auto</span><span>R</span>", "auto R"), ("<b>auto</b><b>R</b>", "autoR"), ("<span>1</span><span>ST</span>", "1 ST"), ("<span>AB</span><span>C</span>", "ABC"), ("<span>a</span><span>b</span>", "ab"),
        ("<span>z</span><span>Z</span>", "z Z"), ("<span>9</span><span>A</span>", "9 A"), ("<span>a</span><span>[</span>", "a["), ("<span>a</span> <span>R</span>", "a R"), ("<span>é</span><span>R</span>", "éR"),
        ("<strong>a</strong><span>R</span>", "aR"), ("<code><span>a</span><span>R</span></code>", "aR"), ("<span>a</span><i>R</i>", "aR"), ("<span></span><span>R</span>", "R"), ("a<span></span><span>R</span>", "a R"),
    ],
)  # fmt: skip
def test_neighbouring_spans_are_two_words_where_a_capital_begins(html: str, expected: str) -> None:
    assert texts(f"<p>{html}</p>") == [expected]


@pytest.mark.parametrize(
    ("html", "expected"),
    [("a<img src=x>b", "a b"), ("a<img src=x>B", "a B"), ("a<img src=x>1", "a 1"), ("a<img src=x>.", "a."), ("在<img src=x>里", "在里"), ("a<img src=x>[", "a["), ("a<img src=x>{", "a{"), ("a<img src=x>@", "a@"),
     ("a<img src=x>/", "a/"), ("a<img src=x>:", "a:"), ("a<img src=x>`", "a`"), ("a<img src=x>z", "a z"), ("a<img src=x>Z", "a Z"), ("a<img src=x>9", "a 9"), ("a<img src=x>0", "a 0")],
)  # fmt: skip
def test_an_image_parts_words_of_latin_letters_and_digits(html: str, expected: str) -> None:
    assert texts(f"<p>{html}</p>") == [expected]


@pytest.mark.parametrize("tag", ["sub", "sup"])
def test_short_scripts_are_atoms(tag: str) -> None:
    kind = p.SUBSCRIPT if tag == "sub" else p.SUPERSCRIPT
    for size, is_atom in ((0, True), (1, True), (199, True), (200, False), (300, False)):
        page = scan_page(f"<p>a<{tag}>{'x' * size}</{tag}> b</p>".encode())
        assert page.atoms[:, 1].tolist() == ([kind] if is_atom else []), size
    other = "sup" if tag == "sub" else "sub"
    assert len(scan_page(f"<p>a<{tag}>x</{other}></p>".encode()).atoms) == 0
    assert texts(f"<p>a<{tag}>x<{tag}>y</{tag}></{tag}> b</p>") == ["a* b"]


@pytest.mark.parametrize(
    ("code", "is_block"),
    [
        ("<code>a;<br>b;</code>", True), ("<code>a;<br class=x>b;</code>", True), ("<code><div>a;</div>b;</code>", True), ("<code><div class=x>a;</div>b;</code>", True), ("<code><ol><li>a;</li></ol></code>", True),
        ("<code><span class=line>a;</span><span class=line>b;</span></code>", True), ("<code><span class='line x'>a;</span><span class='line x'>b;</span></code>", True),
        ("<code><span class=line>a;</span><span>b;</span></code>", False), ("<code>a;\n  b;\nc;</code>", True), ("<code>a;\nb;</code>", False), ("<code>a;</code>", False), ("<code class=block>a;</code>", True),
        ("<code style='white-space: pre'>a;\nb;</code>", True), ("<code class=hljs>a;\nb;</code>", True), ("<code class=x>a;\nb;</code>", False), ("<code><b>a;</b><big>b;</big></code>", False),
        ("<code><label>a;</label></code>", False), ("<samp>a;<br>b;</samp>", True), ("<tt>a;<br>b;</tt>", True), ("<kbd>a;<br>b;</kbd>", False),
    ],
)  # fmt: skip
def test_code_that_breaks_into_lines_is_a_block(code: str, is_block: bool) -> None:
    page = scan_page(normal_form(f"<div><p>Before it.</p>{code}<p>After it.</p></div>"))
    assert (p.CODE_BLOCK in page.blocks[:, p.KIND]) is is_block


def test_code_within_code_is_not_asked_again() -> None:
    page = scan_page(normal_form("<p>x <code>a <code>b;<br>c;</code></code></p>"))
    assert p.CODE_BLOCK in page.blocks[:, p.KIND] or len(page.blocks) == 1


def test_styled_code_is_looked_at_up_to_a_length() -> None:
    def is_code(size: int) -> bool:
        lines = "a = 1;<br>" * (size // 10)
        page = scan_page(normal_form(f'<div style="font-family: monospace">{lines}</div><p>After</p>'))
        return p.CODE_BLOCK in page.blocks[:, p.KIND]

    assert [is_code(size) for size in (100, 19_000, 21_000)] == [True, True, False]


@pytest.mark.parametrize("count", [63, 64, 65, 127, 128, 129, 255, 256, 257, 512, 513])
def test_tables_grow_with_the_page(count: int) -> None:
    page = scan_page(b"".join(b"<p>a%d<sup>2</sup></p>" % number for number in range(count)))
    assert len(page.blocks) == len(page.atoms) == len(page.hashes) == count
    assert [bytes(page.text[row[p.START] : row[p.STOP]]) for row in page.blocks] == [
        b"a%d\x01" % number for number in range(count)
    ]
    assert page.blocks[:, p.ATOMS].tolist() == list(range(count)) and page.blocks[:, p.ATOMS_STOP].tolist() == list(
        range(1, count + 1)
    )
    seams = scan_page(b"<p>" + b"<span>(1)</span><span>a</span> " * count + b"</p>")
    assert bytes(seams.text) == b"(1) a " * (count - 1) + b"(1) a"


def test_hashes_are_of_all_characters_without_their_case() -> None:
    def hashes(*blocks: str) -> list[int]:
        return scan_page("".join(f"<p>{block}</p>" for block in blocks).encode()).hashes.tolist()

    for size in range(1, 12):
        text = "abcdefghijkl"[:size]
        variants = [text[:at] + "z" + text[at + 1 :] for at in range(size)] + [text + "z", text[:-1]]
        assert len(set(hashes(text, *filter(None, variants)))) == len([text, *filter(None, variants)])
        same = hashes(text, text.upper())
        assert same[0] == same[1]
    assert (
        len(set(hashes("a[", "a{", "A[", "a@", "a`"))) == 4 and hashes("éa")[0] == hashes("éA")[0] != hashes("Éa")[0]
    )
    assert hashes("ab", "ba")[0] != hashes("ab", "ba")[1]
