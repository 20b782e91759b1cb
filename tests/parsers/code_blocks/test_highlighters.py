"""The steps through a highlighter's markup: which of its elements are lines, numbers, buttons, cells."""

from __future__ import annotations

import pytest

from parsers.code_blocks.highlighters import Piece, Role, language, pieces_of, role, without_numbering
from parsers.code_blocks.lines import code_lines


def _kinds(markup: str) -> list[str]:
    return [piece.kind for piece in pieces_of(markup)[0]]


def test_a_column_of_numbers_is_taken_out_and_counted() -> None:
    rows = "".join(f"<tr><td>{number}</td><td>line {number}</td></tr>" for number in (1, 2))
    pieces, gutters = pieces_of(f"<table><tbody>{rows}</tbody></table>")
    assert gutters == 2
    assert [piece.text for piece in pieces if piece.kind == "text"] == ["line 1", "line 2"]


def test_cells_after_the_first_are_told_apart() -> None:
    row = "<tr><td>a</td><td>b</td><td>c</td></tr>"
    assert _kinds(f"<table><tbody>{row}</tbody></table>").count("cell") == 2


def test_a_button_is_no_code_and_neither_is_what_stands_in_it() -> None:
    markup = "<div><button>Copy <b>all</b><br>of <span>it</span></button><div>x = 1</div></div>"
    pieces, _ = pieces_of(markup)
    assert "".join(piece.text for piece in pieces) == "x = 1"
    assert all(piece.kind != "br" for piece in pieces)


def test_a_button_within_a_button_ends_with_the_outer_one() -> None:
    markup = "<div><button>a<select><option>b</option></select>c</button><div>x = 1</div></div>"
    assert "".join(piece.text for piece in pieces_of(markup)[0]) == "x = 1"


def test_numbers_that_count_up_go_only_where_there_is_code_beside() -> None:
    edge, close = Piece("edge"), Piece("cell")

    def numbered(*texts: str) -> list[Piece]:
        return [piece for text in texts for piece in (edge, Piece("text", text), close)]

    with_code = [*numbered("1"), Piece("text", "a"), *numbered("2"), Piece("text", "b"), edge]
    assert [piece.text for piece in without_numbering(with_code) if piece.kind == "text"] == ["a", "b"]
    alone = [*numbered("1", "2", "3"), edge]
    assert without_numbering(alone) == alone
    not_in_order = [*numbered("2"), Piece("text", "a"), *numbered("3"), Piece("text", "b"), edge]
    assert without_numbering(not_in_order) == not_in_order


def test_the_blank_between_number_and_code_goes_where_every_line_has_it() -> None:
    def block(*lines: str) -> str:
        rows = "".join(
            f'<div class="line"><span class="lineno">{n}</span> {line}</div>' for n, line in enumerate(lines, 1)
        )
        return f'<div class="fragment">{rows}</div>'

    assert code_lines(block("a = 1;", "b = 2;")) == "a = 1;\nb = 2;"
    assert code_lines(block("if (a) {", "  b = 2;", "}")) == "if (a) {\n  b = 2;\n}"


def texts(markup: str) -> list[str]:
    return [piece.text for piece in pieces_of(markup)[0] if piece.kind == "text"]


@pytest.mark.parametrize(
    ("tag", "attributes", "expected"),
    [
        ("span", "", Role.INLINE), ("a", ' href="x"', Role.INLINE), ("code", "", Role.INLINE), ("div", "", Role.BLOCK), ("p", "", Role.BLOCK), ("tbody", "", Role.BLOCK),
        ("li", "", Role.LINE), ("tr", "", Role.LINE), ("td", "", Role.CELL), ("th", "", Role.CELL), ("button", "", Role.CHROME), ("svg", "", Role.CHROME), ("thead", "", Role.CHROME),
        ("span", ' class="lineno"', Role.CHROME), ("td", ' class="a LineNos b"', Role.CHROME), ("pre", ' class="line-numbers"', Role.BLOCK), ("code", ' class="line-numbers"', Role.INLINE),
        ("div", ' class="toolbar"', Role.CHROME), ("span", ' class="copy"', Role.CHROME), ("span", ' class="btn-copy-x"', Role.CHROME), ("span", ' class="copybutton2"', Role.CHROME),
        ("span", ' class="copyright"', Role.INLINE), ("span", ' class="line"', Role.SPAN_LINE), ("div", ' class="line"', Role.LINE), ("li", ' class="line"', Role.LINE), ("p", ' class="line"', Role.LINE),
        ("pre", ' class="line"', Role.LINE), ("td", ' class="line"', Role.CELL), ("code", ' class="line"', Role.SPAN_LINE), ("span", ' data-line="1"', Role.SPAN_LINE), ("div", ' data-line="1"', Role.LINE),
        ("pre", ' data-line="1"', Role.BLOCK), ("td", ' data-line-number="1"', Role.PERHAPS_CHROME), ("span", ' data-line-number="1"', Role.PERHAPS_CHROME), ("span", " data-nosnippet", Role.PERHAPS_CHROME),
        ("span", ' aria-hidden="true"', Role.PERHAPS_CHROME), ("span", ' aria-hidden="false"', Role.INLINE), ("span", ' style="user-select: none"', Role.PERHAPS_CHROME), ("span", ' style="user-select:text"', Role.INLINE),
    ],
)  # fmt: skip
def test_roles_of_elements(tag: str, attributes: str, expected: Role) -> None:
    assert role(tag, attributes) is expected
    assert role(tag, f'{attributes} data-copy="{"x" * 300}"') is expected  # too long to be remembered


@pytest.mark.parametrize(
    ("markup", "expected", "gutters"),
    [
        # What may be a number goes if nothing but a number, a sign of folding or a blank stands in it.
        ("<div><span aria-hidden=\"true\">12</span>x</div>", ["x"], 1), ("<div><span aria-hidden=\"true\">x</span>y</div>", ["x", "y"], 0), ("<div><span aria-hidden=\"true\">▸ 1</span>y</div>", ["y"], 1),
        ("<div><span aria-hidden=\"true\"></span>y</div>", ["y"], 0), ("<div><span aria-hidden=\"true\">" + "<br>1" * 3 + "</span>y</div>", ["y"], 1),
        ("<div><span aria-hidden=\"true\">" + "<br>1" * 4 + "</span>y</div>", ["1"] * 4 + ["y"], 0), ("<div><span aria-hidden=\"true\">" + "<br>1" * 3 + "<br></span>y</div>", ["y"], 1),
        # The first cell of a row, if it isn't one of those that hold lines.
        ("<table><tr><td>1</td><td>x</td></tr></table>", ["x"], 1), ('<table><tr><td class="code">1</td><td>x</td></tr></table>', ["1", "x"], 0), ("<table><tr><td>x</td><td>2</td></tr></table>", ["x", "2"], 0),
        ("<table><tr><td>1</td><td>2</td><td>x</td></tr></table>", ["2", "x"], 1), ('<table><tr><td class="encoded">1</td><td>x</td></tr></table>', ["x"], 1),
        ("<table><tr><td>1</td><td><table><tr><td>2</td><td>y</td></tr></table></td><td>x</td></tr></table>", ["y", "x"], 2),
        # A gutter is counted once, however many stand within it.
        ('<div><span class="lineno">1<span class="ln">2</span></span>x</div>', ["x"], 1), ('<div><span class="ln">1</span>x<span class="ln">2</span>y</div>', ["x", "y"], 2),
        # White space between the parts of tables and lists.
        ("<table> <tr> <td>x</td> </tr> </table>", ["x"], 0), ("<ol> <li>x</li> </ol>", ["x"], 0), ("<div> <p>x</p></div>", [" ", "x"], 0), ("<ol>y<li>x</li></ol>", ["y", "x"], 0),
        # The sign of a change, which a style sheet draws.
        ('<div><span class="line" data-code-marker="+">x</span></div>', ["+", "x"], 0), ('<div><span class="line" data-code-marker="*">x</span></div>', ["x"], 0),
    ],
)  # fmt: skip
def test_what_is_code_and_what_stands_beside_it(markup: str, expected: list[str], gutters: int) -> None:
    assert texts(markup) == expected and pieces_of(markup)[1] == gutters


@pytest.mark.parametrize(
    ("markup", "kinds"),
    [
        ("<div>a<br>b</div>", "edge text br text edge"), ("<div><p>a</p></div>", "edge edge text edge edge"), ("<ol><li>a</li><li>b</li></ol>", "edge open text close open text close edge"),
        ("<pre>a</pre>", "edge text edge"), ("<span>a</span>", "text"), ('<div><span class="line">a</span></div>', "edge open text close edge"), ("<div><b>a</b>b</div>", "edge text edge"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "edge open text cell text close edge"), ("<div><button>a<p>b</p><br><span class=\"line\">c</span></button></div>", "edge edge"),
        ("<div>a</b></div>", "edge text edge"), ("<div><i>a</div>", "edge text"),
    ],
)  # fmt: skip
def test_steps_through_a_block(markup: str, kinds: str) -> None:
    assert " ".join(_kinds(markup)) == kinds


def test_lines_that_are_spans_are_told_apart() -> None:
    assert [
        piece.inline
        for piece in pieces_of('<div><span class="line">a</span></div>')[0]
        if piece.kind in ("open", "close")
    ] == [True] * 2
    assert [piece.inline for piece in pieces_of("<ol><li>a</li></ol>")[0] if piece.kind in ("open", "close")] == [
        False
    ] * 2


@pytest.mark.parametrize(("others", "dropped"), [(1, 2), (0, 0)])
def test_numbers_of_two_lines_go_where_one_line_of_code_stands_beside(others: int, dropped: int) -> None:
    numbers = [
        piece for number in ("1", "2") for piece in (Piece("edge"), Piece("text", f" {number} "), Piece("edge"))
    ]
    pieces = [*numbers, *[Piece("text", "x")] * others, Piece("edge")]
    assert len(pieces) - len(without_numbering(pieces)) == dropped
    three = [*numbers, Piece("edge"), Piece("text", "3"), Piece("edge"), *[Piece("text", "x")] * others, Piece("edge")]
    assert without_numbering(three) == three
    inside = [Piece("open"), Piece("text", "1"), Piece("text", "x"), Piece("edge")]
    assert without_numbering(inside) == inside  # the number isn't alone in its element
    blank = [Piece("edge"), Piece("text", " "), Piece("text", "1"), Piece("cell"), Piece("text", "x"), Piece("edge")]
    assert [piece.text for piece in without_numbering(blank) if piece.kind == "text"] == [" ", "x"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<pre data-lang="Python">', "python"), ('<pre data-language="text" class="language-go">', "go"), ('<div data-enlighter-language="rust">', "rust"), ('<pre class="brush: js; x">', "js"),
        ('<code class="lang-c++">', "c++"), ('<code class="language-none lang-c">', ""), ('<div class="highlight-source-shell">', "shell"), ('<div class="highlight-default notranslate">', ""),
        ('<div class="highlight-python3 notranslate">', "python3"), ('<pre class="lang:php x">', "php"), ('<pre class="sourceCode haskell">', "haskell"), ('<pre class="prettyprint linenums">', ""),
        ('<pre class="hljs">', ""), ('<pre id="a" class="language-go">', "go"), ('<pre title=" class=" id="language-go">', ""), ('<div class="a"><pre class="language-ruby">', "ruby"), ("<pre>", ""), ('<p class="a">' * 7 + '<p class="language-c">', "c"), ('<p class="a">' * 8 + '<p class="language-c">', ""),
        (" " * (2000 - 22) + '<pre class="language-c">', ""), (" " * (2000 - 23) + '<pre class="language-c">', "c"),
    ],
)  # fmt: skip
def test_the_language_that_a_block_states(markup: str, expected: str) -> None:
    assert language(markup) == expected
