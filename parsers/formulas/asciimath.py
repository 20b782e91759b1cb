"""AsciiMath to TeX (asciimath.org)."""

from __future__ import annotations

import re

from parsers.formulas.symbols import FUNCTIONS, characters, escaped_text
from parsers.formulas.tex_rows import OPERAND, Piece, row, scripted

LONGEST = 2_000  # characters; a longer one is a paragraph


# What differs from TeX by more than a backslash.
_WORDS = {
    "/": "/", "*": r"\cdot", "**": r"\ast", "xx": r"\times", "-:": r"\div", "@": r"\circ", "o+": r"\oplus", "ox": r"\otimes",
    "^^": r"\land", "vv": r"\lor", "nn": r"\cap", "uu": r"\cup", "!=": r"\neq", "<=": r"\leq", ">=": r"\geq",
    "in": r"\in", "!in": r"\notin", "sub": r"\subset", "sup": r"\supset", "sube": r"\subseteq", "supe": r"\supseteq",
    "-=": r"\equiv", "~=": r"\cong", "~~": r"\approx", "prop": r"\propto", "and": r"\text{ and }",
    "or": r"\text{ or }", "not": r"\neg", "=>": r"\Rightarrow", "iff": r"\Leftrightarrow",
    "AA": r"\forall", "EE": r"\exists",
    "+-": r"\pm", "O/": r"\emptyset", "oo": r"\infty", "...": r"\ldots", "cdots": r"\cdots", "CC": r"\mathbb{C}",
    "NN": r"\mathbb{N}", "QQ": r"\mathbb{Q}", "RR": r"\mathbb{R}", "ZZ": r"\mathbb{Z}", "uarr": r"\uparrow",
    "darr": r"\downarrow", "rarr": r"\rightarrow", "->": r"\to", "|->": r"\mapsto", "larr": r"\leftarrow",
    "harr": r"\leftrightarrow", "rArr": r"\Rightarrow", "lArr": r"\Leftarrow", "hArr": r"\Leftrightarrow",
    "sum": r"\sum", "prod": r"\prod", "int": r"\int", "oint": r"\oint", "del": r"\partial", "grad": r"\nabla",
    "(:": r"\langle", ":)": r"\rangle", "{:": "", ":}": "", "eps": r"\varepsilon",
    **{name: rf"\{name}" for name in FUNCTIONS},
    **{name: rf"\{name}" for name in (
        "alpha beta gamma Gamma delta Delta epsilon varepsilon zeta eta theta Theta vartheta iota kappa lambda Lambda "
        "mu nu xi Xi pi Pi rho sigma Sigma tau upsilon phi Phi varphi chi psi Psi omega Omega quad").split()},
}  # fmt: skip
_UNARY = {
    "sqrt": r"\sqrt", "hat": r"\hat", "bar": r"\overline", "ul": r"\underline", "vec": r"\vec", "dot": r"\dot",
    "ddot": r"\ddot", "bb": r"\mathbf", "bbb": r"\mathbb", "cc": r"\mathcal", "fr": r"\mathfrak", "tt": r"\mathtt",
    "sf": r"\mathsf", "cancel": r"\cancel",
}  # fmt: skip
_BINARY = {"frac": r"\frac{%s}{%s}", "root": r"\sqrt[%s]{%s}", "stackrel": r"\overset{%s}{%s}"}
_SYMBOLS = sorted({*_WORDS, *_UNARY, *_BINARY, "text", "/", "_", "^"}, key=len, reverse=True)
_ASCII_TOKEN = re.compile(
    r'\s+|"([^"]*)"|text\(([^)]*)\)|(\d+(?:\.\d+)?)|(' + "|".join(map(re.escape, _SYMBOLS)) + r")|([^\s])", re.DOTALL
)
_DEPTH = 50
_OPENING, _CLOSING = {"(": "(", "[": "[", "{": r"\{"}, {")": ")", "]": "]", "}": r"\}"}


def from_asciimath(source: str) -> str:
    r"""TeX of AsciiMath: ``sum_(i=1)^n i^3=((n(n+1))/2)^2``. Empty if it is too long or nested too deep."""
    source = source.strip().strip("`").strip()
    if len(source) > LONGEST:
        return ""
    stream = [match for match in _ASCII_TOKEN.finditer(source) if not match[0].isspace()]
    stream.reverse()
    return _expression(stream, 0).tex


def _expression(stream: list[re.Match[str]], depth: int) -> Piece:
    """Reads up to the bracket that closes this level, which stays on the stream."""
    pieces: list[Piece] = []
    while stream and not (depth and stream[-1][0] in _CLOSING):
        piece = _with_scripts(stream, depth)
        if stream and stream[-1][0] == "/":
            stream.pop()
            below = _with_scripts(stream, depth)
            piece = Piece(rf"\frac{{{_bare(piece)}}}{{{_bare(below)}}}")
        pieces.append(piece)
    return row(pieces)


def _with_scripts(stream: list[re.Match[str]], depth: int) -> Piece:
    base = _simple(stream, depth)
    below = above = None
    if stream and stream[-1][0] == "_":
        stream.pop()
        below = Piece(_bare(_simple(stream, depth)))
    if stream and stream[-1][0] == "^":
        stream.pop()
        above = Piece(_bare(_simple(stream, depth)))
    return scripted(base, below, above)


def _bare(piece: Piece) -> str:
    """Brackets that only group are not shown; their inside stands in ``raw``."""
    return piece.raw if piece.role == "group" else piece.tex


def _simple(stream: list[re.Match[str]], depth: int) -> Piece:
    if not stream:
        return Piece("")
    token = stream.pop()
    quoted, text, number, symbol, other = token.groups()
    if quoted is not None or text is not None:
        return Piece(rf"\text{{{escaped_text(quoted or text or '')}}}")
    if number:
        return Piece(number)
    if symbol in _UNARY and depth < _DEPTH:
        return Piece(f"{_UNARY[symbol]}{{{_bare(_simple(stream, depth + 1))}}}")
    if symbol in _BINARY and depth < _DEPTH:
        first = _bare(_simple(stream, depth + 1))
        return Piece(_BINARY[symbol] % (first, _bare(_simple(stream, depth + 1))))
    if symbol:
        return Piece(_WORDS.get(symbol, ""), "infix" if symbol in ("->", "<=", ">=", "!=", "=>") else OPERAND)
    if other in _OPENING and depth < _DEPTH:
        inside = _expression(stream, depth + 1).tex
        closing = _CLOSING[stream.pop()[0]] if stream else "."
        return Piece(rf"\left{_OPENING[other]}{inside}\right{closing}", raw=inside, role="group")
    return Piece(characters(other), "infix" if other in "+-=<>" else OPERAND)
