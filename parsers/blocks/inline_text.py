"""The text of one block with its atoms written out: formulas as TeX, code as lines, sub- and superscripts.

The scanner leaves one byte (:data:`parsers.scanner.page.ATOM`) in a block's text for each element that is written as a
whole. Here each of them is replaced by what the element says.
"""

from __future__ import annotations

import re
from functools import cached_property

from parsers.blocks.escapes import is_escaped_twice, resolved
from parsers.blocks.hyphenation import PageWords
from parsers.blocks.image_text import image_character, image_letter
from parsers.blocks.normalize import MATH_START, MATH_STOP
from parsers.code_blocks.lines import code_lines
from parsers.formulas.extraction import extract_formula, is_double, render_formula, same_formula
from parsers.formulas.formula import Formula
from parsers.formulas.tex import as_tex, script, written
from parsers.markup.tokens import plain_text
from parsers.scanner.page import ATOM, CODE_BLOCK, IMAGE, KIND, SUBSCRIPT, SUPERSCRIPT, Page, outer_markup

_ATOM_CHARACTER = chr(ATOM)
_STOP = re.compile(r"\s?[.,;:!?]+(?=\s|$)")


class InlineText:
    """Writes the text of a page's blocks. ``markup`` is the page's normal form in UTF-8, ``page`` the scanner's tables
    of it. ``page_words``: the words of all blocks, content or not."""

    def __init__(self, markup: bytes, page: Page) -> None:
        self._markup = markup
        self._page = page
        self._text = page.text.tobytes()
        self.page_words = PageWords(self._text)

    def block_text(self, row: int) -> str:
        """The text of row ``row`` of ``page.blocks``, as :func:`parsers.blocks.normalize.tidy` takes it. Of a block of
        code: its lines. Of others: text with each formula between ``MATH_START`` and ``MATH_STOP``, displayed formulas
        on lines of their own."""
        element, start, stop, atoms, atoms_stop, kind = self._page.blocks[row, : KIND + 1].tolist()
        if kind == CODE_BLOCK:
            read = self._page.readings.get(element)
            if isinstance(read, str):
                return read
            source = outer_markup(self._markup, self._page, element)
            lines = code_lines(source)
            return plain_text(source) if lines is None else lines
        text = self.scanned_text(start, stop)
        if "&" in text and self._is_escaped_twice:
            text = resolved(text)
        if atoms == atoms_stop:
            return _with_marked_formulas(text)
        return self._with_atoms(text, self._page.atoms[atoms:atoms_stop].tolist())

    @cached_property
    def _is_escaped_twice(self) -> bool:
        return is_escaped_twice(self._text.decode("utf-8", "replace"))

    def scanned_text(self, start: int, stop: int) -> str:
        """Bytes ``start`` to ``stop`` of ``page.text``, decoded."""
        return self._text[start:stop].decode("utf-8", "replace")

    def _with_atoms(self, text: str, atoms: list[list[int]]) -> str:
        """``text`` with its atoms (rows of ``page.atoms``: element, kind) written out."""
        first, *pieces = text.split(_ATOM_CHARACTER)
        out, tail = [_with_marked_formulas(first)], first[-1:]
        letters = self._spelled(atoms, pieces, first[-1:])
        # The last formula with no text after it yet: its place in ``out`` and its element.
        last: tuple[int, int, Formula] | None = None
        for (element, kind), piece in zip(atoms, pieces, strict=True):
            shown = letters.get(element) or self._atom(element, kind, tail, piece[:2])
            said = bool(piece.strip())
            if isinstance(shown, Formula):
                if last is not None and self._is_same(last[1], last[2], element, shown):
                    out[last[0]] = ""
                last = (len(out), element, shown)
                formula, tail = _marked(render_formula(shown)), "$"
                if shown.display:
                    # A full stop after a displayed formula ends the sentence that the formula belongs to: it stays
                    # with the formula.
                    stop = _STOP.match(piece)
                    formula = f"\n{formula}{stop[0] if stop else ''}\n"
                    piece = piece[stop.end() :] if stop else piece
                out += [formula, _with_marked_formulas(piece)]
            else:
                out += [shown, _with_marked_formulas(piece)]
                last, tail = None if shown.strip() else last, shown[-1:] or tail
            last, tail = None if said else last, piece[-1:] or tail
        return "".join(out)

    def _spelled(self, atoms: list[list[int]], pieces: list[str], before: str) -> dict[int, str]:
        """By their elements, the letters of words that are written in images, side by side with nothing between."""
        if all(pieces[:-1]):
            return {}
        letters: dict[int, str] = {}
        run: list[tuple[int, str]] = []
        for (element, kind), piece in zip(atoms, pieces, strict=True):
            letter = image_letter(outer_markup(self._markup, self._page, element)) if kind == IMAGE else ""
            if letter and (run or not before.isalnum()):
                run.append((element, letter))
            if not letter or piece:
                if len(run) > 1:
                    letters.update(run)
                run = []
            before = piece[-1:]
        return letters | dict(run if len(run) > 1 else ())

    def _atom(self, element: int, kind: int, before: str, after: str) -> str | Formula:
        """What an atom says; ``before`` is the character before it, ``after`` the two characters after it."""
        found = self._page.readings.get(element)
        if found is not None:
            return found
        source = outer_markup(self._markup, self._page, element)
        if kind in (SUBSCRIPT, SUPERSCRIPT):
            name = "sub" if kind == SUBSCRIPT else "sup"
            return script(name, plain_text(source), before, after, linked="<a " in source)
        formula = extract_formula(source)
        if formula is None:
            if kind != IMAGE:
                return plain_text(source)
            said = image_character(source, before, after)
            return said or (" " if before.isalnum() and after[:1].isalnum() else "")
        return formula

    def _is_same(self, earlier: int, first: Formula, later: int, second: Formula) -> bool:
        """Whether two formulas side by side are one: MathJax leaves a formula's drawing beside its source."""
        if first.tex == second.tex:
            return True
        doubled = any(is_double(outer_markup(self._markup, self._page, element)) for element in (earlier, later))
        return doubled and same_formula(first, second)


def _marked(formula: str) -> str:
    return f"{MATH_START}{formula}{MATH_STOP}"


def _with_marked_formulas(text: str) -> str:
    """``text`` with marks around the formulas that its author wrote between delimiters."""
    out, at = [], 0
    for start, stop in written(text):
        out += [text[at:start], _marked(as_tex(text[start:stop]))]
        at = stop
    return "".join(out) + text[at:] if out else text
