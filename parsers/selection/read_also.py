"""Invitations to read on, in a paragraph of their own: another article in the middle of one ("Read also: …"), or the same one behind
an advertisement ("Story continues below").
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import PARAGRAPH, ROLE
from parsers.scanner.page import LINK_WORDS, START, STOP, WORD, WORDS, Page, text_of
from parsers.selection.rows import without
from text.jit.options import inner, kernel

_SURE = np.float32(0.9)  # a likelier one stands in the text as authors of guides write it
_WORDS, _LINKED = 40 * WORD, 2 * WORD  # words of such a paragraph at most, and of its link at least
_INVITES = re.compile(
    r"\W*(?:(?:more|videos?|photos|gallery|watch)\s?[:：]|read also|also read|(?:read more|related (?:story|stories|article|articles|reading|coverage|post|posts|news)|"
    r"more on this)\s?[:：]|you may also like|don.t miss\s?:|lire aussi|à lire aussi|lire également|lesen sie auch|"
    r"lesen sie mehr\s?:|mehr zum thema|lees ook|lea también|lee también|te puede interesar|leia também|leia mais\s?:|"
    r"veja também|leggi anche|czytaj też|czytaj także|zobacz też|zobacz także|читайте также|читайте такоже|читайте також|"
    r"смотрите также|les også|läs också|läs även|læs også|lue myös|čtěte také|přečtěte si|olvassa el|citește și|citiți și|"
    r"прочетете още|διαβάστε επίσης|اقرأ أيض|اقرا ايضا|यह भी पढ़ें|ये भी पढ़ें|इसे भी पढ़ें|相关阅读|延伸阅读|相關閱讀|関連記事|"
    r"あわせて読みたい|관련기사|baca juga|xem thêm|đọc thêm)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:advertis\w+\W+|ad\W+)?(?:(?:(?:the |this )?(?:article|story|post|content) )?continue[sd]?(?: reading)? "
    r"(?:below|after (?:the |this )?(?:ad|video|gallery|promo|newsletter|break|message)\w*)|scroll (?:down )?to continue)\b.{0,40}",
    re.IGNORECASE,
)
_LINE = 9 * WORD  # words of such a line at most
_CONTINU = np.frombuffer(b"continu", np.uint8)


def drop_invitations(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the paragraphs that begin so, are a link otherwise, and aren't surely
    content (``probabilities``: ``float32[m]``), and without lines that say that the text goes on. Headings, items and
    definitions stay: references have "See also" of their own. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    invites = []
    for row in _may_invite(page.text, blocks, roles, kept, probabilities, _CONTINU).tolist():
        text = text_of(page, row)
        if _INVITES.match(text) if blocks[row, LINK_WORDS] else _GOES_ON.fullmatch(text):
            invites.append(row)
    return without(kept, invites)


@kernel
def _may_invite(text, blocks, roles, kept, probabilities, continu):
    """``int64[k]``: the kept paragraphs that are short and not surely content, and are a link for the most part or say ``continu``."""
    rows = np.empty(len(blocks), np.int64)
    count = 0
    for b in range(len(blocks)):
        if not kept[b] or roles[b, ROLE] != PARAGRAPH or probabilities[b] >= _SURE:
            continue
        linked, words = blocks[b, LINK_WORDS], blocks[b, WORDS]
        if (linked >= _LINKED and 2 * linked >= words and words <= _WORDS) or (
            linked == 0 and 0 < words <= _LINE and _says(text, blocks[b, START], blocks[b, STOP], continu)
        ):
            rows[count] = b
            count += 1
    return rows[:count]


@inner
def _says(text, start, stop, word):
    """Whether a word (of small letters) or its beginning stands between two places."""
    for at in range(start, stop - len(word) + 1):
        if text[at] | 32 == word[0]:
            same = 1
            while same < len(word) and text[at + same] | 32 == word[same]:
                same += 1
            if same == len(word):
                return True
    return False
