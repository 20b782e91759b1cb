r"""Pieces of a formula in TeX, and how they are put together: side by side, with scripts, between fences.

Blanks are put where people who type TeX put them: ``x = -b + 2ac``, around relations and infix operators, after
commas, and else only where a command or a word would run into the next letter. Braces stand around every script.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from parsers.formulas.symbols import ends_in_command

# What a piece is in its row: it decides the blanks around it.
OPERAND, WORD, NUMBER, FUNCTION = "operand", "word", "number", "function"
INFIX, LARGE, COMMA, POSTFIX = "infix", "large", "comma", "postfix"
OPEN, CLOSE, BAR, TABLE, ATOP = "open", "close", "bar", "table", "atop"

ATOMIC = 9  # binds more closely than any operator: see Piece.level


class Piece(NamedTuple):
    """A piece of a formula.

    ``tex`` is what it is written as; ``raw`` the characters it was made of if it is a single sign, or the body of a
    table, or the two parts of a stack; ``single`` whether a script can be put to it without braces; ``scripts`` which
    of ``_`` and ``^`` it carries already. ``level`` is the precedence of its outermost operator (content MathML needs
    it to set parentheses). ``role`` is the part it plays for its parent where that can't be told from its position.
    """

    tex: str
    kind: str = OPERAND
    raw: str = ""
    single: bool = True
    scripts: str = ""
    level: int = ATOMIC
    role: str = ""


EMPTY = Piece("")

PRIMES = {"'": "'", "′": "'", "″": "'" * 2, "‴": "'" * 3}
DEGREE = r"^{\circ}"  # raised already

_MATRICES = {"()": "pmatrix", "[]": "bmatrix", "{}": "Bmatrix", "||": "vmatrix", "‖‖": "Vmatrix", "∥∥": "Vmatrix"}


def environment(name: str, body: str) -> str:
    return rf"\begin{{{name}}} {body} \end{{{name}}}"


def _closed(start: Piece, inner: list[Piece], end: Piece) -> Piece | None:
    """One piece for a table or a stack of two between fences: TeX has names for those."""
    if len(inner) == 1 and inner[0].kind == TABLE and start.raw + end.raw in _MATRICES:
        tex = environment(_MATRICES[start.raw + end.raw], inner[0].raw)
    elif len(inner) == 1 and inner[0].kind == ATOP and start.raw + end.raw == "()":
        tex = rf"\binom{inner[0].raw}"
    else:
        return None
    # An exponent that stood at the closing fence belongs to the whole.
    scripts = end.tex.partition(r"\}" if end.raw == "}" else end.raw)[2] if end.scripts else ""
    return Piece(tex + scripts, scripts=end.scripts)


def _paired(pieces: Iterable[Piece]) -> tuple[list[Piece], bool]:
    """The pieces with their fences paired off, and whether one pair embraces them all. A fence without a partner
    stays a plain sign."""
    out: list[Piece] = []
    opened: list[int] = []
    whole = -1
    for piece in pieces:
        bar = piece.kind == BAR
        while opened and not bar and piece.kind == CLOSE and out[opened[-1]].kind == BAR:
            opened.pop()
        if opened and (piece.kind == CLOSE or (bar and out[opened[-1]].raw == piece.raw)):
            start = opened.pop()
            name = _closed(out[start], out[start + 1 :], piece) if len(out) - start == 2 else None
            if name:
                del out[start:]
                out.append(name)
            elif bar:
                out.append(piece)
            else:
                out[start] = out[start]._replace(tex=rf"\left{out[start].tex}")
                out.append(piece._replace(tex=rf"\right{piece.tex}"))
                whole = len(out) if start == 0 and not piece.scripts else whole
            continue
        if bar or piece.kind == OPEN:
            opened.append(len(out))
        out.append(piece)
    if len(out) > 1 and out[-1].kind == TABLE and out[-2].raw == "{" and opened and opened[-1] == len(out) - 2:
        out[-2:] = [Piece(environment("cases", out[-1].raw))]
    return out, whole == len(out)


def _blank(left: Piece, right: Piece, infix_before: bool) -> bool:
    """Whether a blank belongs between two neighbours. ``infix_before``: ``left`` is a sign between two operands."""
    if right.kind == INFIX:
        return left.kind != OPEN
    if left.kind == INFIX:
        return infix_before
    if left.kind == COMMA:
        return True
    if right.kind in (COMMA, CLOSE, POSTFIX) or left.kind == OPEN:
        return False
    if right.kind == OPEN:
        return left.kind in (CLOSE, NUMBER) and right.tex[:1] == "["
    if left.kind in (WORD, FUNCTION, LARGE) or right.kind in (WORD, FUNCTION, LARGE):
        return True
    return left.kind == right.kind == NUMBER


def row(pieces: Iterable[Piece]) -> Piece:
    """The pieces side by side."""
    pieces = [piece for piece in pieces if piece.tex]
    if len(pieces) < 2:
        return pieces[0] if pieces else EMPTY
    pieces, whole = _paired(pieces)
    if len(pieces) == 1:
        return pieces[0]
    out = [pieces[0].tex]
    left, infix = pieces[0], _always_infix(pieces[0])
    for right in pieces[1:]:
        if _blank(left, right, infix) or (right.tex[0].isalpha() and ends_in_command(left.tex)):
            out.append(" ")
        out.append(right.tex)
        infix = left.kind not in (INFIX, OPEN, COMMA) or _always_infix(right)
        left = right
    return Piece("".join(out), single=whole)


def _always_infix(piece: Piece) -> bool:
    """Plus and minus are prefixes at the start of a row and after another sign."""
    return piece.raw not in ("+", "-", "−", "±", "∓")


def braced(piece: Piece) -> str:
    return f"{{{piece.tex}}}"


def scripted(base: Piece, below: Piece | None = EMPTY, above: Piece | None = EMPTY) -> Piece:
    """``base`` with a subscript, a superscript or both."""
    below, above = below or EMPTY, above or EMPTY
    tex, marks = base.tex, base.scripts
    added = ("_" if below.tex else "") + ("^" if above.tex else "")
    if not added:
        return base
    if not tex:
        tex = "{}"
    elif not base.single or set(added) & set(marks):
        tex, marks = f"{{{tex}}}", ""
    if "_" in added:
        tex += f"_{braced(below)}"
    if "^" in added:
        primes = PRIMES.get(above.raw, "")
        tex += primes or (above.tex if above.tex == DEGREE else f"^{braced(above)}")
    kind = base.kind if base.kind in (INFIX, LARGE, FUNCTION, OPEN, CLOSE) else OPERAND
    return Piece(tex, kind, base.raw if kind != OPERAND else "", scripts=marks + added)
