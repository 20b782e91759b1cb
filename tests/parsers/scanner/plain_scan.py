"""A slow and plain reading of normal form: tags by a regular expression, a stack of open elements, text put together
character by character. It knows blocks, inline elements, links, bold, code, controls, images and what is skipped; no
formulas, no atoms, no words that a style sets apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.markup.names import BLOCK, BOLD, RAW, SKIP, SPACED, TAG, VOID, behaviour

TOKEN = re.compile(r"<!--.*?-->|<!.*?>|</([^\s>]+)>|<([^\s/>]+)((?:[^>\"]|\"[^\"]*\")*)>|([^<]+)", re.DOTALL)
BEHAVIOUR = behaviour().tolist()


@dataclass(eq=False)
class Element:
    """One row of ``Page.elements``, and how the scanner treats such elements."""

    name: str
    row: int
    parent: Element | None
    place: list[int]
    kind: int
    has_link: bool

    @property
    def holder(self) -> int:
        """The row of the nearest block-level element: itself or one around it; -1 for none."""
        element: Element | None = self
        while element and not element.kind & BLOCK:
            element = element.parent
        return element.row if element else -1


@dataclass
class PlainBlock:
    text: str = ""
    element: int = -1
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count


class PlainScan:
    """``elements``: rows as in ``Page.elements``. ``blocks``: those with text."""

    def __init__(self, markup: str) -> None:
        self.elements: list[list[int]] = []
        self.blocks: list[PlainBlock] = []
        self._block, self._blank, self._feeds, self._in_word = PlainBlock(), False, 0, False
        self._open: list[Element] = []
        self._skipped: Element | None = None
        self._holder = -1
        self._after_link: tuple[int, str] | None = None
        at = 0
        while match := TOKEN.match(markup, at):
            at = match.end()
            if match[1]:
                self._end(match.start(), at)
            elif match[2]:
                element = self._start(match, markup)
                if element.kind & RAW:
                    close = markup.find(f"</{element.name}", at)
                    close = len(markup) if close < 0 else close
                    at = min(markup.find(">", close) + 1 or len(markup), len(markup))
                    element.place[4:6] = close, at
            elif match[4] and not self._skipped:
                self._text(match[4])
        self._flush()

    def _start(self, match: re.Match[str], markup: str) -> Element:
        name, parent = match[2], self._open[-1] if self._open else None
        row = [
            TAG.get(name, 0),
            parent.row if parent else -1,
            match.start(),
            match.end(),
            match.end(),
            match.end(),
            len(self.elements),
        ]
        has_link = name == "a" and re.search(r'\shref="[^"]', match[3]) is not None
        element = Element(name, len(self.elements), parent, row, BEHAVIOUR[TAG.get(name, 0)], has_link)
        self.elements.append(row)
        if element.kind & VOID:
            if not self._skipped:
                self._void(name, element.kind, markup[match.end() : match.end() + 1])
        elif not element.kind & RAW:
            self._open.append(element)
            if not self._skipped:
                self._inside(element)
        return element

    def _void(self, name: str, kind: int, following: str) -> None:
        if name == "br":
            self._feeds, self._in_word = self._feeds + 1, False
            if self._feeds == 2:
                self._flush()
        elif name == "hr":
            self._flush()
        elif name == "img":
            self._block.add(images=1)
            if following.isascii() and following.isalnum():
                self._blank, self._in_word = True, False
        elif kind & SPACED:
            self._block.add(controls=1)
            self._blank, self._in_word = True, False

    def _inside(self, element: Element) -> None:
        if element.has_link:
            if self._after_link == (len(self.blocks), self._block.text):
                self._blank = True
            self._block.add(links=1)
        self._block.add(tags=1)
        if element.kind & SKIP:
            self._skipped = element
        elif element.kind & BLOCK:
            self._flush()
            self._holder = element.row
        elif element.kind & SPACED:
            self._block.add(controls=1)
            self._blank, self._in_word = True, False

    def _end(self, start: int, end: int) -> None:
        if not self._open:
            return
        element = self._open.pop()
        element.place[4:] = start, end, len(self.elements) - 1
        if element.kind & (BLOCK | SPACED):
            self._in_word = False
        if element is self._skipped:
            self._skipped = None
        elif not self._skipped:
            if element.has_link:
                self._after_link = len(self.blocks), self._block.text
            if element.kind & BLOCK:
                self._flush()
                self._holder = element.parent.holder if element.parent else -1
            elif element.kind & SPACED:
                self._blank = True

    def _text(self, text: str) -> None:
        for character in text:
            if character.isspace():
                self._blank, self._in_word = True, False
                continue
            if not self._block.text:
                self._block.element = self._holder
            elif self._feeds:
                self._block.text += "\n"
                self._block.add(breaks=1)
            elif self._blank:
                self._block.text += " "
            self._blank, self._feeds = False, 0
            self._block.text += character
            if not self._in_word:
                self._in_word = True
                names = {element.name for element in self._open}
                self._block.add(words=1, link_words=any(element.has_link for element in self._open))
                self._block.add(bold_words=any(element.kind & BOLD for element in self._open) and 1)
                self._block.add(code_words=int(bool(names & {"code", "samp", "tt"})))

    def _flush(self) -> None:
        if self._block.text:
            self.blocks.append(self._block)
        self._block, self._blank, self._feeds, self._in_word = PlainBlock(), False, 0, False
