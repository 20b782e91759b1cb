"""What stands at the end of a paragraph and is no part of it: "Copy" on a button, "More..." that leads to the same in full below."""

from __future__ import annotations

import re

import numpy as np

from parsers.code_blocks.labels import is_label
from parsers.jit.byte_search import may_hold
from parsers.markup.names import TAG
from parsers.markup.tokens import plain_text
from parsers.scanner.edits import Edit
from parsers.scanner.page import CLOSE, END, INNER, LAST, OPEN, PARENT, TAG_, Page
from text.jit.options import kernel

_BUTTON, _A, _P = TAG["button"], TAG["a"], TAG["p"]
_MOST, _LONGEST = 100, 300  # ends of a page that are looked at; bytes of one
_BLANKS, _BEHIND = 4, 160  # bytes behind one, blank or of a sign
_BEFORE = 12  # bytes of a paragraph before it, at least
_LABEL = re.compile(
    r"(?:share|tweet|listen|print|play|pause|download|link|save|cite|edit|reply|quote|report|bookmark|pin it|email|teilen|drucken|"
    r"partager|imprimer|compartir|imprimir|condividi|stampa|поделиться|печать)",
    re.IGNORECASE,
)
_MORE, _INTO = (
    b"e...",
    re.compile(r"(?:more|mehr|suite|más|mais|altro|więcej|подробнее)\s?(?:\.\.\.|…)", re.IGNORECASE),
)
_SOURCE, _SIGNATURE = b"Source", re.compile(rb'<p class="src[\s"]')  # as Haddock writes it
_PLACE = re.compile(rb'\shref="[^"]*#')


def drop_loose_ends(markup: bytes, page: Page) -> list[Edit]:
    """What takes such ends out of ``markup`` (normal form, of which ``page`` is the scanner's)."""
    told = bool(page.tags[_A]) and (may_hold(page.text, _MORE) or may_hold(page.text, _SOURCE))
    if not (told or page.tags[_BUTTON]):
        return []
    edits = []
    for row in _ends(page.elements, told)[:_MOST].tolist():
        start, inner, close, stop = page.elements[row, [OPEN, INNER, CLOSE, END]].tolist()
        said = plain_text(markup[inner:close].decode("utf-8", "replace")).strip()
        source = (
            said == "Source"
            and _SIGNATURE.match(markup, int(page.elements[page.elements[row, PARENT], OPEN])) is not None
        )
        if page.elements[page.elements[row, PARENT], CLOSE] - stop > _BLANKS and not source:
            continue
        if page.elements[row, TAG_] == _BUTTON:
            goes = is_label(said) or _LABEL.fullmatch(said) is not None
        else:
            goes = _INTO.fullmatch(said) is not None and _PLACE.search(markup, start, inner) is not None
            goes = goes or source
        if goes:
            edits.append(Edit(start, stop, b""))
    return edits


@kernel
def _ends(elements, told):
    """``int64[k]``: the buttons, and links where ``told``, that end a paragraph and hold no more than a label."""
    found = np.empty(_MOST, np.int64)
    count = 0
    for e in range(len(elements)):
        tag = elements[e, TAG_]
        if tag != _BUTTON and not (told and tag == _A):
            continue
        around = elements[e, PARENT]
        if around < 0 or elements[around, TAG_] != _P or elements[around, CLOSE] - elements[e, END] > _BEHIND:
            continue
        if elements[e, OPEN] - elements[around, INNER] < _BEFORE or elements[e, END] - elements[e, OPEN] > _LONGEST:
            continue
        # A link to the place itself may follow, which is a sign alone.
        if elements[e, LAST] + 1 < elements[around, LAST] or count == _MOST:
            continue
        found[count] = e
        count += 1
    return found[:count]
