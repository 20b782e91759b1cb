"""Sentences of a legal text in which it names itself: "You accept this privacy policy", "we use cookies".

Elsewhere such sentences are the page's machinery, and the classifier knows them as that. On a page whose title says that it is
a policy or terms they are the text: between the first and the last of its paragraphs none is left out.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, COMMENT, ROLE
from parsers.scanner.page import CONTROLS, ELEMENT, LAST, LINK_WORDS, PARENT, WORD, WORDS, Page

_TITLE = re.compile(
    r"(?:privacy|cookies?) (?:and cookies? |& cookies? )?(?:policy|policies|notice|statement)|terms (?:of (?:use|service|sale)|(?:and|&) conditions)|legal notice|acceptable use|user agreement|"
    r"datenschutz|nutzungsbedingung|geschäftsbedingung|privacybeleid|algemene voorwaarden|confidentialité|mentions légales|"
    r"conditions (?:générales|d.utilisation)|privacidad|privacidade|términos y condiciones|termos de uso|informativa|"
    r"termini e condizioni|prywatności|regulamin|конфиденциальност|пользовательское соглашение|integritetspolicy|personvern|"
    r"gizlilik|隐私|隱私|服务条款|プライバシー|利用規約|개인정보|이용약관|سياسة الخصوصية",
    re.IGNORECASE,
)
_LATIN_TITLE = re.compile(_TITLE.pattern)  # a search that heeds case takes a fraction of the time
_FEWEST = 150 * WORD  # words that are kept, at least
_SENTENCE = 8 * WORD  # of a block that comes back, at least
_MOST = 0.9  # of the kept words, in the element whose blocks are looked at
_LEVELS = 40


def keep_sentences(page: Page, roles: np.ndarray, title: str, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the sentences between the first and the last kept block of the innermost
    element that holds most of them, where the page's stated ``title`` is that of a legal text. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    if not (_LATIN_TITLE.search(title.lower()) if title.isascii() else _TITLE.search(title)):
        return kept
    blocks = page.blocks
    words = int(blocks[kept, WORDS].sum())
    if words < _FEWEST:
        return kept
    holders = np.maximum(blocks[:, ELEMENT], 0)
    # Of each element the kept words up to it: its own are a difference of two.
    totals = np.concatenate([[0], np.cumsum(np.bincount(holders[kept], blocks[kept, WORDS], len(page.elements)))])
    element = int(holders[kept][int(np.argmax(blocks[kept, WORDS]))])
    for _ in range(_LEVELS):
        last = int(page.elements[element, LAST])
        if totals[last + 1] - totals[element] >= _MOST * words or page.elements[element, PARENT] < 0:
            break
        element = int(page.elements[element, PARENT])
    inside = (holders >= element) & (holders <= page.elements[element, LAST])
    rows = np.flatnonzero(inside & kept)
    first, stop = int(rows[0]), int(rows[-1]) + 1
    between = inside & ~kept
    between[:first] = between[stop:] = False
    between &= (
        (blocks[:, WORDS] >= _SENTENCE) & (2 * blocks[:, LINK_WORDS] < blocks[:, WORDS]) & (blocks[:, CONTROLS] == 0)
    )
    between &= (roles[:, ROLE] != CELL) & (roles[:, ROLE] != COMMENT)
    return kept | between if between.any() else kept
