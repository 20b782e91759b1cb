"""Invitations to read another article in the middle of one: "Read also: …", in a paragraph of its own."""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import PARAGRAPH, ROLE
from parsers.scanner.page import LINK_WORDS, START, STOP, WORD, WORDS, Page
from parsers.selection.rows import without
from text.jit.options import kernel

_SURE = np.float32(0.9)  # a likelier one stands in the text as authors of guides write it
_WORDS, _LINKED = 40 * WORD, 2 * WORD  # words of such a paragraph at most, and of its link at least
_INVITES = re.compile(
    r"\W*(?:read also|also read|(?:read more|related (?:story|stories|article|articles|reading|coverage|post|posts|news)|"
    r"more on this)\s?[:：]|you may also like|don.t miss\s?:|lire aussi|à lire aussi|lire également|lesen sie auch|"
    r"lesen sie mehr\s?:|mehr zum thema|lees ook|lea también|lee también|te puede interesar|leia também|leia mais\s?:|"
    r"veja também|leggi anche|czytaj też|czytaj także|zobacz też|zobacz także|читайте также|читайте такоже|читайте також|"
    r"смотрите также|les også|läs också|läs även|læs også|lue myös|čtěte také|přečtěte si|olvassa el|citește și|citiți și|"
    r"прочетете още|διαβάστε επίσης|اقرأ أيض|اقرا ايضا|यह भी पढ़ें|ये भी पढ़ें|इसे भी पढ़ें|相关阅读|延伸阅读|相關閱讀|関連記事|"
    r"あわせて読みたい|관련기사|baca juga|xem thêm|đọc thêm)",
    re.IGNORECASE,
)


def drop_invitations(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the paragraphs that begin so, are a link otherwise, and aren't surely
    content (``probabilities``: ``float32[m]``). Headings, items and
    definitions stay: references have "See also" of their own. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    invites = [
        row
        for row in _linked_paragraphs(blocks, roles, kept, probabilities).tolist()
        if _INVITES.match(page.text[blocks[row, START] : blocks[row, STOP]].tobytes().decode("utf-8", "replace"))
    ]
    return without(kept, invites)


@kernel
def _linked_paragraphs(blocks, roles, kept, probabilities):
    """``int64[k]``: the kept paragraphs that are a link for the most part, short, and not surely content."""
    rows = np.empty(len(blocks), np.int64)
    count = 0
    for b in range(len(blocks)):
        linked = blocks[b, LINK_WORDS]
        if (
            kept[b]
            and linked >= _LINKED
            and 2 * linked >= blocks[b, WORDS]
            and blocks[b, WORDS] <= _WORDS
            and roles[b, ROLE] == PARAGRAPH
            and probabilities[b] < _SURE
        ):
            rows[count] = b
            count += 1
    return rows[:count]
