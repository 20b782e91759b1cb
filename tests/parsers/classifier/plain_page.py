"""A page as plain objects, for tests that read features slowly: elements that know their children, blocks that know
their counts by name. Only the scanner's tables are taken from the parser; templates are read from the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from parsers.markup.names import BLOCK, CONTEXT, TAGS, behaviour
from parsers.parsed_page import ParsedPage
from parsers.scanner import page as s

_BLOCK_LEVEL = (behaviour() & BLOCK) > 0
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(eq=False)
class Element:
    """``template``  tag, and class without digits. ``context``  names of :data:`CONTEXT` that it has itself."""

    tag: str
    number: int
    parent: Element | None
    template: tuple[str, str]
    context: set[str]
    is_block_level: bool
    children: list[Element] = field(default_factory=list)
    own_blocks: list[Block] = field(default_factory=list)

    def outward(self) -> Iterator[Element]:
        """Itself, its parent, and so on to the root."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def subtree(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            yield from child.subtree()

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks of its subtree."""
        return [block for element in self.subtree() for block in element.own_blocks]

    def holds(self, other: Element) -> bool:
        """Whether ``other`` is this element or stands in it."""
        return self in other.outward()

    @property
    def is_heading(self) -> bool:
        return self.tag in HEADINGS


@dataclass(eq=False)
class Block:
    """One block; lengths are in words."""

    row: int
    element: Element
    text: str
    words: float
    link_words: float
    bold_words: float
    code_words: float
    letters: int
    digits: int
    upper: int
    capitals: int
    stops: int
    commas: int
    symbols: int
    links: int
    images: int
    formulas: int
    tags: int
    controls: int
    breaks: int
    first_character: int
    last_character: int
    kind: int

    @property
    def is_long(self) -> bool:
        return round(10 * (self.words - self.link_words)) >= 200


@dataclass(eq=False)
class PlainPage:
    elements: list[Element]
    blocks: list[Block]

    @property
    def root(self) -> Element:
        return self.elements[0]


def plain_page(parsed: ParsedPage) -> PlainPage:
    page = parsed.page
    elements: list[Element] = []
    for number, (row, bits) in enumerate(zip(page.elements.tolist(), page.context.tolist(), strict=True)):
        start_tag = parsed.markup[row[s.OPEN] : row[s.INNER]].decode()
        named = re.search(r' class="([^"]*)"', start_tag)
        tag = TAGS[row[s.TAG_]]
        element = Element(
            tag=tag, number=row[s.TAG_], parent=elements[row[s.PARENT]] if row[s.PARENT] >= 0 else None,
            template=(tag or start_tag.split()[0].strip("<>"), re.sub(r"\d", "", named[1]) if named else ""),
            context={name for place, name in enumerate(CONTEXT) if bits >> place & 1},
            is_block_level=bool(_BLOCK_LEVEL[row[s.TAG_]]),
        )  # fmt: skip
        assert element.parent is not None or number == 0
        if element.parent is not None:
            element.parent.children.append(element)
        elements.append(element)
    blocks = []
    for number, row in enumerate(page.blocks.tolist()):
        block = Block(
            row=number, element=elements[max(row[s.ELEMENT], 0)],
            text=bytes(page.text[row[s.START] : row[s.STOP]]).decode(),
            words=row[s.WORDS] / 10, link_words=row[s.LINK_WORDS] / 10, bold_words=row[s.BOLD_WORDS] / 10,
            code_words=row[s.CODE_WORDS] / 10, letters=row[s.LETTERS], digits=row[s.DIGITS], upper=row[s.UPPER],
            capitals=row[s.CAPITALS], stops=row[s.STOPS], commas=row[s.COMMAS], symbols=row[s.SYMBOLS],
            links=row[s.LINKS], images=row[s.IMAGES], formulas=row[s.FORMULAS], tags=row[s.TAGS],
            controls=row[s.CONTROLS], breaks=row[s.BREAKS], first_character=row[s.FIRST],
            last_character=row[s.LAST_CHARACTER], kind=row[s.KIND],
        )  # fmt: skip
        block.element.own_blocks.append(block)
        blocks.append(block)
    return PlainPage(elements, blocks)
