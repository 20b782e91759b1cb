r"""The token elements of MathML (MathML 3, section 3.2): identifiers, numbers, operators, text."""

from __future__ import annotations

import html
import re

from parsers.formulas.symbols import (
    BARS,
    BINARY,
    CLOSING,
    FUNCTIONS,
    INVISIBLE,
    LARGE_OPERATORS,
    LIMIT_FUNCTIONS,
    OPENING,
    RELATIONS,
    VARIANTS,
    character,
    characters,
    escaped_text,
    in_style,
)  # fmt: skip
from parsers.formulas.tex_rows import (
    BAR,
    CLOSE,
    COMMA,
    EMPTY,
    FUNCTION,
    INFIX,
    LARGE,
    NUMBER,
    OPEN,
    OPERAND,
    POSTFIX,
    PRIMES,
    WORD,
    Piece,
    row,
)  # fmt: skip
from parsers.markup.tokens import attributes

_SPACES = re.compile(r"\s+")
_EM = re.compile(r"([0-9.]+)em")


class Frame:
    """An element that has begun: its name, attributes, the pieces of its children and its own text."""

    __slots__ = ("_attributes", "children", "name", "source", "text")

    def __init__(self, name: str, source: str, text: str = "") -> None:
        self.name, self.source, self.text = name, source, text
        self.children: list[Piece] = []
        self._attributes: dict[str, str] | None = None

    @property
    def attributes(self) -> dict[str, str]:
        if self._attributes is None:
            self._attributes = attributes(self.source) if "=" in self.source else {}
        return self._attributes


def words(frame: Frame) -> str:
    """The text of a leaf, references resolved, white space folded, invisible characters gone."""
    text = html.unescape(frame.text) if "&" in frame.text else frame.text
    if not text.isascii():
        text = text.translate(INVISIBLE)
    return _SPACES.sub(" ", text).strip()


def _variant(frame: Frame) -> str | None:
    value = frame.attributes.get("mathvariant") or frame.attributes.get("data-mjx-variant")
    if value is None and "tex-cal" in frame.source:
        return r"\mathcal"
    return VARIANTS.get(value) if value else None


def mi(frame: Frame) -> Piece:
    text = words(frame)
    if not text:
        return row(frame.children)
    if text in FUNCTIONS or text in LIMIT_FUNCTIONS:
        name = rf"\{text}" if text in FUNCTIONS else rf"\operatorname*{{{text}}}"
        return Piece(name, LARGE if text in LIMIT_FUNCTIONS else FUNCTION, text)
    style = _variant(frame) if frame.source else None
    name = characters(text)
    if style and not (style == r"\mathrm" and name.startswith("\\")):
        return Piece(in_style(style, name), raw=text)
    return Piece(name, WORD if len(text) > 1 and text[0].isalpha() else OPERAND, text)


def mn(frame: Frame) -> Piece:
    text = words(frame)
    style = _variant(frame) if frame.source else None
    number = characters(text) if text else row(frame.children).tex
    return Piece(in_style(style, number) if style and style != r"\mathrm" else number, NUMBER, text)


# A bar looks the same on both sides; where the markup says which it is, it is a fence for certain.
_SIDES = {"OPEN": OPEN, "CLOSE": CLOSE, "prefix": OPEN, "postfix": CLOSE}


def mo(frame: Frame) -> Piece:
    text = words(frame)
    if not text:
        return row(frame.children)
    if len(text) == 1:
        if text in BARS:
            said = frame.attributes.get("data-mjx-texclass") or frame.attributes.get("form") or ""
            return Piece(BARS[text], _SIDES.get(said, BAR), text)
        if text in OPENING:
            return Piece(OPENING[text], OPEN, text)
        if text in CLOSING:
            return Piece(CLOSING[text], CLOSE, text)
        if text in RELATIONS:
            return Piece(RELATIONS[text], INFIX, text)
        if text in BINARY:
            return Piece(BINARY[text], INFIX, text)
        if text in LARGE_OPERATORS:
            return Piece(LARGE_OPERATORS[text], LARGE, text)
        if text in ",;":
            return Piece(text, COMMA, text)
        if text in PRIMES:
            return Piece(PRIMES[text], POSTFIX, text)
        return Piece(character(text), POSTFIX if text in "!°" else OPERAND, text)
    if text in FUNCTIONS or text in LIMIT_FUNCTIONS:
        return mi(frame)
    if text in ("...", ".."):
        return Piece(r"\ldots" if text == "..." else "..", OPERAND, text)
    if text.replace(" ", "").isalpha():
        if text in ("lim sup", "lim inf"):
            return Piece("\\" + text.replace(" ", ""), LARGE, text)
        return Piece(rf"\operatorname{{{characters(text)}}}", FUNCTION, text)
    return Piece(characters(text), INFIX, text)


def mtext(frame: Frame) -> Piece:
    text = html.unescape(frame.text) if "&" in frame.text else frame.text
    text = _SPACES.sub(" ", text.translate(INVISIBLE))
    if not text.strip():
        return row(frame.children)
    name = rf"\text{{{escaped_text(text)}}}"
    return Piece(name, raw=text)


def ms(frame: Frame) -> Piece:
    left, right = frame.attributes.get("lquote", '"'), frame.attributes.get("rquote", '"')
    return Piece(rf"\text{{{escaped_text(left + words(frame) + right)}}}")


def mspace(frame: Frame) -> Piece:
    width = _EM.match(frame.attributes.get("width", ""))
    try:
        wide = float(width[1]) if width else 0.0
    except ValueError:
        wide = 0.0
    return Piece(r"\qquad" if wide >= 1.9 else r"\quad", COMMA) if wide >= 0.9 else EMPTY
