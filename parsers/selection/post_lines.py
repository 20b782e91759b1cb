"""Lines that forum programs write above and below every post: the title again ("Re: …", "Post subject: …"), and the header
and footer of posts on boards that grew out of telnet (newsmth, mitbbs).

Such a title goes where the page says it elsewhere, too, and other text follows: in an index of mails, lines like these
follow one another, and are the content.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, ITEM, ROLE
from parsers.scanner.page import START, STOP, WORD, WORDS, Page, text_of
from text.jit.options import kernel

# What stands before a title that is said again, as in "Post subject: Re: ..."
_AGAIN = re.compile(
    r"(?:(?:post subject|betreff des beitrags|sujet du message)\s?:\s*(?:re\s?:\s*)?|(?:re|aw|sv|odp)(?:\s?\[\d+\])?\s?[:：]\s*)+",
    re.IGNORECASE,
)
_BOARD = re.compile(
    r"发信人\s?[:：].{0,200}?(?:信区|讨论区)\s?[:：].{0,300}|(?:-- *)?\s*※\s?(?:来源|修改)\s?[:：·].{0,200}", re.DOTALL
)
# How they begin, in small letters: two bytes are compared.
_BEGINNINGS = np.array(
    sorted(int.from_bytes(begin.encode()[:2], "little") for begin in ("re", "aw", "sv", "od", "po", "be", "su", "--", "发", "※")),
    np.int64,
)  # fmt: skip
_LONGEST = 60 * WORD


def drop_post_lines(page: Page, roles: np.ndarray, kept: np.ndarray, headline: int) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without such lines. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`; ``headline``: the row of the page's title, which stays (-1: none)."""
    rows = _worth_a_look(page.text, page.blocks, roles, kept, _BEGINNINGS)
    if not len(rows):
        return kept
    goes, titles = [], {}
    for row in rows.tolist():
        text = text_of(page, row)
        again = _AGAIN.match(text)
        if _BOARD.fullmatch(text):
            goes.append(row)
        elif again and row != headline:
            titles[row] = _words(text[again.end() :])
    if titles:
        goes += _said_twice(page, kept, titles)
    if not goes:
        return kept
    left = kept.copy()
    left[goes] = False
    return left


@kernel
def _worth_a_look(text, blocks, roles, kept, beginnings):
    """``int64[k]``: the short kept blocks, of no list or table, that begin like these lines."""
    rows = np.empty(len(kept), np.int64)
    count = 0
    for b in range(len(kept)):
        start = blocks[b, START]
        if not kept[b] or not 0 < blocks[b, WORDS] <= _LONGEST or start + 1 >= len(text):
            continue
        first, second = np.int64(text[start]), np.int64(text[start + 1])
        if first < 128:  # small letters of capitals; the other signs keep what they are
            first, second = first | 32, second | 32
        role = roles[b, ROLE]
        if role != ITEM and role != CELL:
            for place in range(len(beginnings)):
                if beginnings[place] == first | second << 8:
                    rows[count] = b
                    count += 1
                    break
    return rows[:count]


def _said_twice(page: Page, kept: np.ndarray, titles: dict[int, str]) -> list[int]:
    """Which of these rows say what another block says, and have kept text of another kind behind them."""
    said: dict[str, int] = {}
    for title in titles.values():
        said[title] = said.get(title, 0) + 1
    longest = max(map(len, titles.values()))
    lengths = page.blocks[:, STOP] - page.blocks[:, START]
    for row in np.flatnonzero((lengths > 0) & (lengths <= 2 * longest + 8)).tolist() if longest else ():
        words = _words(text_of(page, row))
        if words in said and row not in titles:
            said[words] += 1
    written = np.flatnonzero(kept)
    behind = dict(zip(written[:-1].tolist(), written[1:].tolist(), strict=True))
    return [row for row, title in titles.items() if title and said[title] > 1 and behind.get(row, row) not in titles]


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
