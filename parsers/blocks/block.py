"""The blocks of a page as users see them: what each is, what it says, whether it is content, and how surely.

    for block in parse(html).blocks:
        if block.kept and block.kind == "heading":
            print("#" * block.level, block.text)

Plain text is one way to write them (:func:`parsers.blocks.render.render_blocks`); a block holds enough about its place
for other formats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.blocks.hyphenation import rejoined
from parsers.blocks.inline_text import InlineText
from parsers.blocks.normalize import MATH_START, MATH_STOP, tidy, unmarked

KINDS = ("paragraph", "heading", "item", "term", "cell", "code", "formula", "quote", "comment", "caption")
# Signs of permalinks at the start or end of a heading or paragraph. The first two are never part of its text; "#" and
# "§" may be (as in C#), and are removed only where they are all that its links say.
_ANCHOR = re.compile("^(?:[¶🔗]\ufe0f?\\s?){1,3}|(?:\\s?[¶🔗]\ufe0f?){1,3}$")
_OTHER_ANCHORS = "#§ "
# Arrows from a note back to its places in the text. After a word, such an arrow may be the name of a key.
_BACK = re.compile('(?<=[.!?…)\\]"”’»])(?:\\s?\u21a9[\ufe0e\ufe0f]?\\d?)+$')
# Links for editing what a heading heads, whose class says nothing.
_EDIT_WORDS = (
    "edit|edit source|edit section|edit this section|source|bearbeiten|quelltext bearbeiten|modifier|modifier le code|éditer|"
    "editar|editar código|editar código-fonte|editar a fonte|modifica|modifica wikitesto|bewerken|brontekst bewerken|edytuj|"
    "edytuj kod|править|править код|ред\\.|редагувати|редагувати код|editovat|editovat zdroj|redigera|redigera wikitext|rediger|"
    "rediger kildetekst|rediger kilde|muokkaa|muokkaa wikitekstiä|değiştir|düzenle|kaynağı değiştir|szerkesztés|modificare|"
    "modificare sursă|編集|ソースを編集|编辑|編輯|编辑源代码|編輯原始碼|편집|원본 편집|sửa|sửa mã nguồn|sunting|sunting sumber|عدل|عدل المصدر|تحرير|"
    "ویرایش|עריכה|עריכת קוד מקור|επεξεργασία|редактиране|уреди|uredi|upraviť|muuda|redaguoti|labot"
)
_EDIT = re.compile(rf"\s*\[\s?(?:{_EDIT_WORDS})(?:\s?[|/]\s?(?:{_EDIT_WORDS}))*\s?\]$", re.IGNORECASE)
_MAY_BE_FORMULAS = frozenset({"paragraph", "quote", "comment"})
_FORMULAS = re.compile(f"{MATH_START}[^{MATH_STOP}]*{MATH_STOP}")


@dataclass(eq=False, slots=True)
class Block:
    """One block of a page: what a reader sees between two line breaks.

    ``row``  its place in ``ParsedPage.page.blocks``; blocks come in the order of the page.
    ``shape``  what its elements make of it: one of :data:`KINDS` but for ``formula`` (see :attr:`kind`).
    ``level``  of a heading 1 to 6; of an ``item`` or ``term`` how many lists it stands in; of a ``cell`` 1 in a header
    row; else 0.
    ``ordered``  whether an item stands in a numbered list (the numbers are the style's, and not in the text).
    ``group``  the list, table or stanza whose lines it belongs to, -1 for none: a number that its neighbours there share.
    ``line``  the item or the table's row that it belongs to, -1 for none; ``column`` of a cell, from 0.
    ``kept``  whether it is content.
    ``probability``  how likely it is content (0 to 1), by the classifier.
    """

    row: int
    shape: str
    level: int
    ordered: bool
    group: int
    line: int
    column: int
    kept: bool
    probability: float
    _anchored: bool = field(repr=False)
    _texts: InlineText = field(repr=False)
    _written: str | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`. A ``formula`` stands alone, a number beside it at most; a ``term`` is what a
        definition list defines; a ``comment`` is a paragraph of readers' comments; in a table every block is a
        ``cell``."""
        if self.shape in _MAY_BE_FORMULAS and MATH_START in self.marked_text:
            if not any(map(str.isalpha, _FORMULAS.sub("", self.marked_text))):
                return "formula"
        return self.shape

    @property
    def text(self) -> str:
        """Plain text: of code its lines as they were typed, else lines where the author broke them. May be empty: an
        image without a formula says nothing."""
        return unmarked(self.marked_text)

    @property
    def marked_text(self) -> str:
        """:attr:`text` with each formula between ``MATH_START`` and ``MATH_STOP`` of
        :mod:`parsers.blocks.normalize`."""
        if self._written is None:
            text = self._texts.block_text(self.row)
            if self.shape != "code":
                text = rejoined(text, self._texts.page_words)
            text = tidy(text, self.shape)
            if self._anchored and text.endswith("]") and self.shape in ("heading", "term"):
                text = _EDIT.sub("", text) or text
            elif self._anchored:
                bare = _BACK.sub("", _ANCHOR.sub("", text))
                text = text.strip(_OTHER_ANCHORS) if bare == text and self.shape in ("heading", "term") else bare
            self._written = text
        return self._written
