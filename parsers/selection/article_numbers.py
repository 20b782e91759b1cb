"""The number of an article of law above its text: "§ 4 Angeln vom Ufer", "Art. 3". As a heading of a few words, often a link to
itself, it looks like a menu's entry; where the text below it is content, it is what that text is cited by.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, HEADING, ITEM, ROLE
from parsers.scanner.page import ELEMENT, LAST, PARENT, START, STOP, WORD, WORDS, Page
from parsers.selection.rows import along_with

_NUMBER = re.compile(
    r"[\[(«\"]?(?:§+|art(?:icle|ikel|ículo|iculo|igo|icolo|ykuł)?\b\.?|sec(?:tion|ción|ção)?\b\.?|rule\b|reg(?:ulation)?\b\.?|clause\b|paragraph\b|paragraf\b|"
    r"stat(?:ья|тя)\b|стат(?:ья|тя)\b|ст\.|чл(?:ан|ен)?\b\.?|článek\b|čl\.|άρθρο\b|madde\b|pasal\b|điều\b|المادة|مادة|धारा|अनुच्छेद|第\s?[\d〇一二三四五六七八九十百千]+\s?条|제\s?\d+\s?조|\d{1,3}\.\d{1,3}\b(?![.:]))",
    re.IGNORECASE,
)
NUMBER_WORDS, TEXT_WORDS = 16 * WORD, 5 * WORD
_LEVELS = 3


def keep_article_numbers(page: Page, roles: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the short blocks right before a kept one that begin with the number of an article or
    a section and hold a digit or its sign, in a container with that text. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    before = kept[1:] & ~kept[:-1] & (blocks[1:, WORDS] >= TEXT_WORDS) & (blocks[:-1, WORDS] <= NUMBER_WORDS)
    rows = np.flatnonzero(before & (blocks[:-1, WORDS] > 0))
    if not len(rows):
        return kept
    found = []
    for row in rows[(roles[rows, ROLE] != CELL) & (roles[rows, ROLE] != ITEM)].tolist():
        start, stop = blocks[row, [START, STOP]].tolist()
        text = page.text[start:stop].tobytes().decode("utf-8", "replace")
        if (_NUMBER.match(text) and any(map(str.isdigit, text[:24]))) or text.startswith(("第", "§")):
            heads = roles[row, ROLE] == HEADING or not text[0].isdigit()
            if heads and roles[row + 1, ROLE] != HEADING and _beside(page, row):
                found.append(row)
    return along_with(kept, found)


def _beside(page: Page, row: int) -> bool:
    holder, other = (int(page.blocks[at, ELEMENT]) for at in (row, row + 1))
    for _ in range(_LEVELS):
        holder = max(int(page.elements[holder, PARENT]), 0)
    return holder <= other <= int(page.elements[holder, LAST])
