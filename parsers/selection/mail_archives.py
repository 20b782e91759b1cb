"""Archives of mailing lists that show a message as it was sent: the text around it is preformatted as well.

Such a page is a row of ``pre`` elements: links of the archive, the message with its header, an overview of the thread,
how to reply. To the classifier all of them are code or plain text.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.inline_text import InlineText
from parsers.scanner.page import CODE_BLOCK, CODE_BLOCKS, KIND, LINKS, Page

_HEADER = re.compile(
    r"^[ \t]*(?:From|To|Cc|Subject|Date|Message-I[dD]|In-Reply-To|References|Newsgroups|Reply-To):[ \t]",
    re.MULTILINE,
)
_HEADERS = 3  # lines of a header that a message begins with
_BEGINNING = 1_000  # characters of a block that may hold its header
_BLOCKS = 100  # looked at, at most


def drop_around_mails(page: Page, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the preformatted blocks that have links and no header of a mail, where
    another one begins with such a header. Time is linear in the page."""
    if not page.signs & CODE_BLOCKS:
        return kept
    rows = np.flatnonzero(kept & (page.blocks[:, KIND] == CODE_BLOCK))
    if not 2 <= len(rows) <= _BLOCKS or b"Subject: " not in markup or b"From: " not in markup:
        return kept
    texts = InlineText(markup, page)
    mails = np.array([len(_HEADER.findall(texts.block_text(row)[:_BEGINNING])) >= _HEADERS for row in rows.tolist()])
    if not mails.any():
        return kept
    left = kept.copy()
    left[rows[~mails & (page.blocks[rows, LINKS] > 0)]] = False
    return left
