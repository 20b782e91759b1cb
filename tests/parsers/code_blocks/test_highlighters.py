"""The steps through a highlighter's markup: which of its elements are lines, numbers, buttons, cells."""

from __future__ import annotations

from parsers.code_blocks.highlighters import Piece, pieces_of, without_numbering
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
